"""Many publish at once, some are killed at it, and others read all the while: each number is won once, nothing is torn.

FIELDHOUSE_TEST_FULL: with the numbers that are promised, which take minutes; else with smaller ones.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import publishers
import pytest
from publishers import Seen, Written

from fieldhouse.lake import open_store, releases
from fieldhouse.lake.verify import verify

FULL = bool(os.environ.get("FIELDHOUSE_TEST_FULL"))
WRITERS = 16 if FULL else 6
#: Per kind of lake: rounds of all writers; then publications, killed publishers and reads at the same time.
ROUNDS = {"folder": 13, "s3": 2} if FULL else {"folder": 2, "s3": 1}
DURING = {"folder": (200, 50, 10_000), "s3": (60, 15, 2_000)} if FULL else {"folder": (20, 4, 300), "s3": (6, 2, 60)}
CONTEXT = multiprocessing.get_context("forkserver")
Start = Callable[..., ForkServerProcess]


@pytest.fixture(params=["folder", "s3"])
def kind(request: pytest.FixtureRequest) -> str:
    """A folder, or a bucket."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty lake of this kind."""
    return request.getfixturevalue("bucket") if kind == "s3" else str(tmp_path / "lake")


@pytest.fixture
def start(url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts a function of `publishers` on the lake, in a process of its own; what is left at the end is killed."""
    CONTEXT.set_forkserver_preload(["publishers", "pyarrow.parquet", "obstore"])
    environment = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "FIELDHOUSE_"))}
    environment["FIELDHOUSE_SCRATCH"] = str(tmp_path / "scratch")
    running = []

    def _start(function: Callable[..., None], *rest: object) -> ForkServerProcess:
        process = CONTEXT.Process(target=function, args=(url, environment, *rest))
        process.start()
        running.append(process)
        return process

    yield _start
    for process in running:
        process.kill()
        process.join()
        process.close()


def told(start: Start, function: Callable[..., None], *rest: object) -> Callable[[], Any]:
    """Start a function that tells something at its end; the result waits for it."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = start(function, *rest, theirs)
    theirs.close()

    def _wait() -> Any:
        try:
            return ours.recv()
        except EOFError:
            pytest.fail(f"{function.__name__} ended with {process.exitcode} and told nothing")
        finally:
            ours.close()
            process.join()

    return _wait


def write_at_once(start: Start, writers: int, rounds: int) -> Callable[[], list[Written]]:
    """Start so many writers, which begin together; the result waits for what they did."""
    begin = CONTEXT.Barrier(writers)
    waiting = [told(start, publishers.write, begin, rounds) for _ in range(writers)]

    def _wait() -> list[Written]:
        found = [wait() for wait in waiting]
        assert begin.broken is False  # which also keeps the barrier until all have passed it
        return found

    return _wait


def kill_after(start: Start, writes: int, seconds: float) -> None:
    """Start a publisher and kill it so long after it began its n-th write."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = start(publishers.write_until_killed, theirs)
    theirs.close()
    for _ in range(writes):
        ours.recv()
    process.join(seconds)
    assert process.exitcode is None, "a publisher ended by itself"
    process.kill()
    process.join()
    ours.close()


def test_of_many_publishers_one_wins_each_number_and_none_is_lost(
    kind: str, url: str, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = ROUNDS[kind]
    written = write_at_once(start, WRITERS, rounds)()
    store = open_store(url)
    numbers = releases.numbers(store)
    published = [releases.read(store, number) for number in numbers]
    conflicts = sum(found.conflicts for found in written)
    with capsys.disabled():
        print(f"\n{kind}: {WRITERS} writers, {len(numbers)} releases, {conflicts} conflicts, each built again on top")
    assert numbers == list(range(1, WRITERS * rounds + 1))
    assert [release.parent for release in published] == [number - 1 for number in numbers]
    assert [len(found.published) for found in written] == [rounds] * WRITERS
    assert sorted(release.run for release in published) == sorted(run for found in written for run in found.published)
    assert releases.newest(store) == numbers[-1]
    assert verify(store).clean


def test_readers_see_whole_releases_while_others_publish_and_are_killed(
    kind: str, url: str, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    publications, killed, reads = DURING[kind]
    store = open_store(url)
    publishers.prepare(store, "first")
    publishers.publish.run(store, "first")
    stop = CONTEXT.Event()
    readers = [told(start, publishers.read, reads // 2, stop) for _ in range(2)]
    writers = write_at_once(start, 2, publications // 2)
    for writes, seconds in publishers.moments(f"{kind} {killed}", killed):
        kill_after(start, writes, seconds)
    written = writers()
    stop.set()
    seen: list[Seen] = [wait() for wait in readers]

    numbers = releases.numbers(store)
    theirs = sum(releases.read(store, number).run.startswith("k") for number in numbers)
    total, torn = sum(found.reads for found in seen), [problem for found in seen for problem in found.torn]
    with capsys.disabled():
        print(
            f"\n{kind}: {total} reads of {max(found.releases for found in seen)} releases during {len(numbers)} "
            f"publications, {theirs} of them by {killed} publishers that were killed: {len(torn)} torn"
        )
    assert not torn
    assert total >= reads
    assert sum(len(found.published) for found in written) == publications
    assert numbers == list(range(1, len(numbers) + 1))
    report = verify(store)
    assert report.clean, report.doc()
