"""What a check found, and what all of them say of an extractor: its level."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["bronze", "silver", "gold"]
LEVELS: tuple[Level, ...] = ("bronze", "silver", "gold")
State = Literal["passed", "failed", "blocked", "skipped", "waived"]


class Failed(Exception):
    """A check's finding against the extractor: what was asked, what was expected, what came."""


class Skipped(Exception):
    """A check that says nothing here, and why."""


@dataclass(frozen=True)
class Verdict:
    """What one check found. `why`: of a failure, a blocked, skipped or waived check; `log`: the extractor's last lines."""

    check: str
    level: Level
    proves: str
    state: State
    why: str = ""
    seconds: float = 0.0
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All verdicts on one extractor, in the order of the checks."""

    subject: str
    source: str
    verdicts: tuple[Verdict, ...]

    @property
    def level(self) -> Level | None:
        """The highest level all of whose checks, and all below them, are passed, waived or skipped for a reason."""
        reached: Level | None = None
        for level in LEVELS:
            if any(v.state in ("failed", "blocked") for v in self.verdicts if v.level == level):
                break
            reached = level
        return reached

    def of(self, state: State) -> Sequence[Verdict]:
        """The verdicts of one kind."""
        return [verdict for verdict in self.verdicts if verdict.state == state]
