"""The program, run as the pipeline runs it, against a scripted upstream."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]
SDK = HOME.parent / "sdk/python"  # in the image its parts lie beside the program
sys.path[:0] = [str(path) for path in (HOME, HOME / "tests", SDK, SDK / "tests")]

from upstream import Upstream, write_request  # noqa: E402  (found only now)

FEEDS: dict[str, object] = {
    "team": {"format": "text", "names": [{"name": "TEAM{season}"}]},
    "event": {
        "format": "text",
        "names": [
            {"name": "{season}{team}.EV{league}"},
            {"name": "{season}.ED{league}"},
            {"name": "{season}WS.EVE", "from": 1903, "to": 1980},
        ],
    },
    "game_log": {"format": "text", "names": [{"name": "GL{season}.TXT", "or": "gl{season}.txt"}]},
    "roster": {"format": "text", "names": [{"name": "{team}{season}.ROS", "teams": ["ALS.A"]}]},
}


@dataclass(frozen=True)
class Ended:
    """What a run left. `seal`: None without one."""

    code: int
    log: list[dict[str, object]]
    seal: dict[str, object] | None

    @property
    def keys(self) -> dict[str, str]:
        """Status by key, without the folder of the season."""
        assert self.seal, self.log
        return {file["key"].split("/")[2]: file["status"] for file in self.seal["files"]}  # type: ignore[attr-defined]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()


@pytest.fixture
def run(tmp_path: Path, upstream: Upstream) -> Callable[..., Ended]:
    """Runs it for the seasons 1959 to 1960, unless told otherwise; `after`: what an earlier run left."""
    numbers = iter(range(1, 9))

    def run(after: Ended | None = None, **changes: object) -> Ended:
        folder = tmp_path / str(next(numbers))
        given = {
            "feeds": FEEDS,
            "config": {"seasons": {"from": 1959, "to": 1960}},
            "bases": {"r": {"url": upstream.url}},
        }
        if after and after.seal:
            known = folder / "known.ndjson"
            folder.mkdir()
            known.write_text("".join(json.dumps(file) + "\n" for file in after.seal["files"]))  # type: ignore[attr-defined]
            given |= {"known": str(known), "state": after.seal["state"]}
        request = write_request(folder / "in", upstream.url, **{**given, **changes})
        out = folder / "out"
        out.mkdir()
        command = [sys.executable, str(HOME / "extract.py"), str(request), str(out)]
        env = {**os.environ, "FIELDHOUSE_HTTP_BACKOFF_S": "0.01", "NO_PROXY": "*", "PYTHONPATH": str(SDK)}
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        seal = out / "manifest.json"
        found = json.loads(seal.read_text()) if seal.exists() else None
        return Ended(ended.returncode, [json.loads(line) for line in ended.stderr.splitlines()], found)

    return run
