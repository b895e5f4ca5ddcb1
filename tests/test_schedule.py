"""Schedules of sources: what is understood, and how far apart their days lie."""

import pytest

from fieldhouse import schedule


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("0 5 * * *", 1),
        ("*/15 * * * *", 1),
        ("@daily", 1),
        ("30 5 * * 1", 7),
        ("0 5 * * 0", 7),
        ("0 5 * * 7", 7),
        ("0 5 * * MON-FRI", 3),
        ("0 5 * * 5-7", 5),
        ("0 0 1 * *", 31),
        ("0 0 1,15 * *", 17),
        ("0 0 1,15 * mon", 7),  # either will do where both are narrowed
        ("0 6 * apr-oct *", 153),
        ("@yearly", 366),
        ("0 0 29 2 *", 2921),  # 2100 is no leap year
    ],
)
def test_the_longest_gap_of(line: str, days: int) -> None:
    assert schedule.longest_gap_days(line) == days


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("daily", "1 fields"),
        ("0 5 * *", "4 fields"),
        ("60 5 * * *", "minute '60'"),
        ("0 5 0 * *", "day of month '0'"),
        ("0 5 * * mon-", "day of week 'mon-'"),
        ("0 5 7-3 * *", "day of month '7-3'"),
        ("0 5 */0 * *", "day of month"),
        ("0 5 *-3 * *", "day of month"),
        ("0 5 1, * *", "day of month ''"),
    ],
)
def test_what_is_not_understood_is_said(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("*", r"\*")):
        schedule.parse(line)


def test_a_day_that_never_comes_is_no_schedule() -> None:
    with pytest.raises(ValueError, match="never comes"):
        schedule.longest_gap_days("0 0 31 2 *")
