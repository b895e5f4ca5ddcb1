"""A selection that is read when it is used: as a DuckDB relation, or as a polars LazyFrame."""

from typing import TYPE_CHECKING

from fieldhouse.consume import read, refusals
from fieldhouse.consume.selection import Selection, types
from fieldhouse.consume.values import Value
from fieldhouse.lake.duck import name as quoted
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    import duckdb
    import polars as pl


def relation(store: Store, selection: Selection, *, ordered: bool) -> "duckdb.DuckDBPyRelation":
    """The selection as a relation of DuckDB's default connection, where it meets the caller's other relations."""
    import duckdb

    sql = read.query(store, selection)
    if ordered and (selection.copy or len(selection.parts) > 1):
        sql += " ORDER BY " + ", ".join(f"{quoted(column)} NULLS FIRST" for column in selection.table.sort)
    with refusals.of_where(selection.table):
        if selection.predicate:
            read.session(store, selection).sql(sql)  # refuses a condition that does more than read the release
        return duckdb.default_connection().sql(sql)


def frame(store: Store, selection: Selection) -> "pl.LazyFrame":
    """The selection as a LazyFrame over its Parquet files; over DuckDB where a condition is SQL."""
    import polars as pl

    if selection.predicate or not selection.parts:
        found: pl.LazyFrame = relation(store, selection, ordered=False).pl(lazy=True)
        return found
    lazy = pl.scan_parquet(store.local_paths([part.path for part in selection.parts]))
    for column, values in selection.among.items():
        lazy = lazy.filter(_among(column, types(selection.table)[column], values))
    return lazy.select(selection.columns)


def _among(column: str, column_type: str, values: tuple[Value, ...]) -> "pl.Expr":
    import polars as pl

    found = [value for value in values if value is not None]
    if column_type == "timestamp":
        same = pl.col(column).is_in(pl.Series(found, dtype=pl.Datetime("us", "UTC")))
    else:
        same = pl.col(column).is_in(found)
    return same | pl.col(column).is_null() if None in values else same
