"""Units of work: one bucket of one feed with its objects, and the memo key that covers all that the result rests on."""

import csv
import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.extract.shelf import Shelf, bucket_of
from fieldhouse.lake import documents
from fieldhouse.lake.landings import Landed, Snapshot
from fieldhouse.sources import Feed, Source

#: Raised when a change of this stage's code changes what it makes of the same inputs.
REVISION = 1
#: A record set's mappings may share one parsing of its records: a SELECT that makes the table `records` of `raw`.
PREPARED = "records.sql"
#: Bytes of raw files that one unit takes at most, unless one file has more: parsed, they must fit into a task's memory.
PIECE = 32 << 20


@dataclass(frozen=True)
class SetMapping:
    """One SQL file that says how a record set feeds one normalized dataset."""

    records: str
    contract: Contract
    path: Path
    sql: str


@dataclass(frozen=True)
class Kit:
    """What a source's mappings may use: macros, lookup tables, and its scoped aliases."""

    macros: str
    lookups: Mapping[str, Path]
    aliases: tuple[tuple[str, str, str], ...]  # kind, name, scope
    prepared: Mapping[str, str]  # record set → the SQL of its table `records`


@dataclass(frozen=True)
class Correction:
    """One reviewed repair of corrections.csv."""

    rule: str
    feed: str
    records: str
    selector: str
    field: str
    was: str
    action: str
    becomes: str
    reason: str
    evidence: str


@dataclass(frozen=True)
class Unit:
    """One bucket of a feed, or a piece of one: what is read, in the order of keys, and how it is mapped."""

    source: Source
    feed: Feed
    bucket: int
    objects: tuple[Landed, ...]
    mappings: tuple[SetMapping, ...]
    corrections: tuple[Correction, ...]
    kit: Kit

    @property
    def label(self) -> str:
        """How the unit is called in messages."""
        return f"{self.source.name}/{self.feed.name} bucket {self.bucket + 1} of {self.feed.buckets}"

    @property
    def key(self) -> str:
        """The memo key: equal only if everything that the result rests on is."""
        return documents.digest(
            [
                "normalize",
                REVISION,
                [importlib.metadata.version(name) for name in ("duckdb", "pyarrow")],
                self.source.name,
                [self.feed.name, self.feed.format, self.feed.quote, repr(self.feed.records)],
                [self.feed.packed, self.feed.members, self.feed.unread],
                [
                    [m.records, m.contract.name, m.sql, repr((m.contract.columns, m.contract.hidden))]
                    for m in self.mappings
                ],
                repr(self.corrections),
                [self.kit.macros, repr(self.kit.aliases), dict(self.kit.prepared)],
                [[name, hashlib.sha256(path.read_bytes()).hexdigest()] for name, path in self.kit.lookups.items()],
                [[o.key, o.sha256] for o in self.objects],
                *([self.shelf.key] if self.shelf else []),
            ]
        )

    @property
    def shelf(self) -> Shelf | None:
        """Where the records are remembered that the source's reader makes of this bucket; None where SQL reads it."""
        return Shelf(self.source, self.feed, self.bucket) if self.feed.reader else None


def plan(source: Source, snapshot: Snapshot, contracts: Mapping[str, Contract], home: Path) -> list[Unit]:
    """The units of a source: every bucket that has objects, of every feed whose records are declared."""
    kit = read_kit(source, home)
    repairs = corrections(source)
    units: list[Unit] = []
    for feed in source.feeds.values():
        if not feed.records:
            continue
        filled: dict[int, list[Landed]] = {}
        for landed in sorted(item for item in snapshot.values() if item.feed == feed.name):
            filled.setdefault(bucket_of(landed.key, feed.buckets), []).append(landed)
        maps = mappings(source, feed, contracts)
        own = tuple(c for c in repairs if c.feed == feed.name)
        units.extend(
            Unit(source, feed, n, objects, maps, own, kit)
            for n, items in sorted(filled.items())
            for objects in _pieces(items)
        )
    return units


def _pieces(items: Sequence[Landed]) -> list[tuple[Landed, ...]]:
    """A bucket's objects in as many pieces, a power of two, as keep each to about PIECE bytes; split by hash of keys."""
    number = 1
    while number < len(items) and sum(item.bytes for item in items) > number * PIECE:
        number *= 2
    filled: dict[int, list[Landed]] = {}
    for item in items:
        filled.setdefault(int(hashlib.sha256(item.key.encode()).hexdigest()[8:16], 16) % number, []).append(item)
    return [tuple(filled[n]) for n in sorted(filled)]


def mappings(source: Source, feed: Feed, contracts: Mapping[str, Contract]) -> tuple[SetMapping, ...]:
    """The mappings of a feed's record sets: containers/<source>/normalize/<set>/<domain>.<dataset>.sql."""
    found = []
    for records in feed.records:
        for path in sorted((source.folder / "normalize" / records.name).glob("*.sql")):
            if path.name == PREPARED:
                continue
            contract = contracts.get(path.stem)
            if contract is None or contract.filled_by != "sources" or contract.layer != "normalized":
                raise ConfigurationError(
                    f"{path}: {path.stem} is no normalized dataset that sources fill",
                    hint="name the file after a contract under datasets/, or declare one",
                )
            found.append(SetMapping(records.name, contract, path, path.read_text(encoding="utf-8")))
    return tuple(found)


def corrections(source: Source) -> tuple[Correction, ...]:
    """The reviewed repairs of a source, in file order; ConfigurationError where a row is wrong."""
    path = source.folder / "corrections.csv"
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [Correction(**row) for row in csv.DictReader(file, strict=True)]
    for row in rows:
        if row.action not in ("set", "drop_record", "drop_object") or row.feed not in source.feeds or not row.reason:
            raise ConfigurationError(f"{path}: the correction {row.rule!r} has a wrong action, feed or no reason")
    return tuple(rows)


def read_kit(source: Source, home: Path) -> Kit:
    """What the source's mappings may use besides their records."""
    macros = source.folder / "normalize" / "macros.sql"
    lookups = {path.stem: path for path in sorted((source.folder / "lookup").glob("*.csv"))}
    return Kit(
        macros=macros.read_text(encoding="utf-8") if macros.is_file() else "",
        lookups=lookups,
        aliases=scoped_aliases(source, home),
        prepared={
            path.parent.name: path.read_text(encoding="utf-8")
            for path in sorted((source.folder / "normalize").glob(f"*/{PREPARED}"))
        },
    )


def scoped_aliases(source: Source, home: Path) -> tuple[tuple[str, str, str], ...]:
    """Names of this source that mean something else within a scope: (kind, name, scope), sorted."""
    found = set()
    for path in sorted((home / "datasets" / "crosswalk").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["source"] == source.name and row["scope"]:
                    found.add((path.stem, row["source_id"], row["scope"]))
    return tuple(sorted(found))
