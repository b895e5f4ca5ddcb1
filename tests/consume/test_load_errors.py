"""What fh.load says when a name or a value is wrong: where, what was found, what comes nearest."""

import pytest

import fieldhouse as fh

PROBES = {
    "dataset": ({"name": "football.standng"}, fh.NotFound, "the nearest is 'football.standing'"),
    "dataset without its domain": ({"name": "standing"}, fh.NotFound, "the nearest is 'football.standing'"),
    "no dataset": ({"name": None}, fh.UsageError, "text such as 'football.standing'"),
    "column": ({"columns": ["poinst"]}, fh.NotFound, "the nearest is 'points'"),
    "column in where": ({"where": {"tem": "T1"}}, fh.NotFound, "the nearest is 'team'"),
    "column in SQL": ({"where": "tem = 'T1'"}, fh.NotFound, "the nearest is 'team'"),
    "no columns": ({"columns": []}, fh.UsageError, "columns is empty"),
    "column that is no text": ({"columns": [1]}, fh.UsageError, "not 1"),
    "season": ({"seasons": "2008-10"}, fh.NotFound, "the nearest is '2008-09'"),
    "season among others": (
        {"seasons": ["2008-09", "2012-13"]},
        fh.NotFound,
        "no season '2012-13'; the nearest is '2011-12'",
    ),
    "season of a wrong type": ({"seasons": 2008.5}, fh.UsageError, "a text is expected, not 2008.5"),
    "no seasons": ({"seasons": []}, fh.UsageError, "no value is given for season"),
    "seasons of a dataset without": (
        {"name": "core.team", "seasons": "2010"},
        fh.NotFound,
        "its columns are team_id, name",
    ),
    "release": ({"release": 7}, fh.NotFound, "no release 7; the nearest is 2"),
    "release that is no number": ({"release": "2"}, fh.UsageError, "not '2'"),
    "engine": ({"engine": "panda"}, fh.NotFound, "the nearest is 'pandas'"),
    "engine nothing is like": ({"engine": "excel"}, fh.NotFound, "one of pandas, arrow, polars, duckdb"),
    "value of a wrong type": (
        {"where": {"points": "many"}},
        fh.UsageError,
        "points is int32: a whole number is expected",
    ),
    "truth for a number": ({"where": {"points": True}}, fh.UsageError, "a whole number is expected, not True"),
    "date that is none": ({"where": {"date": "2010-02-30"}}, fh.UsageError, "not '2010-02-30'"),
    "no values": ({"where": {"points": []}}, fh.UsageError, "no value is given for points"),
    "where of a wrong type": ({"where": 3}, fh.UsageError, "an SQL condition or a mapping"),
    "list column": (
        {"name": "football.match_wide", "where": {"sources": "a"}},
        fh.UsageError,
        r"list_contains\(sources",
    ),
    "SQL that is none": ({"where": "points > > 1"}, fh.UsageError, "not understood"),
    "SQL of the wrong type": ({"where": "points > 'many'"}, fh.UsageError, "the SQL does not work"),
    "second statement": ({"where": "true); DROP TABLE x; SELECT (1"}, fh.UsageError, "one query is expected, not 3"),
    "file in SQL": ({"where": "team IN (SELECT * FROM read_text('/etc/hosts'))"}, fh.UsageError, "and nothing else"),
    "lake of a wrong type": ({"lake": 3}, fh.UsageError, "a folder or a URL"),
    "lake of an unknown kind": ({"lake": "ftp://x/y"}, fh.UsageError, "a lake is a folder"),
}


@pytest.mark.parametrize(("asked", "error", "message"), PROBES.values(), ids=PROBES)
def test_the_error_says_what_to_do(asked: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fh.load(**{"name": "football.standing", **asked})


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_lazy_engines_refuse_other_files_as_well(engine: str) -> None:
    with pytest.raises(fh.UsageError, match="and nothing else"):
        fh.scan("core.team", where="name IN (SELECT * FROM read_text('/etc/hosts'))", engine=engine)


def test_a_folder_that_is_no_lake_is_unavailable_and_says_the_next_step(tmp_path) -> None:
    with pytest.raises(fh.UnavailableError, match="fieldhouse demo"):
        fh.load("core.team", lake=tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_lake_without_a_release_says_how_to_make_one(tmp_path) -> None:
    (tmp_path / "landings").mkdir()
    with pytest.raises(fh.NotFound, match="no release yet"):
        fh.datasets(lake=tmp_path)


def test_scan_knows_only_lazy_engines() -> None:
    with pytest.raises(fh.NotFound, match="one of polars, duckdb"):
        fh.scan("core.team", engine="pandas")


def test_every_error_is_one_of_fieldhouse_with_an_exit_code() -> None:
    with pytest.raises(fh.FieldhouseError) as caught:
        fh.load("core.teams")
    assert (caught.value.exit, caught.value.hint) == (64, "`fh.datasets()` lists all datasets")
