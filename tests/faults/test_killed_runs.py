"""A run that is killed leaves nothing half-visible, and the next one ends as if nothing had happened."""

import time
from pathlib import Path

import pytest

from fieldhouse.lake import open_store, releases
from fieldhouse.lake.verify import verify

ON_THE_SAMPLE = 10
ON_THE_FEEDS = 50
IN_A_BUCKET = 3


def _survives(course, share: float, lake: Path | str) -> None:
    point = course.point(share)
    course.lake_before(point, lake)
    course.kill(lake, point)
    _shows_all_or_nothing(course, lake)
    _leaves_nothing_running(course)
    _ends_well(course, lake)


def _shows_all_or_nothing(course, lake: Path | str) -> None:
    store = open_store(str(lake))
    if releases.newest(store):
        assert releases.read(store).content == course.content


def _leaves_nothing_running(course) -> None:
    until = time.monotonic() + 60
    while left := course.runs.extractors():
        assert time.monotonic() < until, f"still running: {left}"
        time.sleep(0.01)


def _ends_well(course, lake: Path | str) -> None:
    store = course.runs.here(lake)
    assert releases.read(store).content == course.content
    assert releases.numbers(store) == [1]
    report = verify(store)
    assert report.clean, report.doc()


@pytest.mark.parametrize("number", range(ON_THE_SAMPLE))
def test_a_run_over_the_sample_is_killed_at_a_random_point(sample_course, at_random, tmp_path, number):
    _survives(sample_course, at_random(number, ON_THE_SAMPLE), tmp_path / "lake")


def test_a_first_run_is_killed_again_and_again(sample_course, at_random, tmp_path):
    lake = tmp_path / "lake"
    for number in range(3):
        sample_course.kill(lake, sample_course.point(at_random(number, 3)))
        _shows_all_or_nothing(sample_course, lake)
    _ends_well(sample_course, lake)


@pytest.mark.parametrize("number", range(IN_A_BUCKET))
def test_a_run_into_a_bucket_is_killed_at_a_random_point(sample_course, at_random, bucket, number):
    _survives(sample_course, at_random(number, IN_A_BUCKET), bucket)


@pytest.mark.feeds
@pytest.mark.parametrize("number", range(ON_THE_FEEDS))
def test_a_run_over_the_real_feeds_is_killed_at_a_random_point(feeds_course, at_random, tmp_path, number):
    _survives(feeds_course, at_random(number, ON_THE_FEEDS), tmp_path / "lake")
