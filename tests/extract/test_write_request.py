"""The request that an extractor gets."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from fieldhouse.errors import NotFound, UsageError
from fieldhouse.extract import schemas
from fieldhouse.extract.request import Interval, Known, write_request
from fieldhouse.sources import Source

A, B = "a" * 64, "b" * 64


def written(path: Path) -> dict[str, object]:
    values = json.loads(path.read_text())
    jsonschema.validate(values, schemas.request())
    return values


def test_a_request_fits_its_schema_and_repeats_the_declaration(tmp_path: Path, source: Source) -> None:
    path = write_request(tmp_path / "in", source, "day-1", 2, known=(), state={"n": 1}, mirror="http://127.0.0.1:1/")
    request = written(path)
    assert path == tmp_path / "in" / "request.json"
    assert (request["source"], request["run"], request["attempt"]) == ("leagues", "day-1", 2)
    assert request["feeds"]["table"] == {"format": "csv", "key": "table.csv"}
    assert request["feeds"]["season"]["values"] == {"season": ["2015-16", "2016-17"], "code": ["en.1"]}
    assert request["bases"] == {"main": {"url": "https://leagues.example/data/", "mirror": "data"}}
    assert request["state"] == {"n": 1}
    assert request["mirror"] == "http://127.0.0.1:1"
    assert "max_vanished" not in request["limits"]


def test_known_files_are_sorted_and_only_of_the_wanted_feeds(tmp_path: Path, source: Source) -> None:
    known = [
        Known("table", "table.csv", B, 2),
        Known("season", "b", A, 1, '"e"', "Sat, 01 Aug 2026 00:00:00 GMT"),
        Known("season", "a", A, 1),
    ]
    request = written(write_request(tmp_path, source, "r", 1, known=known, state=None, feeds=["season"]))
    lines = [json.loads(line) for line in Path(str(request["known"])).read_text().splitlines()]
    assert [(line["feed"], line["key"]) for line in lines] == [("season", "a"), ("season", "b")]
    assert list(request["feeds"]) == ["season"]
    definition = {**schemas.request(), **schemas.request()["$defs"]["known"], "if": True, "then": True}
    for line in lines:
        jsonschema.validate(line, {**definition, "properties": schemas.request()["$defs"]["known"]["properties"]})


def test_config_is_overridden_entry_by_entry(tmp_path: Path, source: Source) -> None:
    config = {"values": {"season": {"season": ["1999-00"], "code": ["en.1"]}}}
    request = written(write_request(tmp_path, source, "r", 1, known=(), state=None, config=config))
    assert request["config"] == {"contact": "data@leagues.example", **config}


def test_a_backfill_carries_its_interval_and_no_state(tmp_path: Path, source: Source) -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    interval = Interval(dt.datetime(2026, 1, 1, tzinfo=zone), dt.datetime(2026, 2, 1, tzinfo=zone))
    request = written(write_request(tmp_path, source, "r", 1, known=(), state={"n": 1}, interval=interval))
    assert request["interval"] == {"start": "2025-12-31T22:00:00Z", "end": "2026-01-31T22:00:00Z"}
    assert request["state"] is None


def test_dates_of_a_declaration_become_text(tmp_path: Path, source: Source) -> None:
    config = {"since": dt.date(2020, 1, 2)}
    assert (
        written(write_request(tmp_path, source, "r", 1, known=(), state=None, config=config))["config"]["since"]
        == "2020-01-02"
    )


@pytest.mark.parametrize("run", ["", "Day", "-a", "a b", "a/b", "x" * 81, "ä", "a\n"])
def test_a_run_that_is_no_name_is_refused(tmp_path: Path, source: Source, run: str) -> None:
    with pytest.raises(UsageError, match="a run matches"):
        write_request(tmp_path, source, run, 1, known=(), state=None)


def test_an_interval_that_is_none_is_refused() -> None:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(UsageError, match="time zone"):
        Interval(start, start)
    with pytest.raises(UsageError, match="time zone"):
        Interval(dt.datetime(2025, 1, 1), start)  # noqa: DTZ001


def test_a_feed_that_does_not_exist_is_named(tmp_path: Path, source: Source) -> None:
    with pytest.raises(NotFound, match="its feeds are season, table"):
        write_request(tmp_path, source, "r", 1, known=(), state=None, feeds=["saison"])
    with pytest.raises(UsageError, match="no feed is wanted"):
        write_request(tmp_path, source, "r", 1, known=(), state=None, feeds=[])


def test_known_has_exactly_the_fields_of_the_protocol() -> None:
    names = [field.name for field in dataclasses.fields(Known)]
    assert names == schemas.request()["$defs"]["known"]["required"]
