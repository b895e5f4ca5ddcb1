"""One DuckDB session as every stage uses it: UTC, stated memory, spilling to scratch, no network, no surprises."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse import settings
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    import duckdb


def connect(threads: int | None = None, file: Path | None = None) -> "duckdb.DuckDBPyConnection":
    """A new session with the settings' memory, and their threads unless `threads` says otherwise.

    It is in memory, or on a database file, which it makes where there is none.
    """
    import duckdb

    con = duckdb.connect(
        file or ":memory:",
        config={
            "threads": threads or settings.threads(),
            "memory_limit": settings.setting("FIELDHOUSE_MEMORY"),
            "temp_directory": str(settings.scratch() / "duckdb"),
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": True,
        },
    )
    con.execute("SET enable_progress_bar = false")
    return con


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A name as an SQL identifier; a dataset's `core.match` becomes "core"."match"."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in value.split("."))


def files(store: Store, found: Iterable[Part]) -> str:
    """The parts as an SQL list of local paths."""
    return "[" + ", ".join(text(str(path)) for path in store.local_paths([part.path for part in found])) + "]"


def view(con: "duckdb.DuckDBPyConnection", store: Store, dataset: str, found: Iterable[Part], empty: str) -> None:
    """Make a dataset's parts readable under its name; `empty` is the SELECT that stands in where it has no part."""
    found = list(found)
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {name(dataset.split('.', maxsplit=1)[0])}")
    body = f"SELECT * FROM read_parquet({files(store, found)})" if found else empty
    con.execute(f"CREATE OR REPLACE VIEW {name(dataset)} AS {body}")


def insert(con: "duckdb.DuckDBPyConnection", table: str, rows: Sequence[Sequence[object]]) -> None:
    """Append rows to a table at once: a statement a row costs a hundred times as much."""
    import pyarrow as pa

    if rows:
        columns = {f"c{n}": pa.array(column) for n, column in enumerate(zip(*rows, strict=True))}
        con.register("inserted", pa.table(columns))
        con.execute(f"INSERT INTO {table} SELECT * FROM inserted")
        con.unregister("inserted")
