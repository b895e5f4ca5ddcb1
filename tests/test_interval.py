"""Intervals: what a backfill may say, and how it is cut into steps without a gap or an overlap."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse import interval
from fieldhouse.errors import UsageError
from fieldhouse.interval import STEPS, Interval

moments = st.integers(-110 * 31_536_000, 130 * 31_536_000).map(
    lambda s: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=s)
)


def texts(pieces: tuple[Interval, ...]) -> list[str]:
    return [str(piece).replace("T00:00:00Z", "") for piece in pieces]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-08-01", "2026-08-01T00:00:00Z"),
        ("2026-08-01T06:00:00Z", "2026-08-01T06:00:00Z"),
        ("2026-08-01T06:00:00+02:00", "2026-08-01T04:00:00Z"),
    ],
)
def test_a_day_is_its_midnight_in_utc_and_a_time_has_its_zone(given: str, meant: str) -> None:
    assert interval.rfc3339(interval.moment(given)) == meant


@pytest.mark.parametrize("given", ["", "today", "2026", "20260801", "2026-13-01", "2026-08-01T06:00:00", "2026-W01-1"])
def test_what_is_no_time_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(UsageError, match="is no time") as raised:
        interval.moment(given)
    assert "2026-08-01T06:00:00Z" in raised.value.hint


@given(moments, moments)
def test_an_interval_is_its_text_and_back(one: dt.datetime, other: dt.datetime) -> None:
    if one != other:
        whole = Interval(min(one, other), max(one, other))
        assert interval.parse(str(whole)) == whole


def test_an_interval_ends_after_it_starts() -> None:
    with pytest.raises(UsageError, match="in order"):
        interval.between("2026-08-02", "2026-08-01")


@pytest.mark.parametrize(
    ("step", "pieces"),
    [
        ("month", ["2025-12-31/2026-01-31", "2026-01-31/2026-02-28", "2026-02-28/2026-03-10"]),
        ("week", ["2025-12-31/2026-01-07", "2026-01-07/2026-01-14"]),
        ("year", ["2025-12-31/2026-03-10"]),
        ("whole", ["2025-12-31/2026-03-10"]),
    ],
)
def test_steps_are_counted_from_the_start_and_the_last_one_may_be_short(step: str, pieces: list[str]) -> None:
    assert texts(interval.cut(interval.between("2025-12-31", "2026-03-10"), step))[: len(pieces)] == pieces


@given(moments, st.integers(1, 900), st.sampled_from(STEPS))
def test_pieces_have_no_gap_and_no_overlap(start: dt.datetime, days: int, step: str) -> None:
    whole = Interval(start, start + dt.timedelta(days=days))
    pieces = interval.cut(whole, step)
    assert (pieces[0].start, pieces[-1].end) == (whole.start, whole.end)
    assert [p.end for p in pieces[:-1]] == [p.start for p in pieces[1:]]


def test_a_step_that_is_none_and_too_many_pieces_are_refused() -> None:
    long = interval.between("1900-01-01", "2026-01-01")
    with pytest.raises(UsageError, match="steps are day, week, month, year, whole"):
        interval.cut(long, "decade")
    with pytest.raises(UsageError, match="more than 1000 pieces"):
        interval.cut(long, "day")
    assert len(interval.cut(long, "year")) == 126


def test_the_last_years_there_are_can_be_cut() -> None:
    assert len(interval.cut(interval.between("9998-06-01", "9999-12-31"), "year")) == 2


@pytest.mark.parametrize(
    ("first", "after", "within"),
    [
        ("2025-12-31", "2026-01-01", False),
        ("2026-02-01", "2026-02-02", False),
        ("2025-12-31", "2026-01-02", True),
        ("2026-01-31", "2026-02-01", True),
        ("2020-01-01", "2030-01-01", True),
    ],
)
def test_days_overlap_up_to_but_without_the_end(first: str, after: str, within: bool) -> None:
    january = interval.between("2026-01-01", "2026-02-01")
    assert january.overlaps(dt.date.fromisoformat(first), dt.date.fromisoformat(after)) is within
