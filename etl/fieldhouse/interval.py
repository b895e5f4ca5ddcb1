"""Spans of time, half-open and in UTC: what a backfill asks for, and how it is cut into steps."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from fieldhouse.errors import UsageError

Step = Literal["day", "week", "month", "year", "whole"]
STEPS: tuple[Step, ...] = get_args(Step)
#: Steps of one backfill: more are asked for by mistake.
MOST = 1000
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MONTHS: dict[Step, int] = {"month": 1, "year": 12}
_DAYS: dict[Step, int] = {"day": 1, "week": 7}


@dataclass(frozen=True)
class Interval:
    """A half-open span of time, [start, end), both with a time zone."""

    start: dt.datetime
    end: dt.datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise UsageError(f"the interval [{self.start}, {self.end}) is none: both ends need a time zone, in order")

    def __str__(self) -> str:
        return f"{rfc3339(self.start)}/{rfc3339(self.end)}"

    def overlaps(self, first: dt.date, after: dt.date) -> bool:
        """Whether any of the days from `first` up to but without `after`, in UTC, lies within."""
        return midnight(first) < self.end and self.start < midnight(after)


def rfc3339(moment: dt.datetime) -> str:
    """`moment` in UTC, as 2026-08-01T06:00:00Z."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def midnight(day: dt.date) -> dt.datetime:
    """The moment at which a day begins in UTC."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def moment(text: str) -> dt.datetime:
    """A day (`2026-08-01`: its midnight in UTC) or a time with its zone; UsageError says what is expected."""
    try:
        found = midnight(dt.date.fromisoformat(text)) if _DATE.fullmatch(text) else dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not _DATE.match(text):
        raise UsageError(f"{text!r} is no time", hint="a day such as 2026-08-01 or a time such as 2026-08-01T06:00:00Z")
    return found.astimezone(dt.UTC)


def between(start: str, end: str) -> Interval:
    """From `start` up to but without `end`, each a day or a time."""
    return Interval(moment(start), moment(end))


def parse(text: str) -> Interval:
    """The interval that `str` of one gives: `2026-08-01T00:00:00Z/2026-09-01T00:00:00Z`."""
    start, _, end = text.partition("/")
    return between(start, end)


def cut(whole: Interval, step: str) -> tuple[Interval, ...]:
    """`whole` in pieces of a step, in order, the last one shorter where it does not fit; UsageError for too many."""
    pieces: list[Interval] = []
    ends = _ends(whole, step)
    start = whole.start
    while start < whole.end:
        end = min(next(ends), whole.end)
        pieces.append(Interval(start, end))
        start = end
        if len(pieces) > MOST:
            raise UsageError(
                f"{whole} has more than {MOST} pieces of a {step}", hint="take a longer step, or less time"
            )
    return tuple(pieces)


def _ends(whole: Interval, step: str) -> Iterator[dt.datetime]:
    """Where pieces end, counted from the start: so that a month from the 31st does not drift to the 28th."""
    for known in STEPS:
        if known == step:
            return _counted(whole, known)
    raise UsageError(f"the step {step!r} is none; steps are {', '.join(STEPS)}")


def _counted(whole: Interval, step: Step) -> Iterator[dt.datetime]:
    for count in range(1, MOST + 2):
        if step == "whole":
            yield whole.end
        elif step in _DAYS:
            yield whole.start + dt.timedelta(days=count * _DAYS[step])
        else:
            yield _months_later(whole.start, count * _MONTHS[step])


def _months_later(start: dt.datetime, months: int) -> dt.datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))
