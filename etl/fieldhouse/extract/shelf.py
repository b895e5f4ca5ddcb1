"""Where records of feeds that SQL cannot read are remembered: what a source's reader made of each raw file, once.

A bucket's records are one part: (object, records, ordinal, record), the record being the line that the reader wrote. A row
without `records` stands for each file that was read, or set aside: then `record` says why. What a reader makes of a file
depends on the file and the reader alone, so of a bucket in which one file changed only that one is read again.
"""

import hashlib
import importlib.metadata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import documents, memo, parts
from fieldhouse.lake.landings import Landed
from fieldhouse.lake.store import Store
from fieldhouse.sources import Feed, Source

if TYPE_CHECKING:
    import pyarrow as pa

#: Raised when other records are kept of what readers say.
REVISION = 1
#: What a build of the reader leaves beside its code is not its code.
_NOT_CODE = frozenset({"target", "_build", "deps", "__pycache__"})


@dataclass(frozen=True)
class Shelf:
    """Where the records of one bucket of a feed are remembered."""

    source: Source
    feed: Feed
    bucket: int

    @property
    def key(self) -> str:
        """The memo key: another reader, another set of records or another number of buckets is another shelf."""
        sets = [records.name for records in self.feed.records]
        return documents.digest(
            [
                "read",
                REVISION,
                self.source.name,
                self.feed.name,
                sets,
                self.feed.buckets,
                self.bucket,
                digest(self.source),
            ]
        )

    @property
    def dataset(self) -> str:
        """The folder of its parts."""
        return f"{self.source.name}/read/{self.feed.name}"


def bucket_of(key: str, buckets: int) -> int:
    """Which bucket a key belongs to: by hash, so that it stays there when others come and go."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % buckets


def digest(source: Source) -> str:
    """What the source's reader is made of: equal readers make equal records. ConfigurationError for a package not there."""
    reader = source.reader
    found = hashlib.sha256(reader.image.encode())
    for name in reader.packages:
        try:
            found.update(f"{name} {importlib.metadata.version(name)}\0".encode())
        except importlib.metadata.PackageNotFoundError as error:
            raise ConfigurationError(
                f"{source.name}: its reader needs the package {name}, which is not installed",
                hint="`pip install fieldhouse[pipeline]` installs what readers of this repository need",
            ) from error
    for path in _code(source):
        found.update(f"{path.relative_to(source.folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _code(source: Source) -> Iterator[Path]:
    for name in source.reader.code:
        top = source.folder / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            hidden = any(p.startswith(".") or p in _NOT_CODE for p in path.relative_to(source.folder).parts)
            if path.is_file() and not hidden:
                yield path


def find(store: Store, shelf: Shelf) -> "pa.Table | None":
    """All records that are remembered of a bucket, for whatever files; None where nothing is."""
    import pyarrow.parquet as pq

    found = memo.find(store, shelf.key)
    return pq.read_table(store.local(found.outputs[0].path)) if found else None


def missing(known: "pa.Table | None", landed: Sequence[Landed]) -> list[Landed]:
    """The files that have to be read, each content once, in the order of keys."""
    have = set() if known is None else set(known["object"].unique().to_pylist())
    return list({item.sha256: item for item in landed if item.sha256 not in have}.values())


def only(table: "pa.Table", hashes: Collection[str]) -> "pa.Table":
    """The records of some files, by their hashes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table["object"], value_set=pa.array(sorted(hashes), pa.string())))


def remember(
    store: Store, shelf: Shelf, landed: Sequence[Landed], known: "pa.Table | None", read: "pa.Table"
) -> "pa.Table":
    """Put what was read on the shelf, beside what is known of the other files of the bucket; all of it."""
    import pyarrow as pa

    kept = [] if known is None else [only(known, {item.sha256 for item in landed})]
    order = [("object", "ascending"), ("records", "ascending"), ("ordinal", "ascending")]
    table = pa.concat_tables([*kept, read]).combine_chunks().sort_by(order)
    memo.remember(store, shelf.key, memo.Result((parts.write(store, shelf.dataset, table),)))
    return table
