"""`ls`, `describe`, `load` and `sql`: tables on the screen, JSON, files."""

import csv
import io
import json
from pathlib import Path

import pytest


def test_ls_names_every_dataset_with_its_rows(lake, fieldhouse) -> None:
    found = fieldhouse("ls", "--lake", lake, "--json").json
    assert found["release"] == 1
    assert {d["name"]: d["rows"] for d in found["datasets"]}["football.match_wide"] == 2814


def test_ls_without_a_release_names_what_is_declared_and_says_so(tmp_path: Path, fieldhouse) -> None:
    done = fieldhouse("ls", "--lake", tmp_path / "none")
    assert done.code == 0
    assert "football.standing" in done.out
    assert "as declared, without rows" in done.err


def test_ls_of_a_release_that_is_not_there_is_an_error(lake, fieldhouse) -> None:
    assert fieldhouse("ls", "--lake", lake, "--release", 7).code == 64


def test_describe_tells_columns_and_their_meaning(lake, fieldhouse) -> None:
    assert "points_official" in fieldhouse("describe", "football.standing", "--lake", lake).out
    columns = fieldhouse("describe", "football.standing", "--lake", lake, "--json").json["columns"]
    assert {"name": "played", "unit": "matches"}.items() <= {c["name"]: c for c in columns}["played"].items()


def test_load_prints_some_rows_and_says_how_many_more_there_are(lake, fieldhouse) -> None:
    done = fieldhouse("load", "core.team", "--lake", lake, "--limit", 2)
    assert len(done.out.splitlines()) == 3
    assert "2 of 102 rows" in done.err


def test_load_cuts_no_column_in_a_pipe(lake, fieldhouse) -> None:
    head = fieldhouse("load", "football.match_wide", "--lake", lake, "--limit", 1).out.splitlines()[0]
    assert head.split()[-1] == "away_h2h_won_before"


def test_load_reads_only_the_columns_seasons_and_rows_asked_for(lake, fieldhouse) -> None:
    asked = ["--columns", "season,team,points", "--seasons", "2012-13,2013-14", "--where", "is_final AND points > 88"]
    found = fieldhouse("load", "football.standing", "--lake", lake, "--json", *asked).json
    assert [c["name"] for c in found["columns"]] == ["season", "team", "points"]
    assert {(row["season"], row["points"]) for row in found["rows"]} == {
        ("2012-13", 100),
        ("2012-13", 91),
        ("2012-13", 89),
        ("2013-14", 90),
    }


def test_json_has_all_rows_unless_a_limit_is_given(lake, fieldhouse) -> None:
    every = fieldhouse("load", "core.team", "--lake", lake, "--json").json
    some = fieldhouse("load", "core.team", "--lake", lake, "--json", "--limit", 5).json
    assert (len(every["rows"]), every["total"]) == (102, 102)
    assert (len(some["rows"]), some["total"]) == (5, 102)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json", "ndjson"])
def test_a_file_holds_all_rows_and_columns(lake, fieldhouse, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"teams.{suffix}"
    done = fieldhouse("load", "football.match_wide", "--lake", lake, "-o", file, "--json")
    assert done.json == {"file": str(file), "rows": 2814, "bytes": file.stat().st_size}
    rows = read(file)
    assert len(rows) == 2814
    assert {"date", "sources", "home_goals"} <= set(rows[0])


def read(file: Path) -> list[dict]:
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_table(file).to_pylist()
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(text)))
    return json.loads(text) if file.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


def test_a_dash_writes_csv_to_standard_output_and_nothing_else(lake, fieldhouse) -> None:
    done = fieldhouse("sql", "SELECT 1 AS one, ['a', 'b'] AS two, NULL AS three", "--lake", lake, "-o", "-")
    assert (done.code, done.out) == (0, '"one","two","three"\n1,"a|b",\n')


def test_a_file_that_is_there_is_kept_unless_forced(lake, fieldhouse, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("mine", encoding="utf-8")
    assert fieldhouse("sql", "SELECT 1", "--lake", lake, "-o", file).code == 64
    assert file.read_text(encoding="utf-8") == "mine"
    assert fieldhouse("sql", "SELECT 1 AS n", "--lake", lake, "-o", file, "--force").code == 0
    assert file.read_text(encoding="utf-8") == '"n"\n1\n'
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_in_no_folder_or_of_an_unknown_kind_is_refused_before_anything_is_read(
    fieldhouse, tmp_path: Path
) -> None:
    assert "how to write .xlsx" in fieldhouse("load", "x", "-o", tmp_path / "x.xlsx").err
    assert "there is no folder" in fieldhouse("load", "x", "-o", tmp_path / "no" / "x.csv").err


def test_sql_answers_over_datasets_in_json_without_surprises(lake, fieldhouse) -> None:
    query = (
        "SELECT count(*) AS n, sum(home_goals) AS goals, max(date) AS last, NULL AS x, 1 AS n FROM football.match_wide"
    )
    row = fieldhouse("sql", query, "--lake", lake, "--json").json["rows"][0]
    assert row["n"] == 2814
    assert isinstance(row["goals"], int)
    assert (row["last"], row["x"], row["n_2"]) == ("2015-05-24", None, 1)


def test_sql_reads_a_query_from_standard_input(lake, fieldhouse, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 2 AS two"))
    assert fieldhouse("sql", "-", "--lake", lake, "--json").json["rows"] == [{"two": 2}]


def test_a_hint_is_told_as_a_verb_not_as_python(lake, fieldhouse) -> None:
    assert "`fieldhouse ls`" in fieldhouse("load", "football.standng", "--lake", lake).err
    assert "`fieldhouse describe core.team`" in fieldhouse("load", "core.team", "--columns", "nme", "--lake", lake).err
