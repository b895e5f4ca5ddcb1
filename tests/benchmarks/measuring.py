"""Measuring a command from outside: wall and CPU seconds of it and all it starts, and the memory they hold together."""

import os
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

#: Seconds between two looks at the memory; a peak that is shorter can be missed.
EVERY_S = 0.05


@dataclass(frozen=True)
class Measure:
    """One run: seconds on the clock, seconds of CPU (user and system), peak memory of all processes (MiB)."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def command(words: Sequence[str], environment: Mapping[str, str] | None = None, output: Path | None = None) -> Measure:
    """Run a command to its end and measure it; RuntimeError with what it said where it fails.

    Its standard output goes to `output`, where that is given.
    """
    with tempfile.TemporaryFile() as said, (output or Path(os.devnull)).open("wb") as out:
        start = perf_counter()
        process = subprocess.Popen(words, env={**os.environ, **(environment or {})}, stdout=out, stderr=said)
        peak = _Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        memory = peak.stop()
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}:\n{said.read().decode()[-3000:]}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, memory)


def median(measures: Sequence[Measure]) -> Measure:
    """The median of each figure."""
    return Measure(
        statistics.median(m.wall_s for m in measures),
        statistics.median(m.cpu_s for m in measures),
        statistics.median(m.peak_mib for m in measures),
    )


def repeat(times: int, once: Callable[[], Measure]) -> Measure:
    """The median of several runs."""
    return median([once() for _ in range(times)])


class _Peak:
    """The most memory that a process and its descendants hold at once: shared pages count once (PSS)."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._most = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """MiB at the peak."""
        self._done.set()
        self._thread.join()
        return self._most / 1024

    def _watch(self) -> None:
        while not self._done.wait(EVERY_S):
            self._most = max(self._most, sum(_pss(pid) for pid in _family(self._root)))


def _family(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            children.setdefault(_parent(folder), []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children.get(pid, ()))
    return found


def _parent(folder: Path) -> int:
    try:
        stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has just ended
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _pss(pid: int) -> int:
    """KiB that a process holds; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
