"""Inputs are pinned once; receipts are numbered; ids of runs are plain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from fieldhouse.errors import NotFound, UsageError
from fieldhouse.lake import Store, open_store, runs
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Inputs, Meter, Pinned, Receipt

INPUTS = Inputs("r1", "2026-01-01T00:00:00+00:00", 0, "code", {"toy": Pinned(3, "2025-12-31T00:00:00+00:00")})


def test_inputs_that_are_pinned_stay(store: Store) -> None:
    assert runs.write_inputs(store, INPUTS) == INPUTS
    later = Inputs("r1", "2026-02-02T00:00:00+00:00", 7, "other", {})
    assert runs.write_inputs(store, later) == INPUTS
    assert runs.read_inputs(store, "r1") == INPUTS


def test_a_run_without_inputs_says_what_to_do(store: Store) -> None:
    with pytest.raises(NotFound, match="'r2' has no pinned inputs") as caught:
        runs.read_inputs(store, "r2")
    assert "fieldhouse cut --run r2" in caught.value.hint


def test_the_newest_receipt_counts(store: Store, part: Callable[..., Part]) -> None:
    first = runs.leave(store, Receipt("r1", "conform", 1, outputs=(part(1),), counts={"rows": 1}, inputs=("key",)))
    second = runs.leave(store, Receipt("r1", "conform", 1, remembered=True, notes=({"note": "x"},)))
    assert (first.attempt, second.attempt) == (1, 2)
    assert runs.receipts(store, "r1", "conform") == [first, second]
    assert runs.receipt(store, "r1", "conform") == second


def test_racing_receipts_all_stay(store: Store) -> None:
    def leave(number: int) -> int:
        return runs.leave(open_store(store.url), Receipt("r1", "cut", 1, counts={"n": number})).attempt

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(leave, range(9))) == list(range(1, 10))
    assert sorted(r.counts["n"] for r in runs.receipts(store, "r1", "cut")) == list(range(9))


def test_a_task_is_not_taken_for_another_whose_name_begins_alike(store: Store) -> None:
    runs.leave(store, Receipt("r1", "normalize.toy_two", 1))
    with pytest.raises(NotFound, match=r"normalize\.toy has left no receipt") as caught:
        runs.receipt(store, "r1", "normalize.toy")
    assert caught.value.hint == "`fieldhouse normalize toy --run r1` runs it"


def test_receipts_differ_if_what_they_say_does(part: Callable[..., Part]) -> None:
    one = Receipt("r1", "conform", 1, outputs=(part(1),))
    assert one.digest == Receipt("r1", "conform", 1, outputs=(part(1),)).digest
    assert one.digest != Receipt("r1", "conform", 1, outputs=(part(2),)).digest


@pytest.mark.parametrize("run", ["20260101-120000-ab12cd", "r1", "0", "a" * 80, "x-2", "a.b_c"])
def test_ids_of_runs(run: str) -> None:
    assert runs.check_run(run) == run


@pytest.mark.parametrize("run", ["", "../up", "a/b", "-x", ".", "A", "a" * 81, "ä", "a b", "a\n"])
def test_what_is_no_id_of_a_run(run: str) -> None:
    with pytest.raises(UsageError, match="are expected"):
        runs.check_run(run)


def test_a_meter_measures_and_changes_nothing_else() -> None:
    stamped = Meter().stamp(Receipt("r1", "cut", 1, counts={"n": 1}))
    assert stamped.counts == {"n": 1}
    assert stamped.seconds >= 0
    assert stamped.peak_mib > 0
