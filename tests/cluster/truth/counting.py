"""What came of a play, counted: states, pods, lines, secrets; and whether that is what it should be."""

import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from truth.faults import Fault
from truth.play import Play, end_of, name_of, noted, shown, written

#: Seconds after the end of a task in which its pod may leave.
_LEAVING_S = 40.0
_SAID = ("may be lost", "no log: ", "log cut after", "is kept: its log could not be read")


@dataclass(frozen=True)
class Result:
    """One play. `said`: the log itself says that lines are missing. `after_pod_s`: from the pod's end to the task's.

    `at`: when, in UTC; `load`: the machine's, over five minutes.
    """

    fault: str
    operator: str
    state: str
    pods: tuple[dict[str, object], ...]
    orphans: int
    written: int
    lost: int
    doubled: int
    said: bool
    secret_in_message: bool
    secret_in_log: bool
    seconds: float
    after_pod_s: float | None
    message: str
    at: str
    load: float
    wrong: tuple[str, ...]

    def doc(self) -> dict[str, object]:
        """As it stands in truth.json."""
        return asdict(self)


def from_doc(doc: dict) -> Result:
    """What stands in truth.json."""
    return Result(**{**doc, "pods": tuple(doc["pods"]), "wrong": tuple(doc["wrong"])})


def count(fault: Fault, play: Play, began: float) -> Result:
    """Count what came of it, once the pods have had time to leave."""
    orphans = _orphans(play)
    pods = play.seen
    counts = [written(play.world, name_of(pod)) for pod in pods]
    logs = [shown(log) for log in play.logs]
    lost = sum(
        not any(log[name_of(pod), number] for log in logs)
        for pod, count in zip(pods, counts, strict=True)
        for number in range(1, count + 1)
    )
    last, over = play.tries[-1], max(outcome.ended for outcome in play.tries)
    ended = [when for pod in pods if (when := _ended(play, pod))]
    found = Result(
        fault=fault.id,
        operator=play.wish.operator,
        state=" → ".join(outcome.state for outcome in play.tries),
        pods=tuple(_pod(pod) for pod in pods),
        orphans=orphans,
        written=sum(counts),
        lost=lost,
        doubled=sum(times - 1 for log in logs for times in log.values() if times > 1),
        said=any(said in event for log in play.logs for event in log for said in _SAID),
        secret_in_message=any(play.wish.canary in outcome.message for outcome in play.tries),
        secret_in_log=play.wish.canary in play.raw_logs,
        seconds=round(over - began, 1),
        after_pod_s=round(over - max(ended), 1) if ended else None,
        message=last.message,
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        load=round(os.getloadavg()[1], 1),
        wrong=(),
    )
    return Result(**{**asdict(found), "pods": found.pods, "wrong": _wrong(fault, found)})


def _wrong(fault: Fault, found: Result) -> tuple[str, ...]:
    checks = {
        "state": found.state not in fault.states,
        "pods": bool(fault.pods) and len(found.pods) != fault.pods,
        "orphans": found.orphans > 0,
        "lost": found.lost > 0 and not found.said,
        "doubled": found.doubled > 0,
        "secret": found.secret_in_message or found.secret_in_log,
    }
    return tuple(name for name, bad in checks.items() if bad)


def _orphans(play: Play) -> int:
    """Pods that are there when they have had time to leave, and that nobody has asked to."""
    until = time.monotonic() + _LEAVING_S
    while (pods := play.world.pods(play.wish.key)) and time.monotonic() < until:
        time.sleep(0.5)
    return sum("deletionTimestamp" not in pod["metadata"] for pod in pods)


def _ended(play: Play, pod: dict) -> float | None:
    """When the program ended: by its own account, or the runtime's, which knows whole seconds only."""
    if when := noted(play.world, name_of(pod), "ended"):
        return when
    told = (end_of(pod) or {}).get("finishedAt")
    return datetime.fromisoformat(str(told)).timestamp() if told else None


def _pod(pod: dict) -> dict[str, object]:
    status, end = pod.get("status", {}), end_of(pod) or {}
    return {
        "name": name_of(pod),
        "uid": pod["metadata"]["uid"],
        "made": pod["metadata"]["creationTimestamp"],
        "phase": status.get("phase"),
        "reason": status.get("reason") or end.get("reason"),
        "exit": end.get("exitCode"),
        "seconds": _span(end),
    }


def _span(end: dict) -> float | None:
    if not (end.get("startedAt") and end.get("finishedAt")):
        return None
    first, last = (datetime.fromisoformat(str(end[key])) for key in ("startedAt", "finishedAt"))
    return (last - first).total_seconds()
