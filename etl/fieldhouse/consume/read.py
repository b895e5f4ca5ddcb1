"""The SQL that reads a selection, and its rows as one Arrow table in the dataset's declared order."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldhouse.consume import refusals, sessions
from fieldhouse.consume.nearest import missing
from fieldhouse.consume.order import arrange, deciding
from fieldhouse.consume.selection import SEASON, Selection, nullable, types
from fieldhouse.lake import duck, schema
from fieldhouse.lake.duck import name as quoted
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PART = "file_index"  # DuckDB's own column: which of the files a row is from


def query(store: Store, selection: Selection, extra: tuple[str, ...] = ()) -> str:
    """SELECT of the selection; `extra` are columns added to those asked for."""
    wanted = ", ".join(map(quoted, (*selection.columns, *extra)))
    return f"SELECT {wanted} FROM {source(store, selection)}{selection.where}"


def source(store: Store, selection: Selection) -> str:
    """What the selection is read from, in SQL: its parts, or no rows of the same columns."""
    found = selection.parts
    return f"read_parquet({duck.files(store, found)})" if found else f"({empty(types(selection.table))})"


def empty(columns: Mapping[str, str]) -> str:
    """SELECT of no rows with these columns."""
    return (
        "SELECT " + ", ".join(f"NULL::{schema.DUCKDB[t]} AS {quoted(n)}" for n, t in columns.items()) + " WHERE false"
    )


def rows(store: Store, selection: Selection) -> "pa.Table":
    """The rows asked for, in the dataset's order."""
    plain = len(selection.parts) == 1 and not selection.where
    table = _file(store, selection) if plain else _queried(store, selection)
    return table.select(list(selection.columns)).cast(arrow_schema(selection))  # lists' elements have many names


def _file(store: Store, selection: Selection) -> "pa.Table":
    """All rows of a single part: Arrow reads the columns of one file in parallel, DuckDB does not."""
    import pyarrow.parquet as pq

    path = store.local(selection.parts[0].path)
    return pq.read_table(path, columns=list(selection.columns), partitioning=None)


def _queried(store: Store, selection: Selection) -> "pa.Table":
    if selection.copy:
        return _reordered(store, selection)
    order = deciding(selection.parts, selection.table.sort, nullable(selection.table))
    extra = tuple(column for column in order if column not in selection.columns)
    sql = query(store, selection, (*extra, PART) if order else ())
    con = session(store, selection)
    with refusals.of_where(selection.table):
        table = con.sql(sql).to_arrow_table()
    return arrange(table, order, PART) if order else table


def _reordered(store: Store, selection: Selection) -> "pa.Table":
    """The rows of a copy, which has an order of its own, in the dataset's."""
    import pyarrow.compute as pc

    order = selection.table.sort
    sql = query(store, selection, tuple(column for column in order if column not in selection.columns))
    con = session(store, selection)
    with refusals.of_where(selection.table):
        table = con.sql(sql).to_arrow_table()
    return table.take(pc.sort_indices(table, sort_keys=[(column, "ascending", "at_start") for column in order]))


def arrow_schema(selection: Selection) -> "pa.Schema":
    """The Arrow types of the columns asked for."""
    import pyarrow as pa

    known = types(selection.table)
    return pa.schema([(column, schema.arrow_type(known[column])) for column in selection.columns])


def session(store: Store, selection: Selection) -> "duckdb.DuckDBPyConnection":
    """Where the selection is read: a guarded session if it holds SQL of the caller's."""
    if not selection.predicate:
        return sessions.shared()
    sessions.check_reads_only(f"SELECT 1 WHERE ({selection.predicate}\n)")
    con = sessions.guarded(store, selection.parts)
    sessions.lock(con)
    return con


def check_seasons(store: Store, selection: Selection) -> None:
    """NotFound for a season asked for that the dataset has no row of; it names the nearest that it has."""
    if SEASON not in selection.among:
        return
    con = sessions.shared()
    distinct = f"SELECT DISTINCT {SEASON} FROM "
    by_season = Selection(selection.table, (SEASON,), {SEASON: selection.among[SEASON]}, "")
    known = {row[0] for row in con.execute(distinct + source(store, by_season)).fetchall()}
    unknown = [value for value in selection.among[SEASON] if value not in known]
    if unknown:
        everything = Selection(selection.table, selection.columns, {}, "")
        found = con.execute(distinct + source(store, everything)).fetchall()
        raise missing(selection.table.name, "season", unknown[0], (row[0] for row in found))
