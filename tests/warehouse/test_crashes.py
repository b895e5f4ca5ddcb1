"""Loaders that die, and loaders that meet: the release before stays whole, and the next load succeeds."""

import contextlib
import multiprocessing
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from warehouse_lakes import FULL, Said, load_in_process

from fieldhouse.errors import TemporaryError
from fieldhouse.stages.warehouse import session

KILLS = 30 if FULL else 4
CONTEXT = multiprocessing.get_context("forkserver")


def tables(seed: int, rows: int = 12000) -> dict[str, Said]:
    """Teams and league tables of three decades, of which one is new each time; enough rows that a load takes a while."""
    teams = Said({"team_id": "string", "name": "string"}, ["team_id"], {"": [(f"t{n}", "T") for n in range(rows)]})
    standing = {
        decade: [(f"{decade[:3]}0-01", f"t{n}", seed if decade == "2010" else n) for n in range(rows)]
        for decade in ("1990", "2000", "2010")
    }
    columns = {"season": "string", "team_id": "string->core.team", "points": "int32"}
    return {"core__team": teams, "football__standing": Said(columns, ["season", "team_id"], standing)}


def whole(database, rows: int = 12000) -> int:
    """The release that is shown, once it is found to have all its rows, by its views and by its schema."""
    number = database.one("SELECT number FROM fieldhouse.current_release")
    for standing, team in (
        ("football.standing", "core.team"),
        (f"r{number}.football_standing", f"r{number}.core_team"),
    ):
        query = f"SELECT count(*), count(*) FILTER (WHERE season = '2010-01' AND points = {number}) FROM {standing}"
        assert database.sql(query) == [(3 * rows, rows)]
        assert database.one(f"SELECT count(*) FROM {team}") == rows
    return number


def test_a_loader_killed_at_any_moment_leaves_a_whole_release_and_the_next_load_succeeds(database, shelf):
    CONTEXT.set_forkserver_preload(["warehouse_lakes", "sqlalchemy", "psycopg", "pyarrow.csv", "pyarrow.parquet"])
    shelf.publish(**tables(1))
    began = time.monotonic()
    shelf.load()
    took = time.monotonic() - began
    chance, unfinished = random.Random("kills"), 0
    settings = {name: value for name, value in os.environ.items() if name.startswith("FIELDHOUSE_")}

    for kill in range(KILLS):
        before = len(shelf.published)
        number = shelf.publish(**tables(before + 1))
        receive, tell = CONTEXT.Pipe(duplex=False)
        loader = CONTEXT.Process(target=load_in_process, args=(shelf.store.url, settings, tell))
        loader.start()
        receive.recv()  # it begins
        if kill % 2:  # at any moment at all; else once it has begun to load
            time.sleep(chance.uniform(0, 1.2 * took))
        else:
            while loader.is_alive() and not database.one(
                f"SELECT count(*) FROM fieldhouse.release WHERE number = {number}"
            ):
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.3 * took))
        loader.kill()
        loader.join()
        assert whole(database) in (before, number)
        unfinished += database.one("SELECT count(*) FROM fieldhouse.release WHERE state = 'loading'")

        shelf.load()

        assert whole(database) == number
        left = database.sql("SELECT nspname FROM pg_namespace WHERE nspname ~ '^r[0-9]+$' ORDER BY length(nspname), 1")
        assert left == [(f"r{before}",), (f"r{number}",)]
    assert unfinished, "every loader was killed before or after its work: nothing was tried"


def test_two_loaders_at_once_one_waits_and_both_succeed(database, shelf):
    shelf.publish(**tables(1))
    shelf.publish(**tables(2))
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(shelf.load, (1, 2)))
    assert [receipt.counts["switched"] for receipt in receipts] == [1, 1]
    assert whole(database) in (1, 2)


def test_two_loaders_of_one_release_load_it_once(database, shelf):
    shelf.publish(**tables(1))
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(shelf.load, (1, 1)))
    assert sorted(receipt.counts["sent"] for receipt in receipts) == [0, 48000]
    assert sorted(receipt.remembered for receipt in receipts) == [False, True]


def test_a_loader_that_waits_too_long_says_so(database, shelf, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE_PATIENCE", "0.4")
    shelf.publish(**tables(1, rows=3))
    with psycopg.connect(database.url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [session.LOCK])
        with pytest.raises(TemporaryError, match="another loader has been at it"):
            shelf.load()
    assert shelf.load().counts["switched"] == 1


def test_what_a_dead_loader_left_running_is_ended(database, shelf):
    shelf.publish(**tables(1, rows=3))
    shelf.load()
    shelf.publish(**tables(2, rows=3))
    database.sql("INSERT INTO fieldhouse.release VALUES (2, 'half', now(), 'loading', '{}', now())")
    database.sql("CREATE SCHEMA r2 CREATE TABLE core_team (n int)")
    with psycopg.connect(database.url, application_name=session.HELPER) as helper:
        helper.execute("LOCK TABLE r2.core_team")
        receipt = shelf.load()
        with contextlib.suppress(psycopg.OperationalError):
            helper.execute("SELECT 1")
            pytest.fail("the helper still runs")
    assert {"note": "release 2 was half loaded: removed"} in receipt.notes
    assert database.one("SELECT count(*) FROM core.team") == 3
