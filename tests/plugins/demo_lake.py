"""One lake made from the embedded sample by `demo`, and the command line called as a process."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


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
