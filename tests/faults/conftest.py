"""Runs as processes of their own that can be killed, and the course of an undisturbed one to choose the moment from."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldhouse import embedded, settings
from fieldhouse.lake import open_store, releases
from fieldhouse.lake.store import Store

#: A folder, or the URL of a lake in a bucket.
Lake = Path | str
SEED = os.environ.get("FIELDHOUSE_TEST_SEED", "")  # read before tests lose the settings of the caller
RUN = """
import sys
from pathlib import Path
from fieldhouse import embedded
from fieldhouse.errors import FieldhouseError
from fieldhouse.lake import open_store

def show(task, end):
    print(task.id, "begins" if end is None else "ends", flush=True)

print("ready", flush=True)
if sys.argv[1] == "wait":
    sys.stdin.readline()
try:
    outcome = embedded.run(open_store(sys.argv[2]), sys.argv[4:], mirror=Path(sys.argv[3]), show=show)
except FieldhouseError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit)
print("release", outcome.release, "failed", *outcome.failed, flush=True)
"""


@dataclass(frozen=True)
class Runs:
    """Runs over one mirror: in this process, or in one of their own (`start`)."""

    mirror: Path
    sources: tuple[str, ...]
    scratch: Path

    def here(self, lake: Lake, show: embedded.Show = lambda _task, _end: None) -> Store:
        """The lake after a run that must end well."""
        store = open_store(str(lake))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FIELDHOUSE_SCRATCH", str(self.scratch))
            outcome = embedded.run(store, self.sources, mirror=self.mirror, show=show)
        assert not outcome.failed
        return store

    def start(self, lake: Lake, *, wait: bool = False) -> "subprocess.Popen[str]":
        """A run in a process group of its own; `wait`: it begins when a line is written to it."""
        return subprocess.Popen(
            [sys.executable, "-c", RUN, "wait" if wait else "go", str(lake), str(self.mirror), *self.sources],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "FIELDHOUSE_SCRATCH": str(self.scratch)},
        )

    def extractors(self) -> list[str]:
        """The command lines of extractors that work for these runs and are still alive."""
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
                if str(self.scratch) in command:
                    found.append(command)
        return found


@dataclass(frozen=True)
class Event:
    """Something that a run says: `line`, `at` seconds after the first one, with the lake's `names` at that time."""

    line: str
    at: float
    names: frozenset[str]


@dataclass(frozen=True)
class Point:
    """A moment of a run: `delay` seconds after it said `line`."""

    line: str
    delay: float
    number: int


@dataclass(frozen=True)
class Course:
    """An undisturbed run: what it said when, the lake that it made, and the content of its release."""

    runs: Runs
    lake: Path
    events: tuple[Event, ...]
    content: str

    def point(self, share: float) -> Point:
        """The moment after this share of the whole course."""
        at = share * self.events[-1].at
        number = max(n for n, event in enumerate(self.events) if event.at <= at)
        return Point(self.events[number].line, at - self.events[number].at, number)

    def lake_before(self, point: Point, lake: Lake) -> Lake:
        """The empty lake, with all but what the run made between two things that it said around the point, and releases.

        What is made before and after is remembered there, so that a run over it takes the time of this one stretch.
        """
        before = self.events[point.number].names
        after = self.events[point.number + 1].names
        forgotten = after - before
        for name in self.events[-1].names - forgotten:
            if not name.startswith(("releases/", "runs/")):
                self._give(lake, name)
        if isinstance(lake, Path):
            lake.mkdir(exist_ok=True)
        return lake

    def _give(self, lake: Lake, name: str) -> None:
        if isinstance(lake, str):
            open_store(lake).hint(name, (self.lake / name).read_bytes())
            return
        (lake / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(self.lake / name, lake / name)

    def kill(self, lake: Lake, point: Point) -> None:
        """Run over the lake and kill all of it at the point, or when it is over."""
        process = self.runs.start(lake)
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == point.line:
                time.sleep(point.delay)
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def follow(runs: Runs, lake: Path) -> Course:
    """Run once, undisturbed, and note its course."""
    events: list[Event] = []
    store = open_store(str(lake))

    def note(line: str) -> None:
        events.append(Event(line, time.monotonic(), frozenset(store.names(""))))

    note("ready")
    runs.here(lake, lambda task, end: note(f"{task.id} {'begins' if end is None else 'ends'}"))
    note("end")
    told = sorted(events, key=lambda event: event.at)
    course = tuple(Event(event.line, event.at - told[0].at, event.names) for event in told)
    return Course(runs, lake, course, releases.read(store).content)


@pytest.fixture(scope="session")
def sample_runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Runs over the demo's sample."""
    mirror = tmp_path_factory.mktemp("mirror")
    (mirror / "openfootball").symlink_to(settings.home() / "containers" / "openfootball" / "sample")
    return Runs(mirror, ("openfootball",), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="session")
def sample_course(sample_runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """An undisturbed run over the demo's sample."""
    return follow(sample_runs, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="session")
def small_runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Runs over two of the sample's files."""
    sample = settings.home() / "containers" / "openfootball" / "sample" / "football.json"
    mirror = tmp_path_factory.mktemp("mirror")
    for key in ("2012-13/en.1.json", "2013-14/en.1.json"):
        target = mirror / "openfootball" / "football.json" / key
        target.parent.mkdir(parents=True)
        target.symlink_to(sample / key)
    return Runs(mirror, ("openfootball",), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="session")
def small_course(small_runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """An undisturbed run over two of the sample's files."""
    return follow(small_runs, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="session")
def feeds_course(feeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """An undisturbed run over the real feeds."""
    runs = Runs(feeds, ("openfootball", "international_results"), tmp_path_factory.mktemp("scratch"))
    lake = tmp_path_factory.mktemp("undisturbed")
    yield follow(runs, lake)
    shutil.rmtree(lake)


@pytest.fixture
def at_random() -> Callable[[int, int], float]:
    """Chooses the n-th of so many moments: anywhere within its share of the whole.

    FIELDHOUSE_TEST_SEED repeats a choice; a test that fails shows the seed.
    """
    seed = SEED or str(random.SystemRandom().randrange(1 << 32))
    print(f"FIELDHOUSE_TEST_SEED={seed}")
    return lambda n, count: (n + random.Random(f"{seed} {n}").random()) / count
