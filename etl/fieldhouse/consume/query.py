"""fh.sql: SQL over all datasets of one release, which it can read and nothing else."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from fieldhouse.consume import engines, read, refusals, sessions
from fieldhouse.consume.engines import Engine
from fieldhouse.consume.opened import Opened, open_release
from fieldhouse.consume.selection import types
from fieldhouse.lake import duck
from fieldhouse.lake.parts import Part

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from fieldhouse.consume.engines import Rows


@overload
def sql(
    query: str, release: int | None = ..., engine: Literal["pandas"] = ..., lake: str | Path | None = ...
) -> "pd.DataFrame": ...
@overload
def sql(
    query: str, release: int | None = ..., *, engine: Literal["arrow"], lake: str | Path | None = ...
) -> "pa.Table": ...
@overload
def sql(
    query: str, release: int | None = ..., *, engine: Literal["polars"], lake: str | Path | None = ...
) -> "pl.DataFrame": ...
@overload
def sql(
    query: str, release: int | None = ..., *, engine: Literal["duckdb"], lake: str | Path | None = ...
) -> "duckdb.DuckDBPyRelation": ...
def sql(
    query: str, release: int | None = None, engine: Engine = "pandas", lake: str | Path | None = None
) -> "Rows | duckdb.DuckDBPyRelation":
    """The answer to a query in DuckDB's SQL, in which every dataset of the release is a table: `football.standing`.

    Where a row came from is `football.goal_origin` and the like (source, feed, key, object, record). The query can
    only read, and only the release: files, settings and the caller's own variables are out of reach.
    Whole numbers stay whole: sums of integers are `int64`. A relation (engine "duckdb") is read when it is used.

    Raises NotFound for an unknown table, column, engine or release (it names the nearest), UsageError for SQL that
    does not work or does more than read, UnavailableError where there is no lake.
    """
    engines.check(engine)
    sessions.check_reads_only(query)
    opened = open_release(release, lake)
    con = _session(opened, query)
    tables = {name: types(table) for name, table in opened.release.datasets.items()}
    with refusals.of_query(query, tables, str(opened)):
        relation = con.sql(query)
        if engine == "duckdb":
            return relation
        table = whole(relation.to_arrow_table())
    return engines.deliver(
        table, engine, {f.name for f, c in zip(table.schema, table.columns, strict=True) if c.null_count}
    )


def _session(opened: Opened, query: str) -> "duckdb.DuckDBPyConnection":
    """A locked session with a view of every dataset that the query may name."""
    datasets = [table for table in opened.release.datasets.values() if _named(table.name, query)]
    origins = {n: found for n, found in opened.origins().items() if _named(f"{n}_origin", query)}
    readable: list[Part] = [part for found in (*(t.parts for t in datasets), *origins.values()) for part in found]
    con = sessions.guarded(opened.store, readable)
    for table in datasets:
        duck.view(con, opened.store, table.name, table.parts, read.empty(types(table)))
    for name, found in origins.items():
        duck.view(con, opened.store, f"{name}_origin", found, "")
    for domain in {name.partition(".")[0] for name in opened.release.datasets}:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {duck.name(domain)}")
    sessions.lock(con)
    return con


def _named(table: str, query: str) -> bool:
    # A view costs opening its files. The last word of a name is looked for, which finds every spelling of it, and more.
    return re.search(rf"\b{re.escape(table.partition('.')[2])}\b", query, re.IGNORECASE) is not None


def whole(table: "pa.Table") -> "pa.Table":
    """The table with DuckDB's 128-bit integers (sums of integers) as 64-bit ones, where they fit."""
    import pyarrow as pa
    import pyarrow.types as t

    for position, field in enumerate(table.schema):
        if t.is_decimal(field.type) and field.type.scale == 0:
            try:
                narrow = table.column(position).cast(pa.int64())
            except pa.ArrowInvalid:
                continue
            table = table.set_column(position, field.name, narrow)
    return table
