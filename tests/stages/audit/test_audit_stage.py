"""The stage: what passes, what refuses and how it says so, what is remembered, what is stored."""

import json

import pytest

from fieldhouse.errors import DataError, NotFound
from fieldhouse.lake import runs
from fieldhouse.stages import audit


def document(world, receipt) -> dict:
    """The stored document that a receipt names."""
    path = next(note["document"] for note in receipt.notes if "document" in note)
    return json.loads(world.store.get(path))


def refused(world) -> DataError:
    """How the audit refuses."""
    with pytest.raises(DataError) as caught:
        world.audit()
    return caught.value


def test_what_holds_passes_and_is_counted(world):
    receipt = world.audit()
    assert receipt.task == "audit.play"
    assert receipt.counts == {"checks": 35, "passed": 35, "failed": 0, "warnings": 0, "errors": 0}
    assert [set(note) for note in receipt.notes] == [{"document"}]


def test_the_document_is_the_librarys_own(world):
    found = document(world, world.audit())
    assert [suite["name"] for suite in found["suites"]] == ["play.club", "play.game", "play.tally"]
    result = found["results"][0]["results"][0]
    assert set(result) == {"success", "expectation_config", "result", "meta", "exception_info"}
    assert set(result["expectation_config"]) == {"type", "kwargs", "severity", "description", "meta"}
    assert result["expectation_config"]["meta"] == {"dataset": "play.club", "column": "", "rule": "columns"}
    assert found["results"][0]["statistics"]["success_percent"] == 100.0


def test_every_promise_of_a_contract_is_a_check(world):
    found = document(world, world.audit())["suites"]
    rules = {(e["meta"]["dataset"], e["meta"]["rule"], e["meta"]["column"]) for s in found for e in s["expectations"]}
    game = {(rule, column) for dataset, rule, column in rules if dataset == "play.game"}
    assert game == {
        ("columns", ""),
        ("not_empty", ""),
        ("grain", ""),
        ("origin", ""),
        ("reference", "club_id"),
        ("range", "goals"),
        ("values", "side"),
        *(("type", c) for c in ("game_id", "club_id", "day", "goals", "side")),
        *(("not_null", c) for c in ("game_id", "club_id", "day")),
    }
    assert ("play.club", "pattern", "name") in rules


GAME = {"game_id": "3", "club_id": "a", "day": "2001-01-02", "goals": 0, "side": "home"}
SEEDED = {
    "grain": ("play.game", {**GAME, "game_id": "1"}, 2),
    "reference": ("play.game", {**GAME, "club_id": "z"}, 1),
    "not_null": ("play.game", {**GAME, "day": None}, 1),
    "range": ("play.game", {**GAME, "goals": 21}, 1),
    "values": ("play.game", {**GAME, "side": "left"}, 1),
    "pattern": ("play.club", {"club_id": "c", "name": "celtic"}, 1),
    "tallies_add_up": ("play.game", {**GAME, "goals": 4}, 1),
}


@pytest.mark.parametrize("rule", SEEDED)
def test_what_is_seeded_is_found(world, rule):
    dataset, row, wrong = SEEDED[rule]
    world.rows[dataset].append(row)
    error = refused(world)
    receipt = runs.receipt(world.store, "r1", "audit.play")
    note = next(note for note in receipt.notes if note.get("rule") == rule)
    assert (note["state"], note["unexpected"]) == ("failed", wrong)
    assert rule in error.message
    assert receipt.counts["failed"] >= 1


def test_a_row_without_origin_is_found(world):
    world.untraced = ("b",)
    message = refused(world).message
    assert "play.club, origin: Every row leads back to raw records.\n    1 is wrong, first:\n      club_id b" in message


def test_a_dataset_without_any_origin_is_found(world):
    world.untraced = ("a", "b")
    message = refused(world).message
    assert "play.club, origin: Every row leads back to raw records.\n    2 are wrong" in message


def test_a_refusal_says_what_to_look_at(world):
    world.rows["play.game"][0] = {**world.rows["play.game"][0], "goals": 25}
    error = refused(world)
    head, path = str(error).rsplit(" ", 1)
    assert head == (
        "the audit of play refuses: 2 of 35 checks failed; nothing is published\n"
        "  play.game.goals, range: It lies between 0 and 20.\n"
        "    1 is wrong, first:\n"
        "      game_id 1, club_id a, goals 25\n"
        "  play.tally, tallies_add_up: The tallies are the sums of the games.\n"
        "    1 is wrong, first:\n"
        "      club_id a, tallied 2, scored 25\n"
        "  → `fieldhouse trace play.game '1|a'` shows the raw records; all verdicts stand in the lake's"
    )
    assert world.store.find(path)


def test_a_warning_is_told_and_does_not_refuse(world):
    world.rows["play.club"].append({"club_id": "c", "name": "Ajax"})
    receipt = world.audit()
    assert (receipt.counts["warnings"], receipt.counts["failed"]) == (1, 0)
    note = receipt.notes[0]
    assert (note["rule"], note["severity"], note["unexpected"]) == ("names_are_unique", "warning", 2)
    assert note["keys"] == ["club_id a, name Ajax", "club_id c, name Ajax"]
    assert note["trace"] == ["fieldhouse trace play.club 'a'", "fieldhouse trace play.club 'c'"]


BROKEN = '''
from fieldhouse.stages.audit.checks import check, no_rows


@check("play.club", severity="warning")
def broken():
    """It runs."""
    yield no_rows("SELECT nothing FROM {batch}")
'''


def test_what_cannot_be_run_is_an_error_and_is_tried_again(world):
    world.declare("quality/play.py", BROKEN)
    error = refused(world)
    assert "0 of 34 checks failed, 1 could not be run" in error.message
    assert "play.club, broken: It runs.\n    could not be run: BinderException" in error.message
    receipt = runs.receipt(world.store, "r1", "audit.play")
    assert (receipt.counts["errors"], receipt.counts["passed"], receipt.remembered) == (1, 33, False)
    with pytest.raises(DataError):
        audit.run(world.store, "play", "r1")
    assert not runs.receipt(world.store, "r1", "audit.play").remembered


def test_nothing_where_there_was_something_is_refused(world):
    world.rows |= {"play.club": [], "play.game": [], "play.tally": []}
    message = refused(world).message
    assert "play.club, not_empty: There are rows." in message
    assert "play.tally, not_empty: There are rows." in message


def test_a_dataset_that_no_source_feeds_may_be_empty(world):
    world.rows |= {"play.club": [], "play.game": [], "play.tally": []}
    world.said = ()
    world.declare(
        "quality/play.py", (world.home / "quality/play.py").read_text() + 'MAY_BE_EMPTY = {"play.tally": ""}\n'
    )
    assert world.audit().counts["failed"] == 0


def test_parts_of_different_types_are_found(world):
    import pyarrow as pa

    from fieldhouse.lake import parts

    columns = {"club_id": ["c"], "name": ["Como"], "founded": [1907]}
    world.extra = (parts.write(world.store, "play.club", pa.table(columns)),)
    message = refused(world).message
    assert "play.club, columns: The columns are the contract's, in its order." in message


def test_the_same_is_remembered_and_any_change_is_checked(world):
    first = world.audit()
    again = audit.run(world.store, "play", "r1")
    assert (first.remembered, again.remembered) == (False, True)
    assert (again.counts, again.notes) == (first.counts, first.notes)
    world.declare(
        "quality/play.py", (world.home / "quality/play.py").read_text().replace("<> sum(scored)", "< sum(scored)")
    )
    assert not audit.run(world.store, "play", "r1").remembered
    world.rows["play.club"][0] = {"club_id": "a", "name": "Arsenal"}
    assert not world.audit("r2").remembered


def test_a_refusal_is_remembered_too_and_says_the_same(world):
    world.rows["play.game"][0] = {**world.rows["play.game"][0], "goals": 25}
    first = refused(world)
    with pytest.raises(DataError) as again:
        audit.run(world.store, "play", "r1")
    assert str(again.value) == str(first)
    assert runs.receipt(world.store, "r1", "audit.play").remembered


def test_a_result_whose_document_is_gone_is_made_again(world):
    first = world.audit()
    path = next(note["document"] for note in first.notes if "document" in note)
    before = world.store.get(path)
    world.store.delete([path])
    again = audit.run(world.store, "play", "r1")
    assert not again.remembered
    assert world.store.get(path) == before, "the same bytes: a document knows no clock"


def test_without_the_stages_before_it_says_which_is_missing(world):
    with pytest.raises(NotFound, match="conform has left no receipt in the run 'r1'"):
        audit.run(world.store, "play", "r1")


def test_evidence_is_limited(world):
    world.rows["play.club"] += [{"club_id": f"c{n:02}", "name": f"lower {n}"} for n in range(30)]
    refused(world)
    found = document(world, runs.receipt(world.store, "r1", "audit.play"))
    pattern = next(r for r in found["results"][0]["results"] if r["expectation_config"]["meta"]["rule"] == "pattern")
    assert pattern["result"]["unexpected_count"] == 30
    assert len(pattern["result"]["partial_unexpected_index_list"]) == 20
    assert pattern["result"]["partial_unexpected_index_list"][0] == {"club_id": "c00", "name": "lower 0"}
