"""One lake made from the embedded sample by `demo`, and two ways to call the command line: here, and as a process."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_lake import Call, Ended, process

from fieldhouse import settings
from fieldhouse.cli.ending import end


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
