"""Rows on their way to PostgreSQL: Parquet parts, batch by batch, as the CSV that COPY reads.

pyarrow writes that CSV several times faster than the server reads it; a null is an empty field, an empty text is "".
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.errors import InternalError

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg import Connection

_ROWS = 1 << 15  # a batch


def copy(
    con: "Connection[tuple[object, ...]]", table: str, names: Iterable[str], paths: Iterable[Path], rows: int
) -> int:
    """Append the rows of Parquet files to a table that this transaction has made; the number of rows.

    The rows count as frozen: neither a vacuum nor a first reader need touch them again. InternalError where the files
    do not hold the `rows` that the release promises.
    """
    names = list(names)
    columns = ", ".join(f'"{name}"' for name in names)
    sent = 0
    with con.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, FREEZE)".encode()) as to:
        for batch in _batches(paths, names):
            to.write(as_csv(batch))
            sent += batch.num_rows
    if sent != rows:
        raise InternalError(f"{table}: {sent} rows were sent, and the release promises {rows}")
    return sent


def _batches(paths: Iterable[Path], names: list[str]) -> Iterator["pa.RecordBatch"]:
    import pyarrow.parquet as pq

    for path in paths:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_ROWS, columns=names, use_threads=False)


def as_csv(batch: "pa.RecordBatch") -> memoryview:
    """The rows as CSV without a header."""
    import pyarrow as pa
    import pyarrow.csv as pc

    listed = [n for n, field in enumerate(batch.schema) if pa.types.is_list(field.type)]
    for n in listed:
        batch = batch.set_column(n, batch.schema.names[n], _arrays(batch.column(n)))
    sink = pa.BufferOutputStream()
    pc.write_csv(batch, sink, pc.WriteOptions(include_header=False, batch_size=_ROWS))
    return memoryview(sink.getvalue())


def _arrays(lists: "pa.ListArray") -> "pa.Array":
    """Lists of texts as PostgreSQL writes arrays: {"a","b"}."""
    import pyarrow as pa
    import pyarrow.compute as pc

    escaped = pc.replace_substring(pc.replace_substring(lists.values, "\\", "\\\\"), '"', '\\"')
    quoted = pc.fill_null(pc.binary_join_element_wise('"', escaped, '"', ""), "NULL")
    joined = pc.binary_join(pa.ListArray.from_arrays(lists.offsets, quoted), ",")
    return pc.if_else(lists.is_valid(), pc.binary_join_element_wise("{", joined, "}", ""), None)
