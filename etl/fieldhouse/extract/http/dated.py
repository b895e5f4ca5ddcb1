"""Keys that belong to a time: `dated = { season = "season" }` says which place of a template names it, and how."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from fieldhouse.errors import ConfigurationError
from fieldhouse.extract.http.values import Row

Kind = Literal["day", "month", "year", "season"]
Period = tuple[dt.date, dt.date]
_FORM: dict[Kind, str] = {
    "day": r"(\d{4})-?(\d\d)-?(\d\d)",
    "month": r"(\d{4})-?(\d\d)",
    "year": r"(\d{4})",
    # One that is played within a year, or from one into the next: 2018, 2015-16, 2015-2016.
    "season": r"(\d{4})(?:[-_](\d\d|\d{4}))?",
}
_EXAMPLE: dict[Kind, str] = {"day": "2026-08-01", "month": "2026-08", "year": "2026", "season": "2025-26 or 2026"}


@dataclass(frozen=True)
class Dated:
    """How the keys of a feed are dated: by the values of `place`, read as `kind`."""

    place: str
    kind: Kind
    where: str

    def period(self, row: Row) -> Period:
        """The first day that a key belongs to, and the day after its last; ConfigurationError where it names none."""
        if self.place not in row:
            raise ConfigurationError(
                f"{self.where}: {{{self.place}}} has no values; those declared are {', '.join(row)}"
            )
        text = str(row[self.place])
        found = re.fullmatch(_FORM[self.kind], text, re.ASCII)
        try:
            if found is None:
                raise ValueError
            return _period(self.kind, [int(part) for part in found.groups() if part])
        except ValueError:
            raise ConfigurationError(
                f"{self.where}: the value {text!r} of {{{self.place}}} is no {self.kind}, such as {_EXAMPLE[self.kind]}"
            ) from None


def read(table: Mapping[str, object], where: str) -> Dated | None:
    """What a feed's table says under `dated`; None where it says nothing, so that no interval can be asked of it."""
    value = table.get("dated")
    if value is None:
        return None
    if isinstance(value, Mapping) and len(value) == 1:
        [(place, given)] = value.items()
        for kind in get_args(Kind):
            if kind == given:
                return Dated(str(place), kind, f"{where}.dated")
    raise ConfigurationError(
        f"{where}.dated is {value!r}; a place and one of {', '.join(get_args(Kind))} is expected",
        hint='for example dated = { season = "season" }',
    )


def _period(kind: Kind, numbers: list[int]) -> Period:
    year = numbers[0]
    if kind == "day":
        day = dt.date(*numbers)
        return day, day + dt.timedelta(days=1)
    if kind == "month":
        first = dt.date(year, numbers[1], 1)
        return first, (first + dt.timedelta(days=31)).replace(day=1)
    last = year if len(numbers) == 1 else _last(year, numbers[1])
    return dt.date(year, 1, 1), dt.date(last + 1, 1, 1)


def _last(year: int, named: int) -> int:
    """The year in which a season ends that begins in `year`: the next one."""
    if named not in (year + 1, (year + 1) % 100):
        raise ValueError
    return year + 1
