"""A list of source ids becomes a list of entity ids: in its order, with a hole where nothing describes one."""

from dataclasses import replace

import pytest

from fieldhouse import contracts
from fieldhouse.stages.conform import references


@pytest.fixture
def resolved(con):
    """What resolving makes of lists of people, said as (source, list)."""
    known = contracts.load_all()
    people = replace(known["core.person"].columns[0], name="players", references="core.person", type="list<string>")
    contract = replace(known["core.venue"], columns=(known["core.venue"].columns[0], people), hidden=(), entity=None)
    con.execute(
        "INSERT INTO link VALUES ('person', 'one', 'a', 'a', 'E1', 'own', ''), ('person', 'one', 'b', 'b', 'E2', 'own', '')"
    )
    con.execute("INSERT INTO link VALUES ('person', 'two', 'a', 'a', 'E3', 'own', '')")

    def resolve(*rows):
        con.execute('CREATE TABLE claims."core.venue" (venue_id INTEGER, players VARCHAR[], _source VARCHAR)')
        for number, (source, said) in enumerate(rows):
            con.execute('INSERT INTO claims."core.venue" VALUES (?, ?, ?)', [number, said, source])
        references.resolve(con, contract, known)
        return [row for (row,) in con.execute('SELECT players FROM claims."core.venue" ORDER BY venue_id').fetchall()]

    return resolve


def test_lists_keep_their_order_and_what_stands_twice(resolved):
    assert resolved(("one", ["b", "a", "b"]), ("two", ["a"])) == [["E2", "E1", "E2"], ["E3"]]


def test_empty_lists_stay_empty_and_unknown_ones_unknown(resolved):
    assert resolved(("one", []), ("one", None), ("one", ["a"])) == [[], None, ["E1"]]


def test_whom_nothing_describes_leaves_a_hole_and_is_listed(resolved, con):
    assert resolved(("one", ["a", "x", "b"])) == [["E1", None, "E2"]]
    assert con.execute("SELECT kind, source, source_id, reason FROM unlinked").fetchall() == [
        ("person", "one", "x", references.DANGLING)
    ]
