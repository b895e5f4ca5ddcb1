"""fh.sql: every dataset of the release is a table; a query can read the release and nothing else."""

from decimal import Decimal
from pathlib import Path

import pytest

import fieldhouse as fh


def rows(query: str, **asked: object) -> list[dict[str, object]]:
    return fh.sql(query, engine="arrow", **asked).to_pylist()


def test_datasets_are_tables_that_join() -> None:
    found = rows(
        "SELECT t.name, s.points FROM football.standing s JOIN core.team t USING (team_id)"
        " WHERE s.season = '2008-09' AND s.competition = 'en.1' ORDER BY points"
    )
    assert found == [{"name": "T1", "points": 1}, {"name": "T2", "points": 2}]


def test_names_are_found_in_every_spelling() -> None:
    for table in ("core.team", "CORE.Team", '"core"."team"', "core . team"):
        assert rows(f"SELECT count(*) AS n FROM {table}") == [{"n": 2}]


def test_origins_are_tables_of_their_own() -> None:
    assert rows("SELECT source FROM core.team_origin") == [{"source": "openfootball"}]


def test_a_dataset_without_rows_can_be_asked() -> None:
    assert rows("SELECT count(*) AS n, max(minute) AS m FROM football.goal") == [{"n": 0, "m": None}]


def test_lists_decimals_dates_and_sums_arrive_as_what_they_are() -> None:
    found = rows(
        "SELECT count(*) FILTER (list_contains(sources, 'b')) AS n, 1.5 AS d, max(date)::VARCHAR AS last,"
        " sum(home_goals) AS goals, list(DISTINCT season ORDER BY season) AS seasons FROM football.match_wide"
    )
    assert found == [
        {"n": 4, "d": Decimal("1.5"), "last": "2010-08-14", "goals": 7, "seasons": ["2009-10", "2010", "2010-11"]}
    ]
    assert isinstance(found[0]["goals"], int)


def test_pandas_gets_no_floats_for_whole_numbers_and_no_objects_for_decimals() -> None:
    frame = fh.sql("SELECT sum(home_goals) AS s, 1.5 AS d, home_goals AS g FROM football.match_wide GROUP BY g")
    assert (frame["s"].dtype, frame["d"].dtype, frame["g"].dtype) == ("Int64", "float64", "Int32")


def test_sums_beyond_64_bits_stay_decimals() -> None:
    assert rows("SELECT sum(x) AS s FROM (VALUES (9223372036854775807::HUGEINT * 10)) t(x)") == [
        {"s": Decimal(92233720368547758070)}
    ]


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_every_engine_answers(engine: str) -> None:
    found = fh.sql("SELECT name FROM core.team ORDER BY name", engine=engine)
    names = [row[0] for row in found.fetchall()] if engine == "duckdb" else list(found["name"])
    assert names == ["T1", "T2"]


@pytest.mark.parametrize(
    "query",
    [
        "FROM core.team",
        "WITH x AS (FROM core.team) SELECT * FROM x",
        "DESCRIBE core.team",
        "PIVOT core.team ON sport USING count(*)",
    ],
)
def test_queries_of_every_kind_are_answered(query: str) -> None:
    assert len(rows(query)) > 0


def test_a_release_is_pinned_by_its_number() -> None:
    assert rows("SELECT count(*) AS n FROM football.standing", release=1) == [{"n": 2}]


def test_only_what_the_query_names_is_opened(read_parts: list[str]) -> None:
    rows("SELECT count(*) FROM core.team")
    assert {name.split("/")[1] for name in read_parts} == {"core.team"}


def test_instants_are_utc_whatever_the_machine_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert rows("SELECT kickoff_utc::VARCHAR AS k FROM football.match_wide WHERE kickoff_utc IS NOT NULL") == [
        {"k": "2009-08-15 14:00:00+00"}
    ]


WRONG = {
    "table": ("SELECT * FROM football.standng", fh.NotFound, "'football.standng'; the nearest is 'football.standing'"),
    "domain": ("SELECT * FROM fotball.standing", fh.NotFound, "the nearest is 'football.standing'"),
    "no domain": ("SELECT * FROM standing", fh.NotFound, "the nearest is 'football.standing'"),
    "column": (
        "SELECT pionts FROM football.standing",
        fh.NotFound,
        "football.standing has no column 'pionts'; .*'points'",
    ),
    "column of an alias": ("SELECT s.pionts FROM football.standing s", fh.NotFound, "the nearest is 'points'"),
    "syntax": ("SELECT * FORM core.team", fh.UsageError, "not understood"),
    "function": ("SELECT nosuch(1)", fh.UsageError, "nosuch"),
    "value": ("SELECT 'x'::INTEGER", fh.UsageError, "Could not convert"),
    "nothing": ("", fh.UsageError, "one query is expected"),
    "two": ("SELECT 1; SELECT 2", fh.UsageError, "not 2 statements"),
    "no text": (None, fh.UsageError, "text of SQL"),
    "variable of the caller": ("SELECT * FROM mine", fh.NotFound, "no table 'mine'"),
}


@pytest.mark.parametrize(("query", "error", "message"), WRONG.values(), ids=WRONG)
def test_the_error_says_what_to_do(query: str, error: type[Exception], message: str) -> None:
    mine = fh.load("core.team")
    assert len(mine) == 2
    with pytest.raises(error, match=message) as caught:
        fh.sql(query)
    if error is fh.NotFound:
        assert "fh.datasets()" in str(caught.value)


def test_a_query_cannot_write_attach_or_set_anything(tmp_path: Path, lake: Path) -> None:
    out = tmp_path / "out.csv"
    part = next(lake.glob("parts/core.team/*.parquet"))
    before = part.read_bytes()
    for query in (
        f"COPY (SELECT 1) TO '{out}'",
        f"COPY (SELECT 1) TO '{part}' (FORMAT parquet)",
        f"EXPLAIN ANALYZE COPY (SELECT name FROM core.team) TO '{part}' (FORMAT parquet)",
        f"ATTACH '{out}' AS x",
        f"EXPORT DATABASE '{out}'",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO core.team SELECT * FROM core.team",
        "DROP VIEW core.team",
        "SET enable_external_access = true",
        "PRAGMA enable_profiling",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CALL pragma_version()",
    ):
        with pytest.raises(fh.UsageError, match=r"is refused: a release is only read|statements"):
            fh.sql(query)
    assert not out.exists()
    assert part.read_bytes() == before


def test_a_query_cannot_read_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for source in (f"read_csv('{secret}')", f"read_text('{secret}')", f"glob('{tmp_path}/*')", f"'{secret}'"):
        with pytest.raises(fh.UsageError, match="can read release 2 and nothing else"):
            fh.sql(f"SELECT * FROM {source}, core.team")


def test_a_query_larger_than_memory_spills_to_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_MEMORY", "60MB")
    found = rows("SELECT count(*) AS n FROM (SELECT hash(i) AS h, i FROM range(3_000_000) r(i) ORDER BY h)")
    assert found == [{"n": 3_000_000}]
