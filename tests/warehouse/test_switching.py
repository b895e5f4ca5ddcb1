"""What readers see while releases are switched under them: one release a statement, no error, never an empty table."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from warehouse_lakes import FULL, Said

from fieldhouse.errors import TemporaryError

SWITCHES = 200 if FULL else 20
READERS = 8
TABLES = ("core.team", "football.standing", "football.goal")


@pytest.fixture
def two(shelf, teams, standing, changed, database):
    """A warehouse with two releases that differ in every table: how many rows each has is how many the other has not."""
    goal = Said({"goal_id": "string"}, ["goal_id"], {"": [("g",)]})
    shelf.publish(core__team=teams, football__standing=standing, football__goal=goal)
    shelf.publish(
        core__team=changed(teams, "", [("a", "A", None), ("b", "B", None)]),
        football__standing=changed(standing, "2000", [("2000-01", "a", 8, None), ("2000-01", "b", 8, None)]),
        football__goal=changed(goal, "", [("g",), ("h",)]),
    )
    shelf.load(1)
    shelf.load(2)
    return shelf


#: Rows of the three tables in release 1, and in release 2.
SEEN = {1: (3, 6, 1), 2: (2, 7, 2)}


def read(url: str, stop: threading.Event, seed: int, views: Sequence[str]) -> tuple[int, list[object]]:
    """Read all three tables in one statement, in any order and kind, until told to stop; reads, and what was wrong."""
    wrong: list[object] = []
    chance = random.Random(seed)
    reads = 0
    with psycopg.connect(url, autocommit=True) as con:
        while not stop.is_set():
            order = chance.sample(range(3), 3)
            counts = ", ".join(f"(SELECT count(*) FROM {views[n]})" for n in order)
            query = f"SELECT (SELECT number FROM fieldhouse.current_release), {counts}"
            try:
                # Half of them as prepared statements, whose plans outlive a switch.
                number, *found = con.execute(query.encode(), prepare=chance.random() < 0.5).fetchone()
            except psycopg.Error as error:
                wrong.append(repr(error))
                continue
            reads += 1
            time.sleep(chance.uniform(0, 0.002))
            if tuple(found) != tuple(SEEN[number][n] for n in order):
                wrong.append((number, order, found))
    return reads, wrong


def under_readers(url: str, what: Callable[[], None], views: Sequence[str] = TABLES) -> int:
    """Do something while readers read; how many reads there were, none of them wrong."""
    stop = threading.Event()
    with ThreadPoolExecutor(READERS) as pool:
        running = [pool.submit(read, url, stop, seed, views) for seed in range(READERS)]
        try:
            what()
        finally:
            stop.set()
        done = [future.result() for future in running]
    assert [wrong for _, wrong in done if wrong] == []
    return sum(reads for reads, _ in done)


def test_no_reader_sees_an_error_an_empty_table_or_two_releases(two, database):
    def switch_to_and_fro() -> None:
        for number in itertools.islice(itertools.cycle((1, 2)), SWITCHES):
            assert two.load(number).counts["switched"] == 1

    assert under_readers(database.url, switch_to_and_fro) > SWITCHES


def test_nor_does_one_who_reads_through_views_of_their_own(two, database):
    own = [f"own.{table.replace('.', '_')}" for table in TABLES]
    database.sql("CREATE SCHEMA own")
    for view, table in zip(own, TABLES, strict=True):
        database.sql(f"CREATE VIEW {view} AS SELECT * FROM {table}")

    def switch_to_and_fro() -> None:
        for number in itertools.islice(itertools.cycle((1, 2)), SWITCHES // 5):
            two.load(number)

    assert under_readers(database.url, switch_to_and_fro, own) > SWITCHES // 5


def test_a_reader_that_holds_views_holds_the_switch_up_and_is_left_alone(two, database, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE_PATIENCE", "1.5")
    with psycopg.connect(database.url) as reader:
        reader.execute("SELECT count(*) FROM core.team")  # a transaction that stays open
        with pytest.raises(TemporaryError, match=r"readers have held the views for 1\.5 s: process [0-9]+ of postgres"):
            two.load(1)
        # It can go on, with other views, too: the switch let go of them, and waits for none.
        assert reader.execute("SELECT count(*) FROM football.standing").fetchone() == (7,)
    assert two.load(1).counts["switched"] == 1


def test_two_readers_who_lock_crosswise_are_no_deadlock(two, database):
    """Each transaction takes one view, waits, and then takes another, while the switch wants both."""
    stop, wrong = threading.Event(), []

    def cross(first: str, second: str) -> None:
        with psycopg.connect(database.url) as con:
            while not stop.is_set():
                try:
                    con.execute(f"SELECT count(*) FROM {first}".encode())
                    time.sleep(0.05)
                    con.execute(f"SELECT count(*) FROM {second}".encode())
                    con.commit()
                    time.sleep(0.1)
                except psycopg.Error as error:
                    wrong.append(repr(error))
                    con.rollback()

    with ThreadPoolExecutor(2) as pool:
        for pair in (TABLES[:2], TABLES[1::-1]):
            pool.submit(cross, *pair)
        for number in (1, 2, 1, 2):
            assert two.load(number).counts["switched"] == 1
        stop.set()
    assert wrong == []


def test_an_older_snapshot_reads_its_release_by_its_schema(two, database):
    """Views show what was loaded after a REPEATABLE READ transaction began; its release stays whole under `r<N>`."""
    with psycopg.connect(database.url) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        (number,) = reader.execute("SELECT number FROM fieldhouse.current_release").fetchone()
        two.load(1)
        again = reader.execute("SELECT number FROM fieldhouse.current_release").fetchone()
        rows = [
            reader.execute(f"SELECT count(*) FROM r{number}.{table.replace('.', '_')}".encode()).fetchone()[0]
            for table in TABLES
        ]
        through_views = reader.execute("SELECT count(*) FROM core.team").fetchone()[0]
    assert (number, again, tuple(rows)) == (2, (2,), SEEN[2])
    assert through_views == SEEN[1][0]  # which is why such a transaction reads r<N>
    assert database.one("SELECT number FROM fieldhouse.current_release") == 1
