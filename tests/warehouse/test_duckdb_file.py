"""A file of DuckDB as warehouse: the same views, without a server."""

import subprocess
import sys
from dataclasses import replace

import pytest

from fieldhouse.errors import DataError, TemporaryError, UsageError
from fieldhouse.stages import warehouse


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where the warehouse will be."""
    path = tmp_path / "sports.duckdb"
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", f"duckdb:///{path}")
    return path


def sql(file, query: str) -> list[tuple]:
    import duckdb

    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(query).fetchall()


def test_views_show_the_rows_of_the_release(file, shelf, teams, standing):
    shelf.publish(core__team=teams, football__standing=standing)
    receipt = shelf.load()
    assert dict(receipt.counts) == {"release": 1, "sent": 9, "copied": 0, "switched": 1, "pruned": 0}
    assert sql(file, "SELECT names FROM core.team ORDER BY team_id") == [(["Ajax", 'the "A"'],), ([],), (None,)]
    assert sql(file, "SELECT sum(points) FROM football.standing") == [(26,)]
    assert sql(file, "SELECT number FROM fieldhouse.current_release") == [(1,)]
    comment = "SELECT comment FROM duckdb_columns() WHERE table_name = 'football_standing' AND column_name = 'points'"
    assert sql(file, comment) == [("The points. Unit: goals.",)]
    assert shelf.load().remembered


def test_the_last_two_releases_stay_and_one_can_go_back(file, shelf, teams, changed):
    for name in "xyz":
        shelf.publish(core__team=changed(teams, "", [(name, name, None)]))
    assert [shelf.load(number).counts["pruned"] for number in (1, 2, 3)] == [0, 0, 1]
    assert sql(file, "SELECT number FROM fieldhouse.release ORDER BY 1") == [(2,), (3,)]
    assert shelf.load(2).counts["sent"] == 0
    assert sql(file, "SELECT team_id FROM core.team") == [("y",)]


def test_new_columns_come_last_and_breaking_ones_beside(file, shelf, teams):
    shelf.publish(core__team=teams)
    rows = {"": [("a", 1, "Ajax", None)]}
    wider = replace(
        teams, columns={"team_id": "string", "won": "int32", **dict(list(teams.columns.items())[1:])}, rows=rows
    )
    shelf.publish(core__team=wider)
    shelf.publish(core__team=replace(wider, version="2.0.0"))
    for number in (1, 2, 3):
        shelf.load(number)
    assert sql(file, "SELECT * FROM core.team") == [("a", "Ajax", None, 1)]
    assert sql(file, "SELECT * FROM core.team_v2") == [("a", 1, "Ajax", None)]
    assert sql(file, "SELECT name, release, retired IS NULL FROM fieldhouse.view ORDER BY 1") == [
        ("core.team", 2, False), ("core.team_v2", 3, True),
    ]  # fmt: skip


def test_a_file_that_somebody_has_open_is_a_reason_to_try_again(file, shelf, teams):
    shelf.publish(core__team=teams)
    shelf.load()
    shelf.publish(core__team=replace(teams, rows={}))
    code = "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout.readline() == b"open\n"
        with pytest.raises(TemporaryError, match="is open elsewhere"):
            shelf.load()
        reader.communicate(b"\n")
    assert shelf.load().counts["switched"] == 1


def test_another_lakes_release_is_refused(file, shelf, teams, tmp_path):
    import duckdb

    shelf.publish(core__team=teams)
    shelf.load()
    with duckdb.connect(str(file)) as con:
        con.execute("UPDATE fieldhouse.release SET content = 'other'")
    with pytest.raises(DataError, match="holds another release 1"):
        shelf.load()


def test_it_has_no_status_and_no_prune_of_its_own(file):
    for verb in (warehouse.status, warehouse.prune):
        with pytest.raises(UsageError, match="each load prunes it"):
            verb()
