"""Landings that tests make from files go the product's way: verified, stored, numbered, on top of one another."""

import hashlib
from pathlib import Path

import pytest
from landed import land_files

from fieldhouse.extract.refusals import SealRefused
from fieldhouse.extract.sealed import Archive
from fieldhouse.lake import landings, objects, open_store
from fieldhouse.lake.store import Store

RESULTS, SHOOTOUTS = ("results", "results.csv"), ("shootouts", "shootouts.csv")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    return open_store(str(tmp_path / "lake"))


def test_paths_and_bytes_land_as_objects(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "any name"
    file.write_bytes(b"a\n")
    archive = Archive("https://upstream.example/a.zip", "0" * 64, 9, '"1"', "results.csv")
    landing = land_files(
        store, "international_results", {RESULTS: file, SHOOTOUTS: b"b\n"}, archives={RESULTS: archive}
    )
    assert (landing.number, landing.partial) == (1, False)
    found = {item.id: item for item in landing.changed}
    assert store.get(objects.name(found[RESULTS].sha256)) == b"a\n"
    assert found[SHOOTOUTS].sha256 == hashlib.sha256(b"b\n").hexdigest()
    assert found[RESULTS].archive == vars(archive)


def test_what_is_known_is_unchanged_and_what_changed_lands_on_top(store: Store) -> None:
    land_files(store, "international_results", {RESULTS: b"a\n", SHOOTOUTS: b"b\n"})
    second = land_files(store, "international_results", {RESULTS: b"a\n", SHOOTOUTS: b"c\n"})
    assert (second.number, [item.id for item in second.changed]) == (2, [SHOOTOUTS])
    assert len(landings.snapshot(store, "international_results", 2)) == 2


def test_what_the_product_refuses_is_refused(store: Store) -> None:
    with pytest.raises(SealRefused):
        land_files(store, "international_results", {("results", "../results.csv"): b""})
