"""fh.load: only what is asked for is read, rows come in the declared order, types survive in every engine."""

import datetime
from pathlib import Path

import pytest

import fieldhouse as fh

ORDER = ["m1", "m3", "m2", "m4", "m5"]


def ids(**asked: object) -> list[str]:
    found = fh.load("football.match_wide", columns=["match_id"], engine="arrow", **asked)
    return found["match_id"].to_pylist()


def test_rows_come_in_the_declared_order_across_parts() -> None:
    assert ids() == ORDER
    found = (
        fh.load("football.standing", engine="arrow").select(["competition", "season", "date", "position"]).to_pylist()
    )
    assert found == sorted(found, key=lambda row: list(row.values()))


@pytest.mark.parametrize("engine", ["pandas", "arrow", "polars", "duckdb"])
def test_every_engine_gives_the_same_rows(engine: str) -> None:
    found = fh.load("football.match_wide", columns=["match_id", "home_goals"], engine=engine)
    if engine == "pandas":
        rows = found.astype(object).where(found.notna(), None).to_dict("records")
    elif engine == "polars":
        rows = found.to_dicts()
    else:
        rows = (found.to_arrow_table() if engine == "duckdb" else found).to_pylist()
    assert rows == [{"match_id": m, "home_goals": g} for m, g in zip(ORDER, [2, 0, 4, None, 1], strict=True)]


def test_columns_come_in_the_order_asked_for() -> None:
    assert list(fh.load("football.match_wide", columns=["season", "date"]).columns) == ["season", "date"]
    assert list(fh.load("football.match_wide", columns="date").columns) == ["date"]


def test_pandas_types_keep_whole_numbers_whole_and_nulls_null() -> None:
    frame = fh.load("football.match_wide")
    assert frame["home_goals"].dtype == "Int32"
    assert frame["neutral"].dtype == "boolean"
    assert frame["date"].dtype == "datetime64[ms]"
    assert str(frame["kickoff_utc"].dtype) == "datetime64[us, UTC]"
    assert frame["home_team"].dtype == "str"
    assert frame["sources"].tolist()[1] == ["a", "b"]
    standing = fh.load("football.standing")
    assert standing["points"].dtype == "int32"


def test_a_dataset_without_rows_has_its_columns_and_types() -> None:
    frame = fh.load("football.goal")
    assert (len(frame), frame["minute"].dtype, frame["goal_no"].dtype, frame["own_goal"].dtype) == (
        0,
        "Int32",
        "int32",
        "bool",
    )
    assert fh.load("football.goal", engine="arrow").column_names == list(frame.columns)
    assert fh.load("football.goal", engine="polars").columns == list(frame.columns)
    assert fh.load("football.goal", engine="duckdb").columns == list(frame.columns)


@pytest.mark.parametrize(
    ("seasons", "expected"),
    [
        ("2010", ["m3", "m2"]),
        (2010, ["m3", "m2"]),
        (["2009-10", 2010], ["m1", "m3", "m2", "m4"]),
        (range(2010, 2011), ["m3", "m2"]),
        ({"2010-11"}, ["m5"]),
    ],
)
def test_seasons_are_labels_or_years_one_or_several(seasons: object, expected: list[str]) -> None:
    assert ids(seasons=seasons) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("home_goals > 1", ["m1", "m2"]),
        ("home_goals > 1 -- and no more", ["m1", "m2"]),
        ("list_contains(sources, 'b') AND season = '2010'", ["m3", "m2"]),
        ({"competition": "en.1"}, ["m1", "m4", "m5"]),
        ({"home_goals": [4, None]}, ["m2", "m4"]),
        ({"home_goals": None}, ["m4"]),
        ({"date": "2010-05-09", "competition": ["worldcup", "de.1"]}, ["m2"]),
        ({"date": datetime.date(2010, 5, 1)}, ["m3"]),
        ({"neutral": True}, ["m2", "m5"]),
        ({"kickoff_utc": "2009-08-15T15:00:00+01:00"}, ["m1"]),
        ({"season": ["2010", "2010-11"]}, ["m3", "m2", "m5"]),
        ({"home_team": "it's nobody"}, []),
    ],
)
def test_rows_are_chosen_by_sql_or_by_values(where: object, expected: list[str]) -> None:
    assert sorted(ids(where=where)) == sorted(expected)
    assert sorted(fh.scan("football.match_wide", where=where).collect()["match_id"].to_list()) == sorted(expected)


def test_seasons_and_where_must_both_hold() -> None:
    assert ids(seasons="2009-10", where={"season": ["2009-10", "2010"], "home_goals": 2}) == ["m1"]
    assert ids(seasons="2009-10", where="home_goals = 4 OR home_goals = 2") == ["m1"]
    assert ids(seasons="2009-10", where={"season": "2010"}) == []


def test_only_parts_that_can_hold_the_season_are_read(read_parts: list[str]) -> None:
    newest = fh.consume.opened.open_release().table("football.match_wide").parts
    assert len(newest) == 2
    fh.load("football.match_wide", seasons="2009-10")
    assert set(read_parts) == {newest[0].path}
    read_parts.clear()
    fh.load("football.match_wide", where={"date": "2010-08-14"})
    assert set(read_parts) == {newest[1].path}
    read_parts.clear()
    assert fh.load("football.match_wide", where={"date": "1999-01-01"}).empty
    assert read_parts == []


def test_a_release_is_pinned_by_its_number() -> None:
    assert len(fh.load("football.standing", release=1)) == 2
    assert len(fh.load("football.standing", release=2)) == len(fh.load("football.standing")) == 8


def test_the_lake_is_a_path_or_its_text(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIELDHOUSE_LAKE")
    assert len(fh.load("core.team", lake=lake)) == len(fh.load("core.team", lake=str(lake))) == 2


def test_a_relation_meets_the_callers_other_relations() -> None:
    import duckdb

    teams = fh.load("core.team", engine="duckdb")
    assert teams is not None
    assert duckdb.sql("SELECT count(*) FROM teams").fetchall() == [(2,)]


def test_scan_reads_nothing_before_it_is_asked_to() -> None:
    import polars as pl

    lazy = fh.scan("football.standing", columns=["team", "points"], seasons="2008-09")
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.filter(pl.col("points") == 2).collect().to_dicts() == [{"team": "T2", "points": 2}] * 2
    relation = fh.scan("football.standing", seasons="2008-09", engine="duckdb")
    assert relation.aggregate("sum(points) AS points").fetchall() == [(6,)]
