"""Writing a query's result as the parts of a dataset: contract's columns and types, total order, one part a partition."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import parts, schema
from fieldhouse.lake.duck import name
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_BATCH = 1 << 16  # rows


def write(store: Store, con: "DuckDBPyConnection", contract: Contract, query: str) -> list[Part]:
    """Write the query's rows as the contract's parts, in the order of partitions; no rows make no part.

    One partition at a time is held in memory. The query may yield more columns than the contract has.
    ConfigurationError where one is missing or does not cast.
    """
    stats = tuple(dict.fromkeys((*contract.sort[:2], *((contract.partition,) if contract.partition else ()))))
    slices = _partitions(con, contract, query) if contract.partition else [("", _whole(con, contract, query))]
    return [
        parts.write(store, contract.name, rows, partition=value, stats=_scalars(contract, stats))
        for value, rows in slices
        if rows.num_rows
    ]


def write_cut(
    store: Store, con: "DuckDBPyConnection", contract: Contract, query: str, *, dataset: str, rows: int
) -> list[Part]:
    """Write the query's rows in the contract's order as parts of `rows` rows each, whatever its partition."""
    import pyarrow as pa

    wanted = _nullable(schema.arrow(contract.columns))
    stats = _scalars(contract, contract.sort[:2])
    made: list[Part] = []
    held: list[pa.RecordBatch] = []

    def cut(batches: "list[pa.RecordBatch]") -> None:
        table = pa.Table.from_batches(batches).cast(wanted).combine_chunks()
        made.append(parts.write(store, dataset, table, stats=stats))

    for batch in con.sql(_ordered(replace(contract, partition=""), query)).to_arrow_reader(_BATCH):
        start = 0
        while start < batch.num_rows:
            free = rows - sum(b.num_rows for b in held)
            held.append(batch.slice(start, free))
            start += held[-1].num_rows
            if held[-1].num_rows == free:
                cut(held)
                held = []
    if held:
        cut(held)
    return made


def _whole(con: "DuckDBPyConnection", contract: Contract, query: str) -> "pa.Table":
    with _refused(contract):
        table = con.sql(_ordered(contract, query)).to_arrow_table()
    return table.cast(_nullable(schema.arrow(contract.columns)))


def _partitions(con: "DuckDBPyConnection", contract: Contract, query: str) -> Iterator[tuple[str, "pa.Table"]]:
    """The rows of one partition after another, as they come out of the sort."""
    import pyarrow as pa

    wanted = _nullable(schema.arrow(contract.columns))
    with _refused(contract):
        for value, batches in groupby(_runs(con, contract, query), key=itemgetter(0)):
            rows = pa.Table.from_batches([batch for _, batch in batches])
            yield value or "", rows.drop_columns(["_partition"]).cast(wanted).combine_chunks()


def _runs(con: "DuckDBPyConnection", contract: Contract, query: str) -> Iterator[tuple[str | None, "pa.RecordBatch"]]:
    """The rows in total order, cut wherever the partition changes."""
    import pyarrow.compute as pc

    for batch in con.sql(_ordered(contract, query)).to_arrow_reader(_BATCH):
        runs = pc.run_end_encode(batch["_partition"])
        start = 0
        for value, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield value, batch.slice(start, end - start)
            start = end


def _ordered(contract: Contract, query: str) -> str:
    """SQL for the query's rows with the contract's columns, cast and in total order; partitions first, as `_partition`."""
    columns = [f"{name(c.name)}::{schema.DUCKDB[c.type]} AS {name(c.name)}" for c in contract.columns]
    order = [f"{name(n)} NULLS FIRST" for n in contract.order]
    if contract.partition:
        columns.append(f"{decade(contract)} AS _partition")
        order.insert(0, "_partition NULLS FIRST")
    return f"SELECT {', '.join(columns)} FROM ({query}) ORDER BY {', '.join(order)}"


@contextmanager
def _refused(contract: Contract) -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise ConfigurationError(f"{contract.name}: its rows do not fit its contract: {error}") from error


def _nullable(wanted: "pa.Schema") -> "pa.Schema":
    # Whether nulls are allowed is for the audit to say, with the rows that break it.
    import pyarrow as pa

    return pa.schema([field.with_nullable(True) for field in wanted])


def decade(contract: Contract) -> str:
    """SQL for the partition of a row: the decade of the contract's partition column (a date, or a season's label)."""
    column = contract.column(contract.partition)
    if column.type == "date":
        return f"(year({name(column.name)}) // 10 * 10)::VARCHAR"
    if column.type == "string":
        return f"left({name(column.name)}, 3) || '0'"
    return f"({name(column.name)} // 10 * 10)::VARCHAR"


def _scalars(contract: Contract, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n for n in names if contract.column(n).type != "list<string>")
