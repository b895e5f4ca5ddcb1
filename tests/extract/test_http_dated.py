"""A backfill asks the generic extractor only for keys that are dated within its interval."""

import json
from pathlib import Path

import pytest

from fieldhouse import interval
from fieldhouse.errors import ConfigurationError, Exit, UsageError
from fieldhouse.extract.http.extraction import extract
from fieldhouse.extract.http.job import Bounds, Job
from fieldhouse.extract.http.plan import plan
from fieldhouse.extract.request import write_request
from fieldhouse.sources import Source

BOUNDS = Bounds(60, 30, 1, 1, 1, 1, 1)
SEASONS = {"season": ["2014-15", "2015-16", "2016", "2017-2018"]}


def job(between: tuple[str, str] | None, dated: object, values: dict[str, object], name: str = "{season}") -> Job:
    feed = {"format": "csv", "key": name, "values": values} | ({"dated": dated} if dated is not None else {})
    asked = interval.between(*between) if between else None
    return Job("leagues", "r", 1, {"t": feed}, {}, {"b": {"url": "https://x.example/"}}, BOUNDS, {}, None, asked)


def keys(*args: object) -> list[str]:
    return [wanted.key for wanted in plan(job(*args))]  # type: ignore[arg-type]


def test_without_an_interval_all_keys_are_asked_for() -> None:
    assert keys(None, {"season": "season"}, SEASONS) == SEASONS["season"]


@pytest.mark.parametrize(
    ("between", "found"),
    [
        (("2015-01-01", "2015-01-02"), ["2014-15", "2015-16"]),
        (("2016-12-31", "2017-01-01"), ["2015-16", "2016"]),
        (("2017-01-01", "2018-01-01"), ["2017-2018"]),
        (("2018-12-31T23:59:59Z", "2030-01-01"), ["2017-2018"]),
    ],
)
def test_a_season_counts_with_all_years_that_it_names(between: tuple[str, str], found: list[str]) -> None:
    assert keys(between, {"season": "season"}, SEASONS) == found


@pytest.mark.parametrize(
    ("kind", "values", "found"),
    [
        ("year", {"from": 1950, "to": 2030, "step": 4}, ["2026"]),
        ("month", ["2026-07", "2026-08", "202609"], ["2026-08"]),
        ("day", ["2026-07-31", "2026-08-01", "20260831", "2026-09-01"], ["2026-08-01", "20260831"]),
    ],
)
def test_days_months_and_years_are_read(kind: str, values: object, found: list[str]) -> None:
    assert keys(("2026-08-01", "2026-09-01"), {"n": kind}, {"n": values}, "{n}") == found


def test_an_interval_without_a_key_is_refused() -> None:
    with pytest.raises(UsageError, match="no declared key is dated within 1900-01-01T00:00:00Z/1901"):
        keys(("1900-01-01", "1901-01-01"), {"season": "season"}, SEASONS)


def test_a_feed_that_is_not_dated_is_refused_with_the_way_out() -> None:
    with pytest.raises(UsageError, match="leagues/t: an interval cannot be asked of it") as raised:
        keys(("2015-01-01", "2016-01-01"), None, SEASONS)
    assert "dated = " in raised.value.hint


@pytest.mark.parametrize(
    "dated", ["season", {}, {"season": "century"}, {"season": "year", "code": "year"}, 1, {"season": 1}]
)
def test_a_wrong_declaration_is_told_by_the_daily_run(dated: object) -> None:
    with pytest.raises(ConfigurationError, match=r"feeds\.t\.dated is"):
        keys(None, dated, SEASONS)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("season", "2015-17"), ("season", "15-16"), ("season", "2015-14"), ("year", "20155"), ("month", "2026-13"),
        ("day", "2026-02-30"), ("day", "0000-01-01"), ("year", "٢٠٢٦"), ("year", "2026\n"), ("season", "9999-00"),
        ("year", "9999"),
    ],
)  # fmt: skip
def test_a_value_that_names_no_time_is_told_by_the_daily_run(kind: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"is no {kind}, such as"):
        keys(None, {"n": kind}, {"n": [value]}, "{n}.csv")


def test_a_place_without_values_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"\{year\} has no values; those declared are season"):
        keys(None, {"year": "year"}, SEASONS)


def test_the_process_ends_with_64_where_an_interval_cannot_be_asked(tmp_path: Path, source: Source, capfd) -> None:
    from fieldhouse.extract.http.extraction import ended

    asked = interval.between("2016-01-01", "2017-01-01")
    request = write_request(tmp_path / "in", source, "r", 1, known=(), state=None, interval=asked)
    with pytest.raises(UsageError) as raised:
        extract(request, tmp_path)
    assert ended(raised.value) == Exit.USAGE
    said = json.loads(capfd.readouterr().err.splitlines()[-1])
    assert (said["code"], said["level"]) == (64, "error")
    assert not (tmp_path / "manifest.json").exists()
