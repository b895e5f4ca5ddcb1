"""Gold: time, silence, memory and size are limits that the extractor keeps by itself."""

import shutil
import sys
from dataclasses import replace
from itertools import pairwise

from fieldhouse.extract.program import InImage, Native
from fieldhouse.kit.behaviours import Late
from fieldhouse.kit.faults import Hang, zipped
from fieldhouse.kit.lab import Lab, Order
from fieldhouse.kit.verdicts import Failed, Skipped

_DEADLINE_S = 4.0
_OVER_S = 6.0
_SILENCE_S = 2.0
_LATE_S = 6.0
_FILE = 4 << 20
_MOST = 64 << 10
_CODES = (64, 65, 69, 70, 74, 75, 77, 78)


def deadline(lab: Lab) -> None:
    """One file never comes: it ends by itself, not long after deadline_s."""
    with lab.server({lab.target: Hang()}) as server:
        trial = lab.trial(server.url, Order(deadline_s=_DEADLINE_S)).ends(75)
    if trial.seconds > _DEADLINE_S + _OVER_S:
        raise Failed(f"deadline_s was {_DEADLINE_S:g}; it ended after {trial.seconds:.1f} s")
    if trial.sealed and any(lab.baseline.landed.get((f.feed, f.key)) != f.sha256 for f in trial.seal.of("new")):
        raise Failed("it sealed what had not come")


def heartbeat(lab: Lab) -> None:
    """One file comes late: meanwhile there are lines, one every silence_s; a busy machine may double that."""
    late = Late(_LATE_S, lab.upstream.answer(lab.target))
    with lab.server({lab.target: late}) as server:
        trial = lab.trial(server.url, Order(silence_s=_SILENCE_S)).ends(0)
    times = [*trial.times, trial.seconds]
    longest = max((after - before for before, after in pairwise(times)), default=trial.seconds)
    if longest > 2 * _SILENCE_S:
        raise Failed(
            f"silence_s was {_SILENCE_S:g}, a file came after {_LATE_S:g} s: it was silent for {longest:.1f} s"
        )


def memory(lab: Lab) -> None:
    """A body of `large` bytes, under a quarter of that in memory (64 MiB at least)."""
    body = lab.upstream.longer(lab.target, lab.large)
    if body is None:
        raise Skipped(f"how {lab.target} could be large is not known to the kit")
    if shutil.disk_usage(lab.work).free < 3 * lab.large:
        raise Skipped(f"{lab.work} has no room for {3 * lab.large >> 20} MiB")
    most = max(64, (lab.large >> 20) // 4)
    report = lab.work / "peak"
    with lab.server({lab.target: body}) as server:
        trial = lab.trial(server.url, Order(deadline_s=300.0), program=_measured(lab, most, str(report)))
    if trial.ended.exit_code == 137:
        raise Failed(f"a body of {body.size >> 20} MiB was too much for {most} MiB of memory: it was killed")
    if report.exists() and (peak := int(report.read_text()) >> 10) > most:
        raise Failed(f"a body of {body.size >> 20} MiB took {peak} MiB of memory; {most} MiB are allowed")
    trial.ends(0)
    files = [path for path in (trial.out / "files").rglob("*") if path.is_file()]
    if max((path.stat().st_size for path in files), default=0) < body.size:
        raise Failed(f"a body of {body.size} bytes is not landed whole")
    shutil.rmtree(trial.out)


def _measured(lab: Lab, most: int, report: str) -> Native | InImage:
    found = lab.subject.program
    if isinstance(found, InImage):
        return replace(found, memory_mib=most)
    return replace(found, command=(sys.executable, "-m", "fieldhouse.kit.measured", report, *found.command))


def max_bytes(lab: Lab) -> None:
    """A small gzip that grows beyond max_file_bytes is given up on the way."""
    longer = lab.upstream.longer(lab.target, _FILE)
    if longer is None:
        raise Skipped(f"how {lab.target} could be large is not known to the kit")
    most = max(_MOST, 2 * max(map(len, lab.upstream.files.values())))
    with lab.server({lab.target: zipped(longer.body)}) as server:
        trial = lab.trial(server.url, Order(max_file_bytes=most, deadline_s=20.0)).ends(*_CODES)
    left = max((path.stat().st_size for path in trial.out.rglob("*") if path.is_file()), default=0)
    if left > most + (1 << 20):
        raise Failed(f"max_file_bytes was {most}; it wrote a file of {left} bytes")
    if trial.sealed and any((file.bytes or 0) > most for file in trial.seal.files):
        raise Failed(f"max_file_bytes was {most}; it sealed a larger file")
