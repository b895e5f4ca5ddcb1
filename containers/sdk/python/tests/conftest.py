"""Programs run as the pipeline runs them: `program REQUEST OUT`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HOME), str(Path(__file__).parent)]

from upstream import Upstream, write_request  # noqa: E402  (found only now)


@dataclass(frozen=True)
class Ended:
    """What a run left. `seal`: None without one."""

    code: int
    log: list[dict[str, object]]
    seal: dict[str, object] | None
    out: Path

    @property
    def files(self) -> list[dict[str, object]]:
        assert self.seal, self.log
        return self.seal["files"]  # type: ignore[return-value]


@dataclass
class Runner:
    """Runs a program against an upstream; `changes` are the request's."""

    folder: Path
    url: str
    program: Path = HOME / "extract.py"
    runs: int = 0

    def command(self, **changes: object) -> tuple[list[str], Path]:
        self.runs += 1
        folder = self.folder / str(self.runs)
        request = write_request(folder / "in", self.url, **changes)
        out = folder / "out"
        out.mkdir()
        return [sys.executable, str(self.program), str(request), str(out)], out

    def __call__(self, **changes: object) -> Ended:
        command, out = self.command(**changes)
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
        seal = out / "manifest.json"
        found = json.loads(seal.read_text()) if seal.exists() else None
        return Ended(ended.returncode, [json.loads(line) for line in ended.stderr.splitlines()], found, out)


def environment(**more: str) -> dict[str, str]:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    kept = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    return {**kept, "FIELDHOUSE_HTTP_BACKOFF_S": "0.01", **more}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()


@pytest.fixture
def run(tmp_path: Path, upstream: Upstream) -> Runner:
    return Runner(tmp_path, upstream.url)
