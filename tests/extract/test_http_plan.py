"""From a feed's table to keys and URLs; what is declared wrongly is named before anything is fetched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.extract.http.job import Bounds, Job, read
from fieldhouse.extract.http.plan import Wanted, plan
from fieldhouse.extract.request import Known, write_request
from fieldhouse.sources import Source

BOUNDS = Bounds(60, 30, 1, 1, 1, 1, 1)
BASES = {"main": {"url": "https://leagues.example/data", "mirror": "data"}, "plain": {"url": "https://plain.example/"}}


def job(config: dict[str, object] | None = None, mirror: str | None = None, **feeds: dict[str, object]) -> Job:
    table = {name: {"format": "csv", "base": "main", **values} for name, values in feeds.items()}
    return Job("leagues", "r", 1, table, config or {}, BASES, BOUNDS, {}, mirror)


def urls(todo: Job) -> list[str]:
    return [wanted.url for wanted in plan(todo)]


def keys(todo: Job) -> list[str]:
    return [wanted.key for wanted in plan(todo)]


def test_a_key_is_its_own_url_below_the_only_base() -> None:
    todo = replace(job(t={"key": "a b/ü.csv"}), bases={"main": BASES["main"]})
    todo = replace(todo, feeds={"t": {"format": "csv", "key": "a b/ü.csv", "optional": True, "expect": "text"}})
    assert plan(todo) == [Wanted("t", "a b/ü.csv", "https://leagues.example/data/a%20b/%C3%BC.csv", True, "text")]


def test_values_are_multiplied_in_order_and_tables_united() -> None:
    tables = [{"season": ["2015-16", "2016-17"], "code": ["en.1", "de.1"]}, {"season": ["2020"], "code": ["br.1"]}]
    assert keys(job(t={"key": "{season}/{code}.json", "values": tables})) == [
        "2015-16/en.1.json",
        "2015-16/de.1.json",
        "2016-17/en.1.json",
        "2016-17/de.1.json",
        "2020/br.1.json",
    ]


def test_overlapping_tables_ask_once() -> None:
    assert keys(job(t={"key": "{n}", "values": [{"n": [1, 2]}, {"n": [2, 3]}]})) == ["1", "2", "3"]


def test_a_range_includes_its_end_and_can_be_formatted() -> None:
    values = {"year": {"from": 1930, "to": 1939, "step": 4}}
    assert keys(job(t={"key": "{year}.csv", "values": values})) == ["1930.csv", "1934.csv", "1938.csv"]
    assert keys(job(t={"key": "{m:02}", "values": {"m": {"from": 9, "to": 10}}})) == ["09", "10"]


def test_config_overrides_the_values_of_one_feed() -> None:
    config = {"values": {"t": {"n": [7]}}}
    todo = job(config, t={"key": "{n}", "values": {"n": [1]}}, u={"key": "u{n}", "values": {"n": [1]}})
    assert keys(todo) == ["7", "u1"]


def test_a_url_template_is_kept_and_its_values_are_encoded() -> None:
    feed = {"key": "{team}.csv", "url": "get?team={team}&x=1", "values": {"team": ["A&B=C", "D/E"]}}
    assert urls(job(t=feed)) == [
        "https://leagues.example/data/get?team=A%26B%3DC&x=1",
        "https://leagues.example/data/get?team=D/E&x=1",
    ]


def test_a_mirror_replaces_each_base() -> None:
    todo = job(mirror="http://127.0.0.1:1", t={"key": "a"}, u={"key": "b", "base": "plain"})
    assert urls(todo) == ["http://127.0.0.1:1/leagues/data/a", "http://127.0.0.1:1/leagues/b"]


@pytest.mark.parametrize(
    ("feed", "reason"),
    [
        ({}, r"feeds\.t\.key is None"),
        ({"key": "{n}"}, "has no values"),
        ({"key": "{"}, "Single '{'"),
        ({"key": "{0}", "values": {"n": [1]}}, "places are named"),
        ({"key": "{n:q}", "values": {"n": [1]}}, "does not fit"),
        ({"key": "../a"}, "does not stay below|leads elsewhere"),
        ({"key": "/a"}, "does not stay below|empty part"),
        ({"key": "{n}", "values": {"n": ["a", "A"]}}, "upper and lower case"),
        ({"key": "{n}", "values": {"n": ["a", "a/b"]}}, "folder of"),
        ({"key": "a", "url": "https://other.example/a"}, "does not stay below"),
        ({"key": "a", "url": "../../{n}", "values": {"n": [1]}}, "does not stay below"),
        ({"key": "a", "url": "x#y"}, "does not stay below"),
        ({"key": "a", "url": "x?api_key=1"}, "looks like a secret"),
        ({"key": "a", "url": "{n}", "values": {"n": [1, 2]}}, "two URLs"),
        ({"key": "a", "base": "none"}, "one of main, plain"),
        ({"key": "a", "optional": "yes"}, "true, false or 'mirror'"),
        ({"key": "a", "expect": "xml"}, "one of json"),
        ({"key": "{n}", "values": {"n": []}}, "a list of texts"),
        ({"key": "{n}", "values": {"n": [1.5]}}, "a list of texts"),
        ({"key": "{n}", "values": {"n": [True]}}, "a list of texts"),
        ({"key": "{n}", "values": {"n": "abc"}}, "a list of texts"),
        ({"key": "{n}", "values": {"n": {"from": 1}}}, "a range has"),
        ({"key": "{n}", "values": {"n": {"from": 2, "to": 1}}}, "from ≤ to"),
        ({"key": "{n}", "values": {"n": {"from": 1, "to": 2, "step": 0}}}, "from ≤ to"),
        ({"key": "{n}", "values": {"n": {"from": 1, "to": 2, "by": 1}}}, "a range has"),
        ({"key": "{n}", "values": {"n": {"from": 0, "to": 10**12}}}, "at most 1000000"),
        ({"key": "{a}{b}", "values": {"a": {"from": 1, "to": 2000}, "b": {"from": 1, "to": 2000}}}, "4000000 keys"),
        ({"key": "{n}", "values": "abc"}, "a table of lists"),
    ],
)
def test_what_is_declared_wrongly_is_named(feed: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        plan(job(t=feed))


@pytest.mark.parametrize("url", ["", "ftp://a/", "https://user:pw@a/", "https://a/?token=1", "a/b"])
def test_a_base_is_a_plain_url_without_secrets(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"bases\.main\.url") as caught:
        plan(replace(job(t={"key": "a"}), bases={"main": {"url": url}}))
    assert "pw" not in str(caught.value)


def test_the_contact_must_fit_a_header() -> None:
    with pytest.raises(ConfigurationError, match=r"config\.contact"):
        _ = job({"contact": "a\r\nb"}).agent
    assert job().agent.startswith("fieldhouse")


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=3, unique=True))
def test_a_value_never_changes_where_a_url_leads(values: list[str]) -> None:
    """Whatever a value holds: same host, below the base, and decoded again it is the value."""
    try:
        wanted = plan(job(t={"key": "k{v}.csv", "values": {"v": values}}))
    except ConfigurationError:
        return
    for value, entry in zip(values, wanted, strict=True):
        parts = urlsplit(entry.url)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "leagues.example", "", "")
        assert unquote(parts.path) == f"/data/k{value}.csv"


def test_a_real_request_is_read(tmp_path: Path, source: Source) -> None:
    known = Known("table", "table.csv", "a" * 64, 1)
    path = write_request(tmp_path, source, "day-1", 3, known=[known], state=None, mirror="http://127.0.0.1:1/")
    todo = read(path)
    assert (todo.source, todo.run, todo.attempt, todo.mirror) == ("leagues", "day-1", 3, "http://127.0.0.1:1")
    assert todo.known == {("table", "table.csv"): known}
    assert todo.bounds.max_files == 20
    assert keys(todo) == ["2015-16/en.1.json", "2016-17/en.1.json", "table.csv"]


def _other_protocol(text: str) -> str:
    return text.replace('"protocol": 1', '"protocol": 2')


def _other_task(text: str) -> str:
    return text.replace('"extract"', '"read"')


def _half(text: str) -> str:
    return text[: len(text) // 2]


def _no_limits(text: str) -> str:
    return text.replace('"deadline_s"', '"deadline"')


@pytest.mark.parametrize("spoil", [_other_protocol, _other_task, _half, _no_limits])
def test_a_request_that_it_does_not_know_is_a_usage_error(
    tmp_path: Path, source: Source, spoil: Callable[[str], str]
) -> None:
    path = write_request(tmp_path, source, "r", 1, known=(), state=None)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(UsageError):
        read(path)
