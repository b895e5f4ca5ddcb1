"""The session that calls share: one a process, of the settings that hold now, usable from threads and after a fork."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import fieldhouse as fh
from fieldhouse.consume import sessions

FORKING = """
import multiprocessing, warnings
import fieldhouse as fh
warnings.simplefilter("ignore")
def rows(_=0):
    return len(fh.load("football.match_wide", where={"competition": "en.1"}))
if __name__ == "__main__":
    before = rows()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(before, *pool.map(rows, range(4)))
"""


def test_threads_may_load_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: len(fh.load("football.match_wide")), range(8))) == [5] * 8


def test_other_settings_get_a_session_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def threads() -> int:
        return sessions.shared().execute("SELECT current_setting('threads')::INTEGER").fetchall()[0][0]

    monkeypatch.setenv("FIELDHOUSE_THREADS", "1")
    assert threads() == 1
    monkeypatch.setenv("FIELDHOUSE_THREADS", "3")
    assert threads() == 3


def test_a_forked_process_loads_too(lake: Path, tmp_path: Path) -> None:
    script = tmp_path / "forking.py"
    script.write_text(FORKING)
    environment = {**os.environ, "PYTHONPATH": str(Path(fh.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["3"] * 5
