"""What a source declares in containers/<source>/source.toml: feeds, keys, limits and the strict schema of its records.

This module imports nothing heavy: DAG files read sources, too.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from fieldhouse import declared, schedule, settings
from fieldhouse.errors import ConfigurationError, NotFound

FORMATS = ("json", "ndjson", "csv", "parquet", "text")
#: Generic extractors: of files at URLs, and of files in a package (a wheel).
USES = ("", "http", "pip")
LANGUAGES = ("elixir", "python", "rust", "shell")
FIELD_TYPES = ("text", "integer", "number", "boolean", "date", "list", "integers", "object")
#: What a feed's files may be that hold its documents, in place of a document themselves.
PACKINGS = ("", "zip")
#: What turns a feed's files into records where SQL cannot: a program of the protocol's task `read`, or a `reader.py`.
READERS = ("", "image", "reader.py")
#: The record set in which a reader says what it cannot read; no source may declare it.
ASIDE = "aside"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Field:
    """One declared field of a record.

    `types`: what the raw value may be (several: the column holds text). `at`: the paths below the record where it may
    stand, the first that holds a value counts. `absent`: some of upstream's tables do not have the column. `nulls`: raw
    texts that mean "no value". `values`: the only texts allowed. `pattern`: what a whole text must look like. `length`: how
    many elements a list of integers has (0: any number).
    """

    name: str
    types: tuple[str, ...]
    at: tuple[str, ...]
    null: bool = False
    nulls: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    length: int = 0
    absent: bool = False
    pattern: str = ""


@dataclass(frozen=True)
class RecordSet:
    """Where the records of a feed are, what they look like, and which are passed over by a named rule.

    `paths`: for JSON, where records stand (`$.matches[*]`; several for variants; `.*` stands for the values of an object).
    `header`: fields inherited from above,
    each with its path (several for variants; one that ends in `[*]` is the element itself, as JSON).
    `passed_over`: rule name → SQL predicate over the record's columns.
    """

    name: str
    paths: tuple[str, ...]
    header: Mapping[str, tuple[str, ...]]
    fields: tuple[Field, ...]
    passed_over: Mapping[str, str]


@dataclass(frozen=True)
class Feed:
    """A kind of file of a source: format, where it is fetched, how its keys are split into buckets, its records.

    `optional`: whether upstream may lack a key; `mirror`: only a frozen mirror may. `reader`: what turns its files into
    records where SQL cannot, one of READERS. `packed`: what each file is that holds the documents (one of PACKINGS), and
    `members`: a glob of those that are read. `unread`: fields beside the records that are known and not read.
    """

    name: str
    format: str
    raw: Mapping[str, object]
    optional: bool | Literal["mirror"]
    buckets: int
    quote: str
    records: tuple[RecordSet, ...]
    reader: str = ""
    packed: str = ""
    members: str = "*"
    unread: tuple[str, ...] = ()

    @property
    def castable(self) -> bool:
        """Whether its values are texts that are cast as declared, as the cells of CSV files are: text has no types."""
        return self.format == "text"


@dataclass(frozen=True)
class Limits:
    """What one extraction may use, and how much of a source may vanish, drift or age before somebody is told.

    `max_age_days`: None where the schedule says it (`Source.max_age_days`).
    """

    deadline_s: float = 3600.0
    silence_s: float = 300.0
    max_bytes: int = 10 << 30
    max_file_bytes: int = 2 << 30
    max_files: int = 100_000
    requests_per_second: float = 8.0
    concurrency: int = 4
    max_vanished: float = 0.02
    max_drift: float = 0.01
    max_age_days: float | None = None


@dataclass(frozen=True)
class Extractor:
    """What lands the source's files: a generic extractor (`uses`, one of USES) or an image of its own.

    `command`: how the same program runs without its image; its first word is a file of the source's folder or a program
    on PATH. `needs`: the programs that must be on PATH for `command`.
    `intervals`: whether a program of its own understands the interval of a backfill.
    """

    language: str
    image: str = ""
    uses: str = ""
    command: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    intervals: bool = False


@dataclass(frozen=True)
class Reader:
    """What reads the feeds that SQL cannot: `reader.py` in the source's folder, or an image of its own (docs/readers.md).

    `code`: its files and folders below the source's folder; records are remembered as long as their bytes are the same.
    `packages`: what a `reader.py` imports; their versions count, too. `command` runs an image's program on a machine
    that has the programs `needs`, as that of an Extractor does.
    """

    language: str = "python"
    image: str = ""
    command: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    code: tuple[str, ...] = ("reader.py",)
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One source as its declaration has it. `rank` orders sources where ids are minted; it never changes.

    `waivers`: checks of the conformance kit that its extractor need not pass, each with the reason.
    """

    name: str
    title: str
    homepage: str
    licence: str
    attribution: str
    owner: str
    schedule: str
    rank: int
    extractor: Extractor
    limits: Limits
    secrets: tuple[str, ...]
    config: Mapping[str, object]
    bases: Mapping[str, Mapping[str, str]]
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    folder: Path = Path()
    waivers: Mapping[str, str] = field(default_factory=dict)
    reader: Reader = Reader()

    @property
    def max_age_days(self) -> float:
        """How old its newest landing may be before the source is stale: declared, or twice its schedule's longest gap.

        So a daily source is stale when it has failed on two days, a weekly one after two weeks.
        """
        declared_days = self.limits.max_age_days
        return 2.0 * schedule.longest_gap_days(self.schedule) if declared_days is None else declared_days

    def feed(self, name: str) -> Feed:
        """The feed called `name`; NotFound names those that exist."""
        try:
            return self.feeds[name]
        except KeyError:
            raise NotFound(f"{self.name} has no feed {name!r}; its feeds are {', '.join(self.feeds)}") from None


#: What a field may say besides its type, and as what.
_SAID: dict[str, type] = {
    "at": tuple,
    "null": bool,
    "nulls": tuple,
    "values": tuple,
    "pattern": str,
    "length": int,
    "absent": bool,
}


def _field(name: str, table: declared.Table) -> Field:
    types = table.texts("type")
    for kind in types:
        if kind not in FIELD_TYPES:
            raise ConfigurationError(f"{table.where}: type {kind!r}; one of {', '.join(FIELD_TYPES)} is expected")
    # Few fields say more than their type: only what is said is looked at, for there are a hundred of them in a source.
    said: dict[str, Any] = {
        key: table.texts(key) if _SAID[key] is tuple else table.take(key, _SAID[key])
        for key in table.names()
        if key in _SAID
    }
    found = Field(name, types, **{"at": (name,), **said})
    table.close()
    return found


def _header(table: declared.Table) -> dict[str, tuple[str, ...]]:
    return {name: table.texts(name) for name in table.names()}


def _records(name: str, table: declared.Table) -> RecordSet:
    found = RecordSet(
        name=name,
        paths=table.texts("path", ("$",)),
        header=_header(table.table("header", optional=True)),
        fields=tuple(_field(key, t) for key, t in table.tables("fields").items()),
        passed_over={key: str(value) for key, value in table.table("passed_over", optional=True).rest().items()},
    )
    table.close()
    return found


def _feed(name: str, values: dict[str, object], where: str) -> Feed:
    table = declared.Table(values, where)
    raw = {key: value for key, value in values.items() if key != "records"}
    feed = Feed(
        name=name,
        format=table.choice("format", FORMATS),
        raw=raw,
        optional=_optional(table),
        buckets=table.take("buckets", int, 1),
        quote=table.take("quote", str, '"'),
        records=tuple(_records(key, t) for key, t in table.tables("records", optional=True).items()),
        reader=table.choice("reader", READERS, ""),
        packed=table.choice("packed", PACKINGS, ""),
        members=table.take("members", str, "*"),
        unread=table.texts("unread", ()),
    )
    if feed.buckets < 1:
        raise ConfigurationError(f"{where}: buckets is {feed.buckets}; at least 1 is needed")
    if feed.packed and feed.records and feed.format != "json":
        raise ConfigurationError(f"{where}: an archive of {feed.format} files cannot be read; one of json files can")
    if feed.reader:
        _check_read(feed, where)
    # The rest belongs to the extractor (base, key, url, values …) and is handed to it unchanged.
    return feed


def _check_read(feed: Feed, where: str) -> None:
    """A reader gives records as they are: there is nothing above them that a path could lead through."""
    for records in feed.records:
        if records.paths != ("$",) or records.header or records.name == ASIDE:
            raise ConfigurationError(
                f"{where} [records.{records.name}]: a reader's record set has fields, no path and no header, and is not "
                f"called {ASIDE}"
            )


def _optional(table: declared.Table) -> bool | Literal["mirror"]:
    if table.peek("optional") == "mirror":
        table.take("optional", str)
        return "mirror"
    return table.take("optional", bool, False)


def _limits(table: declared.Table) -> Limits:
    values: dict[str, Any] = {
        name: table.take(name, int if isinstance(getattr(Limits, name), int) else float, getattr(Limits, name))
        for name in table.names()
        if hasattr(Limits, name)
    }
    table.close()
    age = values.get("max_age_days", 0.0)
    if not 0 <= age < float("inf"):
        raise ConfigurationError(f"{table.where}: max_age_days is {age}; a number of days is expected")
    return Limits(**values)


def _schedule(table: declared.Table) -> str:
    line = table.take("schedule", str)
    try:
        schedule.parse(line)
    except ValueError as error:
        raise ConfigurationError(
            f"{table.where}: schedule is {line!r}: {error}", hint='"0 5 * * *" is every day at 5:00 UTC'
        ) from error
    return line


def _extractor(table: declared.Table) -> Extractor:
    found = Extractor(
        language=table.choice("language", LANGUAGES),
        image=table.take("image", str, ""),
        uses=table.choice("uses", USES, ""),
        command=table.texts("command", ()),
        needs=table.texts("needs", ()),
        intervals=table.take("intervals", bool, False),
    )
    table.close()
    return found


def _waivers(table: declared.Table) -> dict[str, str]:
    found = {name: table.take(name, str) for name in table.names()}
    for name, reason in found.items():
        if len(reason.split()) < 3:
            raise ConfigurationError(f"{table.where}: {name} is waived for {reason!r}; a reason in words is expected")
    return found


def _reader(table: declared.Table) -> Reader:
    language = table.choice("language", LANGUAGES, "python")
    found = Reader(
        language=language,
        image=table.take("image", str, ""),
        command=table.texts("command", ()),
        needs=table.texts("needs", ()),
        code=table.texts("code", ("reader.py",)),
        packages=table.texts("packages", ()),
    )
    table.close()
    return found


def _check_reader(source: Source, path: Path) -> None:
    """What a feed is read with is there; what the records rest on is named."""
    wanted = {feed.reader for feed in source.feeds.values() if feed.reader}
    if len(wanted) > 1:
        raise ConfigurationError(
            f"{path}: its feeds are read by {' and by '.join(sorted(wanted))}; a source has one reader"
        )
    if not wanted:
        return
    lost = [name for name in source.reader.code if not os.path.exists(f"{source.folder}/{name}")]
    if lost:
        raise ConfigurationError(
            f"{path}: its reader is made of {', '.join(lost)}, which is not in its folder",
            hint='`code` under [reader] names its files and folders, such as ["reader"]',
        )


def read(path: Path) -> Source:
    """The source declared in the file `path` (…/<name>/source.toml); ConfigurationError says what is wrong."""
    table = declared.read(path)
    name = path.parent.name
    if table.take("name", str) != name or not _NAME.fullmatch(name):
        raise ConfigurationError(f"{path}: name must equal its folder's, {name!r}, in lower case words joined by _")
    feeds = table.take("feeds", dict)
    source = Source(
        name=name,
        title=table.take("title", str),
        homepage=table.take("homepage", str),
        licence=table.take("licence", str),
        attribution=table.take("attribution", str),
        owner=table.take("owner", str),
        schedule=_schedule(table),
        rank=table.take("rank", int),
        extractor=_extractor(table.table("extractor")),
        limits=_limits(table.table("limits", optional=True)),
        secrets=table.texts("secrets", ()),
        config=table.table("config", optional=True).rest(),
        bases={
            key: {k: str(v) for k, v in t.rest().items()} for key, t in table.tables("bases", optional=True).items()
        },
        feeds={key: _feed(key, value, f"{path} [feeds.{key}]") for key, value in feeds.items()},
        folder=path.parent,
        waivers=_waivers(table.table("waivers", optional=True)),
        reader=_reader(table.table("reader", optional=True)),
    )
    table.close()
    _check_reader(source, path)
    return source


@cache
def load_all(home: Path | None = None) -> dict[str, Source]:
    """All sources under `<home>/containers`, by name, in the order of their ranks."""
    folder = (home or settings.home()) / "containers"
    found = sorted((read(path) for path in folder.glob("*/source.toml")), key=lambda s: (s.rank, s.name))
    ranks = [s.rank for s in found]
    if len(set(ranks)) != len(ranks):
        raise ConfigurationError(f"{folder}: two sources have the same rank; ranks are unique and never change")
    return {source.name: source for source in found}


def find(name: str, home: Path | None = None) -> Source:
    """The source called `name`; NotFound names those that exist."""
    sources = load_all(home)
    if name not in sources:
        raise NotFound(f"there is no source {name!r}; sources are {', '.join(sources)}")
    return sources[name]
