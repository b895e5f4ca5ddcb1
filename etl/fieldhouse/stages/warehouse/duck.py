"""A DuckDB file as warehouse: the same schemas, tables, views and comments, made in one transaction.

It has no roles, and keys that cost more than they give: the audit has proved them. Whoever has the file open to read
keeps the loader out, and the loader keeps them out while it works: that is how DuckDB shares files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldhouse.errors import DataError, InternalError, StorageError, TemporaryError
from fieldhouse.lake import duck
from fieldhouse.lake.releases import Release, Table
from fieldhouse.lake.schema import DUCKDB
from fieldhouse.lake.store import Store
from fieldhouse.stages.warehouse import shape
from fieldhouse.stages.warehouse.address import Address

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEEP = 2
_BOOKS = """
CREATE SCHEMA IF NOT EXISTS fieldhouse;
CREATE TABLE IF NOT EXISTS fieldhouse.release (number INTEGER, content VARCHAR, time TIMESTAMPTZ, shown TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS fieldhouse.view (name VARCHAR, release INTEGER, retired TIMESTAMPTZ);
CREATE OR REPLACE VIEW fieldhouse.current_release AS
  SELECT number, content, time, shown FROM fieldhouse.release ORDER BY shown DESC LIMIT 1;
"""


@dataclass(frozen=True)
class Filled:
    """What loading did: the release that was shown before (0: none), rows that were loaded, releases that went."""

    before: int
    rows: int = 0
    pruned: tuple[int, ...] = ()


def load(store: Store, address: Address, release: Release, old_days: float) -> Filled:
    """Load the release and show it, all in one transaction; TemporaryError where somebody has the file open."""
    shape.check_names(release.datasets.values())
    with _opened(address) as con:
        con.execute(_BOOKS)
        held = dict(con.execute("SELECT number, content FROM fieldhouse.release").fetchall())
        if held.get(release.number, release.content) != release.content:
            raise DataError(
                f"{address.shown} holds another release {release.number}",
                hint="one warehouse serves one lake: load this one into a file of its own",
            )
        shown = con.execute("SELECT number FROM fieldhouse.current_release").fetchall()
        before = int(shown[0][0]) if shown else 0
        if before == release.number:
            return Filled(before)
        con.execute("BEGIN")
        rows = 0 if release.number in held else _fill(store, con, release)
        _show(con, release)
        pruned = _prune(con, old_days)
        con.execute("COMMIT")
        return Filled(before, rows, pruned)


@contextmanager
def _opened(address: Address) -> Iterator["DuckDBPyConnection"]:
    import duckdb

    try:
        con = duck.connect(file=address.file)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise TemporaryError(
                f"{address.shown} is open elsewhere", hint="close it there, then run `fieldhouse warehouse` again"
            ) from error
        raise StorageError(f"{address.shown} cannot be opened: {error}") from error
    try:
        yield con
    finally:
        con.close()


def _fill(store: Store, con: "DuckDBPyConnection", release: Release) -> int:
    schema = shape.schema_name(release.number)
    con.execute(f"CREATE SCHEMA {schema}")
    con.execute(
        "INSERT INTO fieldhouse.release VALUES (?, ?, ?, NULL)", [release.number, release.content, release.time]
    )
    return sum(_table(store, con, f"{schema}.{shape.table_name(t.name)}", t) for t in release.datasets.values())


def _table(store: Store, con: "DuckDBPyConnection", name: str, table: Table) -> int:
    columns = [
        f"{duck.name(str(c['name']))} {DUCKDB[str(c['type'])]}{'' if c['null'] else ' NOT NULL'}" for c in table.columns
    ]
    con.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    con.execute(f"COMMENT ON TABLE {name} IS {duck.text(shape.table_comment(table))}")
    for column in table.columns:
        what = f"{name}.{duck.name(str(column['name']))}"
        con.execute(f"COMMENT ON COLUMN {what} IS {duck.text(shape.column_comment(column))}")
    if table.parts:
        selected = ", ".join(duck.name(column) for column in shape.columns(table))
        con.execute(f"INSERT INTO {name} SELECT {selected} FROM read_parquet({duck.files(store, table.parts)})")
    [(rows,)] = con.execute(f"SELECT count(*) FROM {name}").fetchall()
    if rows != table.rows:
        raise InternalError(f"{name}: {rows} rows were loaded, and the release promises {table.rows}")
    return int(rows)


def _show(con: "DuckDBPyConnection", release: Release) -> None:
    views = {shape.view_of(table): table for table in release.datasets.values()}
    for view, table in views.items():
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {view.schema}")
        had = [
            row[0]
            for row in con.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? "
                "ORDER BY ordinal_position",
                [view.schema, view.name],
            ).fetchall()
        ]
        source = f"{shape.schema_name(release.number)}.{shape.table_name(table.name)}"
        has = shape.columns(table)
        selected = [duck.name(n) if n in has else f"NULL AS {duck.name(n)}" for n in had]
        selected += [duck.name(n) for n in has if n not in had]
        con.execute(f"CREATE OR REPLACE VIEW {view.full} AS SELECT {', '.join(selected)} FROM {source}")
        con.execute(f"COMMENT ON VIEW {view.full} IS {duck.text(shape.table_comment(table))}")
    shown = [view.full for view in views]
    con.execute("DELETE FROM fieldhouse.view WHERE list_contains(?, name)", [shown])
    con.execute("UPDATE fieldhouse.view SET retired = now() WHERE retired IS NULL")
    con.execute("INSERT INTO fieldhouse.view SELECT unnest(?), ?, NULL", [shown, release.number])
    con.execute("UPDATE fieldhouse.release SET shown = now() WHERE number = ?", [release.number])


def _prune(con: "DuckDBPyConnection", old_days: float) -> tuple[int, ...]:
    """Drop views retired for longer than that, then all releases but the last two and those that a view shows."""
    ended = "SELECT name FROM fieldhouse.view WHERE retired <= now() - to_seconds(?)"
    for (name,) in con.execute(ended, [old_days * 86400]).fetchall():
        con.execute(f"DROP VIEW {name}")
        con.execute("DELETE FROM fieldhouse.view WHERE name = ?", [name])
    rows = con.execute(
        "SELECT number FROM fieldhouse.release WHERE number NOT IN (SELECT release FROM fieldhouse.view) "
        f"ORDER BY shown DESC OFFSET {KEEP - 1}"
    ).fetchall()
    for (number,) in rows:
        con.execute(f"DROP SCHEMA {shape.schema_name(number)} CASCADE")
        con.execute("DELETE FROM fieldhouse.release WHERE number = ?", [number])
    return tuple(sorted(number for (number,) in rows))
