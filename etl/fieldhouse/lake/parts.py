"""Parts: immutable Parquet files named by their content, with deterministic bytes.

The same rows in the same order give the same bytes on any machine: fixed writer settings, no clock, no path, no
thread count in them. An upgrade of the writer may change all parts once.
"""

import datetime
import hashlib
import io
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from fieldhouse.errors import InternalError
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Part:
    """One Parquet file of a dataset: where it lies, its hash, and the range of values of the columns it is sorted by."""

    dataset: str
    path: str
    rows: int
    bytes: int
    sha256: str
    partition: str = ""
    stats: dict[str, tuple[Scalar, Scalar]] = field(default_factory=dict)

    def doc(self) -> dict[str, object]:
        """As it stands in JSON documents."""
        return asdict(self)


def from_doc(doc: dict[str, object]) -> Part:
    """The part that `doc` describes."""
    stats = {name: (low, high) for name, (low, high) in doc["stats"].items()}  # type: ignore[attr-defined]
    return Part(**{**doc, "stats": stats})  # type: ignore[arg-type]


def folder(dataset: str) -> str:
    """Where the parts of a dataset lie."""
    return f"parts/{dataset}"


def encode(table: "pa.Table") -> bytes:
    """The table as Parquet bytes; the same table always gives the same bytes."""
    import pyarrow.parquet as pq
    import pyarrow.types as t

    texts = [f.name for f in table.schema if t.is_string(f.type) or t.is_list(f.type)]
    leaf = {f.name: f"{f.name}.list.element" for f in table.schema if t.is_list(f.type)}
    encodings = {
        f.name: "DELTA_BINARY_PACKED" for f in table.schema if t.is_integer(f.type) and f.type.bit_width >= 32
    } | {f.name: "BYTE_STREAM_SPLIT" for f in table.schema if t.is_floating(f.type)}
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=3,
        use_dictionary=[leaf.get(name, name) for name in texts],
        column_encoding=encodings or None,
        row_group_size=1 << 20,
        version="2.6",
    )
    return sink.getvalue()


def write(store: Store, dataset: str, table: "pa.Table", *, partition: str = "", stats: tuple[str, ...] = ()) -> Part:
    """Write one part and return its description; `stats` are the columns whose range is recorded."""
    data = encode(table)
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"{folder(dataset)}/{sha256}.parquet"
    store.put(path, data)
    ranges = {name: _range(table, name) for name in stats if table.num_rows}
    return Part(dataset, path, table.num_rows, len(data), sha256, partition, ranges)


def _range(table: "pa.Table", name: str) -> tuple[Scalar, Scalar]:
    import pyarrow.compute as pc

    low_high = pc.min_max(table[name]).as_py()
    return _plain(low_high["min"]), _plain(low_high["max"])


def _plain(value: object) -> Scalar:
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise InternalError(f"no range can be recorded for values of type {type(value).__name__}")
