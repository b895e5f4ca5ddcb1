"""One lake made from the embedded sample by `demo`, and two ways to call the command line: here, and as a process."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldhouse import settings
from fieldhouse.cli.ending import end


@dataclass(frozen=True)
class Ended:
    """How a call ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)

    @property
    def error(self):
        """Standard error's last line as the JSON object of an error."""
        return json.loads(self.err.splitlines()[-1])


Call = Callable[..., Ended]


def process(*args: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ended:
    """Call the command line as a process of its own, in an environment without settings."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FIELDHOUSE_")}
    done = subprocess.run(
        [sys.executable, "-m", "fieldhouse.cli", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**clean, **(env or {})},
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def apart() -> Call:
    """Call the command line as a process of its own."""
    return process


@pytest.fixture
def fieldhouse(capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Call the command line in this process."""
    before = signal.getsignal(signal.SIGTERM)

    def call(*args: object) -> Ended:
        capsys.readouterr()
        code = end([str(arg) for arg in args])
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    yield call
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Path, Ended]:
    """The lake that `demo` makes, and what it printed; made once for all workers. Read only."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    lake, told = shared / "demo-lake", shared / "demo.json"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            done = process("demo", "--lake", lake)
            told.write_text(json.dumps([done.code, done.out, done.err]), encoding="utf-8")
    return lake, Ended(*json.loads(told.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def lake(demo: tuple[Path, Ended]) -> Path:
    """The demo's lake, to be read."""
    return demo[0]


@pytest.fixture
def own_lake(lake: Path, tmp_path: Path) -> Path:
    """A copy of the demo's lake, to be changed."""
    shutil.copytree(lake, tmp_path / "lake")
    return tmp_path / "lake"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror that has three matches of one league season, and nothing else."""
    file = tmp_path / "mirror" / "openfootball" / "football.json" / "2015-16" / "en.1.json"
    file.parent.mkdir(parents=True)
    pairs = [
        ("Leicester City", "Everton", [3, 1]),
        ("Everton", "Chelsea", [1, 1]),
        ("Chelsea", "Leicester City", [1, 1]),
    ]
    matches = [
        {"round": f"Matchday {day}", "date": f"2016-05-{day:02}", "team1": one, "team2": two, "score": {"ft": score}}
        for day, (one, two, score) in enumerate(pairs, 1)
    ]
    file.write_text(json.dumps({"name": "English Premier League 2015/16", "matches": matches}), encoding="utf-8")
    return tmp_path / "mirror"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of declarations with the real datasets, and no source yet: for FIELDHOUSE_HOME of a process."""
    folder = tmp_path / "home"
    (folder / "containers").mkdir(parents=True)
    for name in ("datasets", "quality"):
        (folder / name).symlink_to(settings.home() / name, target_is_directory=True)
    return folder
