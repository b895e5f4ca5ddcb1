"""From feeds' tables to what is fetched: one key and one URL for each combination of values. Pure: no network."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, urlsplit

from fieldhouse.errors import ConfigurationError, DataError, UsageError
from fieldhouse.extract.http import dated
from fieldhouse.extract.http.dated import Dated
from fieldhouse.extract.http.job import Job, Values
from fieldhouse.extract.http.values import Row, Template, rows
from fieldhouse.extract.keys import check_keys
from fieldhouse.extract.reading import fault_of_url
from fieldhouse.interval import Interval

Expect = Literal["json", "ndjson", "csv", "parquet", "text"]
BaseOf = Callable[[Job, str, Values], str]


@dataclass(frozen=True)
class Wanted:
    """One key to fetch. `optional`: 404 means that it is absent. `expect`: what the bytes must look like.

    `lacking`: absence is told, because it is a mirror that lacks what upstream must have.
    """

    feed: str
    key: str
    url: str
    optional: bool
    expect: Expect
    lacking: bool = False


def plan(job: Job, base_of: BaseOf | None = None) -> list[Wanted]:
    """Everything to fetch, feeds and values in declared order; ConfigurationError names the field that is wrong.

    `base_of`: what a feed's URLs are relative to, where that is not the URL of its base.

    With an interval only keys that are dated within it; UsageError where a feed's keys are not dated, or none is within.
    """
    found: list[Wanted] = []
    for feed, table in job.feeds.items():
        wanted = list(_feed(job, feed, table, base_of or _base))
        try:
            check_keys(feed, [entry.key for entry in wanted])
        except DataError as error:
            raise ConfigurationError(f"feeds.{feed}.key: {error.message}") from error
        found += wanted
    if not found and job.interval:
        raise UsageError(
            f"{job.source}: no declared key is dated within {job.interval}", hint="compare with `values` in source.toml"
        )
    if not found:
        raise ConfigurationError("no feed has a key: there is nothing to fetch")
    return found


def _feed(job: Job, feed: str, table: Values, base_of: BaseOf) -> Iterator[Wanted]:
    where = f"feeds.{feed}"
    key, url = Template(table.get("key"), f"{where}.key"), Template(table.get("url", table.get("key")), f"{where}.url")
    quoted_key = "url" not in table
    base, optional, expect = base_of(job, where, table), _optional(where, table), _expect(where, table)
    lacking = optional == "mirror" and job.mirror is not None
    urls: dict[str, str] = {}
    for row in _rows(job, feed, table):
        name = "".join(piece for piece, _ in key.fill(row))
        address = base + _relative(url, row, quoted_key, f"{where}.url")
        if urls.setdefault(name, address) != address:
            raise ConfigurationError(f"{where}: the key {name!r} stands for two URLs, {urls[name]} and {address}")
        if len(urls) == 1 and (fault := fault_of_url(address)):  # values are encoded: they add no parameters
            raise ConfigurationError(f"{where}.url {fault}")
    for name, address in urls.items():
        yield Wanted(feed, name, address, optional is True or lacking, expect, lacking)


def _rows(job: Job, feed: str, table: Values) -> Iterator[Row]:
    """The rows of values of a feed's keys; with an interval those of keys that are dated within it."""
    by = dated.read(table, f"feeds.{feed}")
    if by is None and job.interval:
        raise UsageError(
            f"{job.source}/{feed}: an interval cannot be asked of it, since its keys are not dated",
            hint='declare, for example, dated = { season = "season" }',
        )
    for row in _declared(job, feed, table):
        if by is None or _wanted(by, row, job.interval):
            yield row


def _wanted(by: Dated, row: Row, interval: Interval | None) -> bool:
    # What is declared wrongly is told by the daily run, too, not by the first backfill.
    first, after = by.period(row)
    return interval is None or interval.overlaps(first, after)


def _declared(job: Job, feed: str, table: Values) -> Iterator[Row]:
    overrides = job.config.get("values", {})
    if not isinstance(overrides, Mapping):
        raise ConfigurationError(f"config.values is {overrides!r:.80}; a table of feeds is expected")
    if feed in overrides:
        return rows(overrides[feed], f"config.values.{feed}")
    return rows(table.get("values", {}), f"feeds.{feed}.values")


def _relative(template: Template, row: Row, quoted_key: bool, where: str) -> str:
    """The part of a URL below its base. Values are percent-encoded; so is the rest, where the key stands for it."""
    text = "".join(quote(piece) if value or quoted_key else piece for piece, value in template.fill(row))
    path = text.partition("?")[0]
    if urlsplit(text).scheme or path.startswith("/") or {".", ".."} & set(path.split("/")) or "#" in text:
        raise ConfigurationError(f"{where}: {text!r} does not stay below its base")
    return text


def base_name(job: Job, where: str, table: Values) -> str:
    """Which of [bases] a feed names: the only one, where it names none."""
    name = table.get("base", next(iter(job.bases)) if len(job.bases) == 1 else None)
    if not isinstance(name, str) or name not in job.bases:
        raise ConfigurationError(f"{where}.base is {name!r}; one of {', '.join(job.bases) or 'no [bases]'} is expected")
    return name


def _base(job: Job, where: str, table: Values) -> str:
    """The URL that the feed's URLs are relative to, with a final slash; the mirror's, if there is one."""
    name = base_name(job, where, table)
    base = job.bases[name]
    if job.mirror:
        folder = base.get("mirror", "").strip("/")
        return f"{job.mirror}/{job.source}/{folder}/" if folder else f"{job.mirror}/{job.source}/"
    url = base.get("url", "")
    fault = fault_of_url(url)
    if fault or urlsplit(url).scheme not in ("http", "https") or "?" in url:
        raise ConfigurationError(f"bases.{name}.url {fault or 'is no http or https URL of a folder'}")
    return url.rstrip("/") + "/"


def _optional(where: str, table: Values) -> bool | Literal["mirror"]:
    optional = table.get("optional", False)
    if optional == "mirror":
        return "mirror"
    if not isinstance(optional, bool):
        raise ConfigurationError(f"{where}.optional is {optional!r}; true, false or 'mirror' is expected")
    return optional


def _expect(where: str, table: Values) -> Expect:
    expect = table.get("expect", table.get("format"))
    for kind in get_args(Expect):
        if kind == expect:
            return kind  # type: ignore[no-any-return]
    raise ConfigurationError(f"{where}.expect is {expect!r}; one of {', '.join(get_args(Expect))} is expected")
