"""Runs and writers that meet on one lake: nothing is lost, and numbers have no gaps."""

import dataclasses
import subprocess
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fieldhouse import embedded
from fieldhouse.errors import Exit, ReleaseConflict
from fieldhouse.lake import landings, open_store, releases, runs
from fieldhouse.lake.landings import Landed, Landing
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Inputs, Receipt
from fieldhouse.lake.verify import verify
from fieldhouse.plan import Task

WRITERS = 8


def _all_at_once(work) -> list:
    """What each of several threads gets from `work(number)`, begun at the same time."""
    ready = Barrier(WRITERS)

    def begin(number: int) -> object:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(begin, range(WRITERS)))


def _end(process: "subprocess.Popen[str]") -> tuple[int, str]:
    said, errors = process.communicate()
    return process.returncode, said + errors


@pytest.mark.parametrize(("kind", "count"), [("folder", 2), ("folder", 4), ("s3", 3)])
def test_runs_at_once_all_end_well_or_say_that_they_lost(small_course, small_runs, tmp_path, request, kind, count):
    lake = request.getfixturevalue("bucket") if kind == "s3" else tmp_path / "lake"
    racing = [small_runs.start(lake, wait=True) for _ in range(count)]
    for process in racing:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [_end(process) for process in racing]

    store = open_store(str(lake))
    assert {code for code, _ in ends} <= {Exit.DONE, Exit.TEMPORARY}, ends
    assert Exit.DONE in {code for code, _ in ends}
    assert releases.numbers(store) == list(range(1, releases.newest(store) + 1))
    assert releases.read(store).content == small_course.content
    assert landings.numbers(store, "openfootball") == list(range(1, count + 1))
    assert verify(store).clean


def test_a_run_that_lost_is_built_again_on_top_of_the_winner(small_course, small_runs, tmp_path, monkeypatch):
    """Before one run publishes, a file goes, another run publishes what is left, and the file comes back."""
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(small_runs.scratch))
    store = open_store(str(small_course.lake_before(small_course.point(0.0), tmp_path / "lake")))
    file = min(landings.snapshot(store, "openfootball", 1).values())
    without = Landing("openfootball", 0, "other", 1, "2026-01-01T00:00:00+00:00", (), (file.id,), False, None)

    def win(task: Task, end: object) -> None:
        if task.id == "publish" and end is None and not releases.newest(store):
            landings.record(store, without)
            winner = embedded.Outcome("winner")
            embedded.release(store, winner)
            assert winner.release == 1
            landings.record(store, dataclasses.replace(without, changed=(file,), gone=()))

    loser = embedded.Outcome("loser")
    embedded.release(store, loser, win)
    assert (loser.run, loser.release, loser.published) == ("loser-2", 2, True)
    assert releases.read(store, 1).content != small_course.content
    assert releases.read(store, 2).content == small_course.content
    assert releases.read(store, 2).parent == 1


def test_a_run_that_loses_every_time_says_so(small_course, small_runs, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(small_runs.scratch))
    store = open_store(str(small_course.lake_before(small_course.point(0.0), tmp_path / "lake")))

    def win(task: Task, end: object) -> None:
        if task.id == "publish" and end is None:
            number = releases.newest(store) + 1
            assert releases.create(store, _release(number, f"winner {number}"))

    with pytest.raises(ReleaseConflict) as lost:
        embedded.release(store, embedded.Outcome("loser"), win)
    assert lost.value.exit == Exit.TEMPORARY
    assert releases.numbers(store) == list(range(1, embedded.REBUILDS + 2))


def _release(number: int, run: str) -> Release:
    return Release(number, number - 1, "", run, run, "", {}, {}, {}, (), {}, {})


def test_two_releases_cannot_have_one_number(tmp_path):
    store = open_store(str(tmp_path / "lake"))
    mine, yours = (_release(1, run) for run in ("mine", "yours"))
    assert releases.create(store, mine)
    assert not releases.create(store, yours)
    assert releases.read(store).run == "mine"


def test_landings_that_race_are_all_recorded_and_all_folded(tmp_path):
    store = open_store(str(tmp_path / "lake"))

    def land(number: int) -> list[int]:
        own = open_store(str(tmp_path / "lake"))
        made = []
        for turn in range(6):
            file = Landed("results", f"{number}-{turn}.csv", f"{number}{turn}" * 32, 1)
            landing = Landing("toy", 0, f"r{number}", turn, "2026-01-01T00:00:00+00:00", (file,), (), False, None)
            made.append(landings.record(own, landing).number)
        return made

    numbers = sorted(n for made in _all_at_once(land) for n in made)
    assert numbers == list(range(1, 6 * WRITERS + 1))
    assert landings.numbers(store, "toy") == numbers
    assert len(landings.snapshot(store, "toy", numbers[-1])) == 6 * WRITERS


def test_of_releases_that_race_exactly_one_gets_the_number(tmp_path):
    def make(number: int) -> bool:
        store = open_store(str(tmp_path / "lake"))
        return releases.create(store, _release(1, f"r{number}"))

    made = _all_at_once(make)
    store = open_store(str(tmp_path / "lake"))
    assert made.count(True) == 1
    assert releases.read(store).run == f"r{made.index(True)}"
    assert (tmp_path / "lake" / "releases" / "latest").read_text() == "1\n"


def test_inputs_that_race_are_those_of_one_writer_for_all(tmp_path):
    def pin(number: int) -> Inputs:
        store = open_store(str(tmp_path / "lake"))
        return runs.write_inputs(store, Inputs("run", f"time {number}", number, "", {}))

    assert len({inputs.time for inputs in _all_at_once(pin)}) == 1


def test_receipts_that_race_are_all_kept(tmp_path):
    def leave(number: int) -> int:
        store = open_store(str(tmp_path / "lake"))
        return runs.leave(store, Receipt("run", "conform", 1, counts={"number": number})).attempt

    assert sorted(_all_at_once(leave)) == list(range(1, WRITERS + 1))
    kept = runs.receipts(open_store(str(tmp_path / "lake")), "run", "conform")
    assert {receipt.counts["number"] for receipt in kept} == set(range(WRITERS))
