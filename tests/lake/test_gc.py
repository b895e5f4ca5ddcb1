"""`lake gc` deletes in two phases, only what is old and needed by nobody, and does what its plan says."""

import contextlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from fieldhouse.errors import StorageError, UsageError
from fieldhouse.lake import Store, aside, documents, landings, memo, objects, open_store, parts, releases, runs
from fieldhouse.lake.gc import MARKER, collect, plan_collect
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table
from fieldhouse.lake.runs import Receipt
from fieldhouse.lake.verify import verify

DAY = 86400.0
#: All files are written at time 0 unless a test says otherwise; grace periods are of one day.
GRACE = timedelta(days=1)


@pytest.fixture
def aged(written_at: Callable[..., None]) -> Callable[..., None]:
    """Makes files (all, or those below a folder) as old as said, in days since time 0."""
    return lambda day=0, below="": written_at(day * DAY, below)


def gc(store: Store, day: float) -> tuple[str, ...]:
    """Collect on a day; returns what was deleted."""
    plan = plan_collect(store, GRACE, now=day * DAY)
    before = all_names(store)
    done = collect(store, plan)
    deleted = before - all_names(store) - {MARKER}
    assert deleted == {*done.memo, *done.runs, *done.content, *done.aside, *done.leftovers}
    assert verify(store).clean
    return tuple(sorted(deleted))


def all_names(store: Store) -> set[str]:
    left = {path.relative_to(store.url).as_posix() for path in store.leftovers()}
    return left | set(store.names(""))


def test_what_is_published_stays_for_ever(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    publish(part(1))
    publish(part(2))
    aged()
    assert gc(store, 100) == ()
    assert gc(store, 200) == ()


def test_what_has_landed_stays_for_ever(store: Store, land: Callable[..., Landing], aged: Callable[..., None]) -> None:
    land(a="one", b="two")
    land(("b",), a="three")
    aged()
    assert gc(store, 100) == gc(store, 200) == ()
    assert len(landings.snapshot(store, "toy", 2)) == 1


def test_a_remembered_result_goes_first_and_a_grace_period_later_its_parts(
    store: Store, part: Callable[..., Part], aged: Callable[..., None]
) -> None:
    memo.remember(store, "ab" * 32, memo.Result((part(1),)))
    aged()
    assert gc(store, 0.5) == ()
    assert gc(store, 2) == (memo.name("ab" * 32),)
    assert gc(store, 2.5) == ()
    assert gc(store, 3.5) == (part(1).path,)


def test_results_of_the_newest_release_stay_remembered(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    for run, number in (("old", 1), ("new", 2)):
        memo.remember(store, f"{number}" * 64, memo.Result((part(number, dataset="toy/core.team"),)))
        runs.leave(store, Receipt(run, "normalize.toy", 1, inputs=(f"{number}" * 64,)))
        publish(part(number), run=run)
    aged()
    aged(0.1, "runs/new")
    assert gc(store, 10) == (memo.name("1" * 64),)
    assert gc(store, 20) == (part(1, dataset="toy/core.team").path,)
    assert memo.find(store, "2" * 64) is not None
    assert runs.receipt(store, "old", "normalize.toy").inputs == ("1" * 64,)


def test_a_result_whose_parts_are_all_published_stays_remembered(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    memo.remember(store, "ab" * 32, memo.Result((part(1),)))
    publish(part(1), part(2))
    aged()
    assert gc(store, 10) == ()


def test_verdicts_go_with_what_they_are_about(
    store: Store, publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    import hashlib

    names = []
    for data in (b'{"format": 1, "n": 1}', b'{"format": 1, "n": 2}'):
        sha256 = hashlib.sha256(data).hexdigest()
        names.append(f"audits/{sha256[:2]}/{sha256}.json")
        store.put(names[-1], data)
    publish(audit={"core": {"counts": {}, "notes": [{"document": names[0]}]}})
    memo.remember(store, "ab" * 32, memo.Result((), {}, ({"document": names[1]},)))
    aged()
    assert gc(store, 10) == (memo.name("ab" * 32),)
    assert gc(store, 20) == (names[1],)


def test_runs_without_a_release_go_when_they_are_old_and_not_the_newest(
    store: Store, publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    for run in ("failed", "published", "young", "last"):
        runs.leave(store, Receipt(run, "cut", 1))
    publish(run="published")
    aged()
    aged(9.5, "runs/young")
    aged(9.7, "runs/last")
    assert gc(store, 10) == ("runs/failed/cut/0001.json",)
    assert gc(store, 30) == ("runs/young/cut/0001.json",)


def test_what_a_young_run_made_stays(store: Store, part: Callable[..., Part], aged: Callable[..., None]) -> None:
    runs.leave(store, Receipt("young", "conform", 1, outputs=(part(1),), inputs=("ab" * 32,)))
    memo.remember(store, "ab" * 32, memo.Result((part(2),)))
    aged()
    aged(99.5, "runs")
    assert gc(store, 100) == ()
    assert not plan_collect(store, GRACE, now=100 * DAY).waiting


def test_an_object_that_no_landing_names_waits_a_grace_period(
    store: Store, land: Callable[..., Landing], aged: Callable[..., None], tmp_path: Path
) -> None:
    land(a="one")
    (tmp_path / "lost").write_text("put before a crash")
    sha256 = objects.hash_file(tmp_path / "lost")
    objects.put(store, sha256, tmp_path / "lost")
    aged()
    assert gc(store, 10) == ()
    assert list(plan_collect(store, GRACE, now=10.5 * DAY).waiting) == [objects.name(sha256)]
    assert gc(store, 11) == (objects.name(sha256),)


def test_what_is_put_again_meanwhile_stays(store: Store, part: Callable[..., Part], aged: Callable[..., None]) -> None:
    part(1)
    aged()
    gc(store, 10)
    plan = plan_collect(store, GRACE, now=20 * DAY)
    assert plan.parts == (part(1).path,)  # asking for the path puts it again: a run is about to need it
    assert collect(store, plan).parts == ()
    assert store.size(part(1).path) is not None


def test_what_is_referred_to_since_the_plan_stays(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    made = part(1)
    aged()
    gc(store, 10)
    plan = plan_collect(store, GRACE, now=20 * DAY)
    publish(made)
    aged()
    assert plan.parts == (made.path,)
    assert collect(store, plan).parts == ()
    assert verify(store).clean


def test_what_was_referred_to_in_between_waits_again(
    store: Store, part: Callable[..., Part], aged: Callable[..., None]
) -> None:
    made = part(1)
    aged()
    gc(store, 10)
    memo.remember(store, "ab" * 32, memo.Result((made,)))
    aged(10.5, "memo")
    assert gc(store, 11) == ()
    assert gc(store, 12) == (memo.name("ab" * 32),)
    assert gc(store, 12.5) == ()
    assert gc(store, 13) == (made.path,)


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_leftovers_of_killed_writers_go_when_they_are_old(
    store: Store, part: Callable[..., Part], aged: Callable[..., None]
) -> None:
    half = Path(store.url) / f"{part(1).path}#3"
    half.write_bytes(b"half")
    aged()
    assert plan_collect(store, GRACE, now=0.5 * DAY).leftovers == ()
    assert gc(store, 1) == (f"{part(1).path}#3",)


def test_a_plan_deletes_nothing_and_says_how_much_would_go(
    store: Store, part: Callable[..., Part], aged: Callable[..., None]
) -> None:
    memo.remember(store, "ab" * 32, memo.Result((part(1),)))
    aged()
    before = all_names(store)
    plan = plan_collect(store, GRACE, now=10 * DAY)
    assert all_names(store) == before
    assert plan.bytes == store.size(memo.name("ab" * 32))
    assert plan.doc()["memo"] == [memo.name("ab" * 32)]


def test_a_lost_marker_only_starts_the_grace_period_anew(
    store: Store, part: Callable[..., Part], aged: Callable[..., None]
) -> None:
    made = part(1).path
    aged()
    gc(store, 10)
    store.hint(MARKER, b"{")
    plan = plan_collect(store, GRACE, now=20 * DAY)
    assert plan.parts == ()
    assert plan.waiting == {made: 20 * DAY}


def test_on_a_damaged_lake_nothing_is_collected(
    store: Store, part: Callable[..., Part], publish: Callable[..., Release], aged: Callable[..., None]
) -> None:
    publish(part(1))
    store.hint(releases.name(1), b"{")
    with pytest.raises(StorageError, match="damaged"):
        plan_collect(store, GRACE, now=100 * DAY)


def test_a_negative_grace_period_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="negative"):
        plan_collect(store, timedelta(days=-1))


def refused(store: Store, base: int, tmp_path: Path) -> aside.Refused:
    """An attempt that was refused after the landing `base`, with one file."""
    folder = tmp_path / f"attempt-{base}"
    (folder / "out").mkdir(parents=True)
    (folder / "out" / "manifest.json").write_text(f"{base}")
    found = aside.Refused("toy", f"run-{base}", 1, "2026-01-01T00:00:00+00:00", "too much", (), ("too much",), base, 0)
    return aside.keep(store, found, folder, 1000)


def test_of_refused_attempts_only_reports_stay_when_a_newer_landing_followed(
    store: Store, land: Callable[..., Landing], aged: Callable[..., None], tmp_path: Path
) -> None:
    land(a="one")
    overtaken, waiting = refused(store, 0, tmp_path), refused(store, 1, tmp_path)
    aged()
    assert gc(store, 0.5) == ()
    assert gc(store, 10) == (f"{overtaken.folder}/{overtaken.files[0].sha256}",)
    assert aside.read_all(store) == [overtaken, waiting]
    assert aside.there(store, waiting)


def test_what_is_put_again_in_the_very_moment_of_deleting_stays(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    for name, day in (("parts/x/old", 0), ("parts/x/young", 9)):
        store.put(name, b"content")
        os.utime(tmp_path / "lake" / name, (day * DAY, day * DAY))
    store.delete_idle(["parts/x/old", "parts/x/young", "parts/x/none"], 5 * DAY)
    assert store.names("parts") == ["parts/x/young"]
    assert store.leftovers() == []


class Killed(BaseException):
    """What a kill is in these tests."""


@pytest.mark.parametrize("at", range(13))
def test_a_collection_that_is_killed_anywhere_loses_nothing_and_the_next_one_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    import pyarrow as pa

    store = open_store(str(tmp_path / "lake"))

    def part(n: int) -> Part:
        return parts.write(store, "core.team", pa.table({"n": [n]}))

    def age() -> None:
        for path in (tmp_path / "lake").rglob("*"):
            os.utime(path, (0, 0))

    table = Table("core.team", "Teams", "", "normalized", "1.0.0", ("n",), ("n",), "digest", (), (part(0),))
    content = releases.content({"core.team": table}, {})
    release = Release(1, 0, "", "run", content, "", {}, {}, {}, (), {"core.team": table}, {})
    assert releases.create(store, release)
    memo.remember(store, "1" * 64, memo.Result((part(1),)))
    store.hint(MARKER, documents.dump({"since": {part(n).path: 0.0 for n in range(1, 6)}}))
    age()
    plan = plan_collect(store, GRACE, now=30 * DAY)
    assert len((*plan.parts, *plan.memo)) == 6
    calls = 0

    def counted(act: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls > at:
                raise Killed
            return act(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", counted(Path.rename))
        patch.setattr(Path, "unlink", counted(Path.unlink))
        with contextlib.suppress(Killed):
            collect(store, plan)
    assert verify(store).clean
    assert releases.read(store).datasets["core.team"].parts == table.parts
    for day in (40, 50, 60):
        collect(store, plan_collect(store, GRACE, now=day * DAY))
    assert store.names("parts") == [part(0).path]
    assert store.leftovers() == []
    assert verify(store).clean


def test_what_a_killed_collection_had_taken_aside_comes_back(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    store.put("parts/x/needed", b"content")
    (tmp_path / "lake" / "parts" / "x" / "needed").rename(tmp_path / "lake" / "parts" / "x" / "needed#idle")
    collect(store, plan_collect(store, GRACE))
    assert store.find("parts/x/needed") == b"content"
