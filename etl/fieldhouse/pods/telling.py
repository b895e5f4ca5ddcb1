"""A verdict as text for people: what they need first, in under 40 lines; nothing of the pod's spec or environment."""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldhouse.pods import message
from fieldhouse.pods.facts import Facts
from fieldhouse.pods.verdict import Verdict

LOG_LINES = 20
_WIDTH = 400


@dataclass(frozen=True)
class Story:
    """What is told beside the verdict. `lines`: how many the log has; `tail`: its last ones.

    `unread`: why there may be more of them, "" where that is all.
    """

    task: str
    facts: Facts
    attempt: int = 1
    lines: int = 0
    tail: Sequence[str] = ()
    unread: str = ""


def tell(verdict: Verdict, story: Story) -> str:
    """The text of a verdict."""
    facts = story.facts
    ending = "will be tried again, if it has tries left" if verdict.state == "retry" else "is not tried again"
    told = [
        f"{story.task}: {_headline(verdict)}",
        *([f"  {_cut(verdict.what)}"] if verdict.what else []),
        f"  pod {facts.name or '?'} (uid {facts.uid or '?'}) on node {facts.node or '?'}, try {story.attempt}",
        *_memory(verdict, facts),
        *_log(story),
    ]
    if verdict.state != "success":
        told += [f"  → {_cut(verdict.advice or 'its log says more')}", f"  The task {ending}."]
    return "\n".join(told)


def _headline(verdict: Verdict) -> str:
    head = f"reason={verdict.reason}"
    if verdict.exit_code is not None:
        head += f" exit={verdict.exit_code}"
    return head + (f" container={verdict.container}" if verdict.container else "")


def _memory(verdict: Verdict, facts: Facts) -> list[str]:
    container = verdict.container
    limit = (facts.limits or {}).get(container, "")
    ended = facts.end_of(container)
    peak = message.read(ended.message).peak_mib if ended else None
    known = [f"memory limit {limit}"] if limit else []
    known += [f"peak {peak}Mi"] if peak is not None else []
    return [f"  {', '.join(known)}"] if known else []


def _log(story: Story) -> list[str]:
    tail = list(story.tail)[-LOG_LINES:]
    if not tail:
        return [f"  no log: {_cut(story.unread)}" if story.unread else "  the log has no lines"]
    head = f"  the last {len(tail)} of {story.lines} log lines:" if story.lines > len(tail) else "  all log lines:"
    return [head, *(f"    | {_cut(line)}" for line in tail)]


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[:_WIDTH] + " …"
