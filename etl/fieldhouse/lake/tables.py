"""Writing a query's result as the parts of a dataset: contract's columns and types, total order, one part a partition."""

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


def write(store: Store, con: "DuckDBPyConnection", contract: Contract, query: str) -> list[Part]:
    """Write the query's rows as the contract's parts, in the order of partitions; no rows make no part.

    The query may yield more columns than the contract has. ConfigurationError where one is missing or does not cast.
    """
    table = fetch(con, contract, query)
    stats = tuple(dict.fromkeys((*contract.sort[:2], *((contract.partition,) if contract.partition else ()))))
    slices = _slices(table) if contract.partition else [("", table)]
    return [
        parts.write(store, contract.name, rows, partition=value, stats=_scalars(contract, stats))
        for value, rows in slices
        if rows.num_rows
    ]


def fetch(con: "DuckDBPyConnection", contract: Contract, query: str) -> "pa.Table":
    """The query's rows with the contract's columns, cast and in total order; with a column `_partition` if it has one."""
    import duckdb

    columns = [f"{name(c.name)}::{schema.DUCKDB[c.type]} AS {name(c.name)}" for c in contract.columns]
    order = [f"{name(n)} NULLS FIRST" for n in contract.order]
    if contract.partition:
        columns.append(f"{decade(contract)} AS _partition")
        order.insert(0, "_partition NULLS FIRST")
    try:
        table = con.sql(f"SELECT {', '.join(columns)} FROM ({query}) ORDER BY {', '.join(order)}").to_arrow_table()
    except duckdb.Error as error:
        raise ConfigurationError(f"{contract.name}: its rows do not fit its contract: {error}") from error
    wanted = schema.arrow(contract.columns)
    if contract.partition:
        import pyarrow as pa

        wanted = wanted.append(pa.field("_partition", pa.string()))
    return table.cast(_nullable(wanted))


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


def _slices(table: "pa.Table") -> list[tuple[str, "pa.Table"]]:
    import pyarrow.compute as pc

    values = table["_partition"]
    rows = table.drop_columns(["_partition"])
    counts = {item["values"]: item["counts"] for item in pc.value_counts(values).to_pylist()}
    slices, start = [], 0
    for value in sorted(counts, key=lambda v: (v is not None, v or "")):
        slices.append((value or "", rows.slice(start, counts[value]).combine_chunks()))
        start += counts[value]
    return slices


def _scalars(contract: Contract, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n for n in names if contract.column(n).type != "list<string>")
