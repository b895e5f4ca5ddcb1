"""quality/acceptances.toml: a failure that is accepted does not stop, and is told; the file itself is checked."""

import pytest

from fieldhouse.errors import ConfigurationError, DataError
from fieldhouse.stages import audit

ACCEPTED = """
[[accept]]
dataset = "play.game"
column = "goals"
check = "range"
reason = "Records say so, too: a cup match of 1885."
who = "steward"
expires = {expires}
"""
TALLIES = """
[[accept]]
dataset = "play.tally"
check = "tallies_add_up"
key = {{ club_id = "{club}" }}
reason = "Follows from the same match."
who = "steward"
expires = 2026-12-31
"""
FILE = "quality/acceptances.toml"


@pytest.fixture
def wrong(world):
    """A world in which one game has more goals than may be: two checks fail."""
    world.rows["play.game"][0] = {**world.rows["play.game"][0], "goals": 25}
    return world


def test_what_is_accepted_does_not_stop_and_is_told(wrong):
    wrong.declare(FILE, ACCEPTED.format(expires="2026-12-31") + TALLIES.format(club="a"))
    receipt = wrong.audit()
    assert {n: receipt.counts[n] for n in ("failed", "warnings", "accepted")} == {
        "failed": 0,
        "warnings": 0,
        "accepted": 2,
    }
    note = next(n for n in receipt.notes if n.get("rule") == "range")
    assert (note["state"], note["severity"], note["unexpected"]) == ("failed", "critical", 1)
    assert note["accepted"][0]["reason"] == "Records say so, too: a cup match of 1885."


def test_wrong_rows_beside_the_accepted_ones_stop(wrong):
    wrong.rows["play.game"][1] = {**wrong.rows["play.game"][1], "goals": 4}
    wrong.declare(FILE, ACCEPTED.format(expires="2026-12-31") + TALLIES.format(club="a"))
    with pytest.raises(DataError) as caught:
        wrong.audit()
    assert "play.tally, tallies_add_up: The tallies are the sums of the games.\n    1 is wrong" in caught.value.message
    assert "club_id b, tallied 4, scored 7" in caught.value.message
    assert "range" not in caught.value.message


def test_an_acceptance_ends_on_its_day_by_the_time_that_the_run_pinned(wrong):
    wrong.declare(FILE, ACCEPTED.format(expires="2026-01-01") + TALLIES.format(club="a"))  # the run's own day
    with pytest.raises(DataError) as caught:
        wrong.audit()
    assert "play.game.goals, range" in caught.value.message
    assert "expired" not in caught.value.message
    from fieldhouse.lake import runs

    receipt = runs.receipt(wrong.store, "r1", "audit.play")
    assert any(
        "play.game.goals, range: its acceptance expired on 2026-01-01." in str(n.get("doc")) for n in receipt.notes
    )


def test_an_acceptance_that_accepts_nothing_is_told(world):
    world.declare(FILE, ACCEPTED.format(expires="2026-12-31"))
    receipt = world.audit()
    assert (receipt.counts["checks"], receipt.counts["warnings"]) == (36, 1)
    assert receipt.notes[0]["doc"] == "play.game.goals, range: it is accepted, and nothing fails any more."


def test_other_acceptances_are_another_audit_and_the_same_ones_are_not(wrong):
    wrong.declare(FILE, ACCEPTED.format(expires="2026-12-31") + TALLIES.format(club="a"))
    wrong.audit()
    assert audit.run(wrong.store, "play", "r1").remembered
    wrong.declare(FILE, TALLIES.format(club="a"))
    with pytest.raises(DataError):
        audit.run(wrong.store, "play", "r1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ACCEPTED.format(expires="2026-12-31").replace("play.game", "play.gane"), "there is no dataset 'play.gane'"),
        (ACCEPTED.format(expires="2026-12-31").replace('"range"', '"span"'), "there is no such check"),
        (ACCEPTED.format(expires="2026-12-31").replace('"goals"', '"side"'), "there is no such check"),
        (ACCEPTED.format(expires="2026-12-31").replace("who", "whom"), "the field 'who' is missing"),
        (ACCEPTED.format(expires='"soon"'), "expires is 'soon'"),
        (ACCEPTED.format(expires="2026-12-31") * 2, "is accepted twice"),
        (ACCEPTED.format(expires="2026-12-31").replace("steward", " "), "who is empty"),
        ("[accept]\n", "accept is {}"),
        ("accepted = []\n", "unknown field accepted"),
    ],
)
def test_a_file_that_says_nothing_true_is_refused(world, text, said):
    world.declare(FILE, text)
    with pytest.raises(ConfigurationError) as caught:
        world.audit()
    assert said in caught.value.message
    assert FILE in caught.value.message
