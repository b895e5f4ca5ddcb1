"""Which releases stay in the warehouse, and what keeps the others there."""

import psycopg
import pytest
from warehouse_lakes import Said

from fieldhouse.errors import UsageError
from fieldhouse.stages import warehouse


@pytest.fixture
def four(database, shelf, teams, standing):
    """A warehouse into which four releases were loaded, one after the other."""
    for n in range(4):
        shelf.publish(
            core__team=teams, football__standing=standing, core__venue=Said({"n": "int32"}, ["n"], {"": [(n,)]})
        )
    return shelf


def held(database) -> list[int]:
    """The releases in the books, which are those that have a schema."""
    numbers = [number for (number,) in database.sql("SELECT number FROM fieldhouse.release ORDER BY 1")]
    schemas = database.sql("SELECT nspname FROM pg_namespace WHERE nspname ~ '^r[0-9]+$' ORDER BY 1")
    assert [f"r{number}" for number in numbers] == [name for (name,) in schemas]
    return numbers


def test_the_last_two_stay(database, four):
    pruned = [four.load(number).counts["pruned"] for number in (1, 2, 3, 4)]
    assert (pruned, held(database)) == ([0, 0, 1, 1], [3, 4])


def test_what_a_user_has_built_on_an_old_release_keeps_it_and_is_named(database, four):
    four.load(1)
    database.sql("CREATE SCHEMA ann")
    database.sql("CREATE VIEW ann.mine AS SELECT count(*) FROM r1.football_standing")
    four.load(2)
    receipt = four.load(3)
    note = "release 1 stays: view ann.mine depends on table r1.football_standing"
    assert receipt.counts["pruned"] == 0
    assert {"note": note} in receipt.notes
    assert database.one("SELECT count FROM ann.mine") == 6

    database.sql("DROP VIEW ann.mine")
    four.load(4)
    assert held(database) == [3, 4]


def test_a_reader_of_an_old_release_is_not_made_to_wait(database, four):
    four.load(1)
    four.load(2)
    with psycopg.connect(database.url) as reader:
        reader.execute("SELECT count(*) FROM r1.core_team")
        receipt = four.load(3)
        assert {"note": "release 1 stays: somebody reads it; the next prune tries again"} in receipt.notes
        assert reader.execute("SELECT count(*) FROM r1.football_standing").fetchone() == (6,)
    assert warehouse.prune().releases == (1,)


def test_a_dry_run_says_what_would_go_and_lets_it_stay(database, four):
    for number in (1, 2):
        four.load(number)
    assert warehouse.prune(1, dry_run=True).releases == (1,)
    assert held(database) == [1, 2]
    assert warehouse.prune(1).releases == (1,)
    assert held(database) == [2]


def test_what_readers_see_always_stays(database, four):
    four.load(1)
    with pytest.raises(UsageError, match="at least the one that readers see stays"):
        warehouse.prune(0)


def test_a_release_that_is_loaded_and_waits_for_its_switch_stays(database, four):
    four.load(1)
    four.load(2)
    database.sql("UPDATE fieldhouse.release SET shown = NULL WHERE number = 2")
    assert warehouse.prune(1).releases == ()
    assert held(database) == [1, 2]
