"""Cron lines as sources declare them: five fields, UTC. Whether one can be understood, and how far its days lie apart."""

import datetime as dt
import itertools
from functools import cache

_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: Per field its name, lowest and highest number, and the names of its numbers.
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
#: Days of two leap cycles, one of which is cut short by a year that is none (2100): the longest gap lies within.
_FROM, _TO = dt.date(2090, 1, 1), dt.date(2112, 1, 1)


def parse(line: str) -> tuple[frozenset[int], ...]:
    """The numbers that each of the five fields allows; ValueError says what is not understood."""
    fields = _PRESETS.get(line.strip().lower(), line).split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{len(fields)} fields; five are expected: minute, hour, day of month, month, day of week")
    return tuple(
        frozenset(number for part in text.split(",") for number in _part(part.lower(), *field))
        for text, field in zip(fields, _FIELDS, strict=True)
    )


def _part(text: str, name: str, low: int, high: int, names: tuple[str, ...]) -> range:
    span, slash, step = text.partition("/")
    first, dash, last = span.partition("-")
    begin = low if first == "*" else _number(first, low, names)
    end = _number(last, low, names) if dash else high if first == "*" or slash else begin
    every = int(step) if step.isdigit() else 0 if slash else 1
    if begin is None or end is None or not low <= begin <= end <= high or every < 1 or (first == "*" and dash):
        raise ValueError(f"{name} {text!r}: *, numbers from {low} to {high}, lists, ranges and steps are expected")
    return range(begin, end + 1, every)


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text in names:
        return low + names.index(text)
    return int(text) if text.isdigit() else None


@cache
def longest_gap_days(line: str) -> int:
    """The most days from one scheduled day to the next; ValueError where the line has no day, or is not understood."""
    _, _, dates, months, weekdays = parse(line)
    # As cron has it: where both kinds of days are narrowed, either will do.
    narrowed = [len(dates) < 31, len({day % 7 for day in weekdays}) < 7]
    either = any if all(narrowed) else all
    days = (_FROM + dt.timedelta(days=n) for n in range((_TO - _FROM).days))
    due = [
        day
        for day in days
        if day.month in months
        and either((day.day in dates, not weekdays.isdisjoint({day.isoweekday() % 7, day.isoweekday()})))
    ]
    gaps = [(after - before).days for before, after in itertools.pairwise(due)]
    if not gaps:
        raise ValueError(f"{line!r} never comes")
    return max(gaps)
