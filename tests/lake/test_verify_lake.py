"""`lake verify` finds every kind of damage, names the file and the next step, and leaves what is whole alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse.lake import Store, memo, objects, runs
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Inputs, Receipt
from fieldhouse.lake.verify import verify


@pytest.fixture
def lake(
    store: Store, part: Callable[..., Part], land: Callable[..., Landing], publish: Callable[..., Release]
) -> Callable[[str], str]:
    """A whole lake with two landings, three parts and two releases; the result finds a name of it by its folder."""
    land(a="one", b="two")
    land(("b",), a="three")
    runs.write_inputs(store, Inputs("run", "2026-01-01T00:00:00+00:00", 0, "code", {}))
    runs.leave(store, Receipt("run", "conform", 1, outputs=(part(1),)))
    memo.remember(store, "ab" * 32, memo.Result((part(1), part(2))))
    publish(part(1))
    publish(part(1), part(2))
    return lambda prefix: store.names(prefix)[0]


def test_a_whole_lake_is_clean(store: Store, lake: Callable[[str], str]) -> None:
    report = verify(store)
    assert report.clean
    assert (report.problems, report.notes, report.junk) == ((), (), ())
    counts = {
        "raw": 3,
        "parts": 2,
        "audits": 0,
        "landings": 2,
        "releases": 2,
        "memo": 1,
        "tags": 0,
        "runs": 2,
        "aside": 0,
        "gc": 0,
    }
    assert report.counts == counts
    assert report.doc()["clean"] is True


def test_an_empty_lake_is_clean(store: Store) -> None:
    assert verify(store).clean


@pytest.mark.parametrize("folder", ["raw", "parts", "landings", "releases/0", "runs/run/conform"])
@pytest.mark.parametrize("damage", ["flipped", "half", "gone"])
def test_damage_is_found_and_named(store: Store, lake: Callable[[str], str], folder: str, damage: str) -> None:
    name = lake(folder) if folder != "releases/0" else "releases/00000002.json"
    data = store.get(name)
    match damage:
        case "flipped":
            store.hint(name, bytes([data[0] ^ 255]) + data[1:])
        case "half":
            store.hint(name, data[: len(data) // 2])
        case "gone":
            store.delete([name])
    problems = verify(store).problems
    if damage == "gone" and folder in ("releases/0", "runs/run/conform"):
        assert not problems  # nothing refers to it: it never was
    else:
        assert [p.name for p in problems] == [name]
        assert all(p.what and p.step for p in problems)


def test_a_damaged_remembered_result_is_no_damage(store: Store, lake: Callable[[str], str]) -> None:
    store.hint(lake("memo"), b"{")
    report = verify(store)
    assert report.clean
    assert [n.name for n in report.notes] == [memo.name("ab" * 32)]


def test_a_remembered_part_that_is_gone_is_no_damage(store: Store, part: Callable[..., Part]) -> None:
    memo.remember(store, "ab" * 32, memo.Result((part(1), part(2))))
    store.delete([part(1).path])
    report = verify(store)
    assert report.clean
    assert "1 of its files are gone" in report.notes[0].what


def test_a_lost_part_is_told_once_with_a_release_that_needs_it(
    store: Store, lake: Callable[[str], str], part: Callable[..., Part]
) -> None:
    lost = part(1).path
    store.delete([lost])
    (problem,) = verify(store).problems
    assert problem.name == lost
    assert problem.what == "is missing; releases/00000001.json refers to it as a part of core.team"
    assert "the next `fieldhouse run`" in problem.step


def test_a_landing_between_others_may_not_be_missing(store: Store, land: Callable[..., Landing]) -> None:
    for number in range(3):
        land(a=str(number))
    store.delete(["landings/toy/00000002.json"])
    (problem,) = verify(store).problems
    assert problem.name == "landings/toy/00000002.json"


def test_a_release_under_another_number_is_told(store: Store, lake: Callable[[str], str]) -> None:
    store.hint("releases/00000003.json", store.get("releases/00000002.json"))
    (problem,) = verify(store).problems
    assert problem == type(problem)("releases/00000003.json", "is the release 2", problem.step)


def test_a_manifest_that_was_edited_is_told(store: Store, lake: Callable[[str], str]) -> None:
    name = "releases/00000002.json"
    store.hint(name, store.get(name).replace(b'"version": "1.0.0"', b'"version": "1.0.1"'))
    (problem,) = verify(store).problems
    assert "other parts than its content says" in problem.what


@pytest.mark.parametrize("hint", [None, b"1\n", b"x"])
def test_a_stale_hint_is_only_noted(store: Store, lake: Callable[[str], str], hint: bytes | None) -> None:
    store.delete(["releases/latest"])
    if hint is not None:
        store.hint("releases/latest", hint)
    report = verify(store)
    assert report.clean
    assert [n.name for n in report.notes] == ["releases/latest"]


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_what_killed_writers_left_is_junk_and_no_damage(store: Store, lake: Callable[[str], str]) -> None:
    (Path(store.url) / "parts/core.team/abc.parquet#1").write_bytes(b"half")
    report = verify(store)
    assert report.clean
    assert report.junk == ("parts/core.team/abc.parquet#1",)


def test_files_that_do_not_belong_are_noted(store: Store, lake: Callable[[str], str]) -> None:
    store.hint("raw/ab/notes.txt", b"mine")
    report = verify(store)
    assert report.clean
    assert report.notes[0].what == "is no file of a lake"


def test_verifying_changes_nothing(store: Store, lake: Callable[[str], str], written_at: Callable[..., None]) -> None:
    written_at(1)
    before = store.times("")
    verify(store)
    assert store.times("") == before


def test_an_object_in_the_wrong_folder_is_noted(store: Store, land: Callable[..., Landing]) -> None:
    sha256 = land(a="one").changed[0].sha256
    store.put(f"raw/zz/{sha256}", store.get(objects.name(sha256)))
    assert [n.name for n in verify(store).notes] == [f"raw/zz/{sha256}"]
