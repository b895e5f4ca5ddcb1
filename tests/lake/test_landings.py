"""Landings fold into snapshots, in the order of their numbers, however many writers there are."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse.errors import StorageError
from fieldhouse.lake import Store, landings, open_store
from fieldhouse.lake.landings import FULL_EVERY, Landed, Landing

KEYS = st.sampled_from([("a", "1"), ("a", "2"), ("b", "1"), ("b", "x/y.json")])
CHANGES = st.lists(
    st.tuples(st.dictionaries(KEYS, st.sampled_from(["00", "11", "22"]), max_size=3), st.sets(KEYS, max_size=2)),
    min_size=1,
    max_size=12,
)


def made(changed: dict[tuple[str, str], str], gone: set[tuple[str, str]] = frozenset()) -> Landing:  # type: ignore[assignment]
    files = tuple(Landed(feed, key, sha * 32, 1) for (feed, key), sha in sorted(changed.items()))
    return Landing("toy", 0, "run", 1, "2026-01-01T00:00:00+00:00", files, tuple(sorted(gone)), False, None)


@settings(max_examples=30)
@given(CHANGES)
def test_folding_is_what_a_dictionary_would_do(
    changes: list[tuple[dict[tuple[str, str], str], set[tuple[str, str]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(folder)
        model: dict[tuple[str, str], str] = {}
        models = [{}]
        for changed, gone in changes:
            landings.record(store, made(changed, gone))
            model = {key: sha for key, sha in {**model, **changed}.items() if key not in gone}
            models.append(model)
        for number, expected in enumerate(models):
            found = landings.snapshot(store, "toy", number)
            assert {key: item.sha256[:2] for key, item in found.items()} == expected


def test_some_landings_carry_the_whole_snapshot(store: Store) -> None:
    for number in range(FULL_EVERY + 3):
        landings.record(store, made({("a", str(number % 5)): f"{number:02d}"}))
    full = [n for n in landings.numbers(store, "toy") if landings.read(store, "toy", n).snapshot is not None]
    assert full == [1, FULL_EVERY + 1]
    found = landings.snapshot(store, "toy", FULL_EVERY + 3)
    assert {item.key: item.sha256[:2] for item in found.values()} == {
        "0": "30",
        "1": "31",
        "2": "32",
        "3": "33",
        "4": "34",
    }


def test_a_snapshot_needs_no_landing_before_the_last_full_one(store: Store) -> None:
    for number in range(FULL_EVERY + 2):
        landings.record(store, made({("a", str(number)): "00"}))
    store.delete(landings.name("toy", n) for n in range(1, FULL_EVERY + 1))
    assert len(landings.snapshot(store, "toy", FULL_EVERY + 2)) == FULL_EVERY + 2


def test_racing_landings_get_one_number_each_and_nothing_is_lost(store: Store) -> None:
    def record(number: int) -> int:
        return landings.record(open_store(store.url), made({("a", str(number)): f"{number:02d}"})).number

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(record, range(12)))
    assert sorted(numbers) == landings.numbers(store, "toy") == list(range(1, 13))
    found = landings.snapshot(store, "toy", 12)
    assert {key: item.sha256[:2] for (_, key), item in found.items()} == {str(n): f"{n:02d}" for n in range(12)}


def test_a_landing_is_read_as_it_was_recorded(store: Store) -> None:
    file = Landed("a", "k", "ab" * 32, 7, "http://host/k", '"tag"', "Mon", "2026-01-01T00:00:00Z", {"member": "x"})
    landing = Landing("toy", 0, "r", 2, "2026-01-01T00:00:00+00:00", (file,), (("a", "gone"),), True, {"page": 3})
    recorded = landings.record(store, landing)
    read = landings.read(store, "toy", 1)
    assert read == recorded
    assert read.changed[0].archive == {"member": "x"}
    assert read.snapshot == (file,)


def test_sources_do_not_see_each_other(store: Store, land: Callable[..., Landing]) -> None:
    land(k="content")
    assert landings.numbers(store, "toy_other") == []
    assert landings.numbers(store, "to") == []


def test_before_the_first_landing_there_is_nothing(store: Store) -> None:
    assert landings.snapshot(store, "toy", 0) == {}


def test_a_lost_landing_is_an_error_not_a_gap(store: Store, land: Callable[..., Landing]) -> None:
    for number in range(3):
        land(**{f"k{number}": "content"})
    store.delete([landings.name("toy", 2)])
    with pytest.raises(StorageError, match=r"landings/toy/00000002\.json is missing"):
        landings.snapshot(store, "toy", 3)
