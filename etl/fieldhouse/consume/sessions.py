"""DuckDB sessions of readers: one that calls share, and guarded ones in which a query can read nothing but its tables."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse import settings
from fieldhouse.errors import UsageError
from fieldhouse.lake import duck
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    import duckdb


#: Open sessions by process and settings. Those of a parent process stay: closing one after a fork waits for ever.
_open: dict[tuple[int, int, str, Path], "duckdb.DuckDBPyConnection"] = {}


def shared() -> "duckdb.DuckDBPyConnection":
    """A cursor of the session that this process keeps open, for SQL without a word of the caller's."""
    # Opening a session takes as long as reading a small table. A fork or other settings need one of their own.
    key = (os.getpid(), settings.threads(), settings.setting("FIELDHOUSE_MEMORY"), settings.scratch())
    if key not in _open:
        for outdated in [other for other in _open if other[0] == key[0]]:
            del _open[outdated]
        _open[key] = duck.connect()
    return _open[key].cursor()


def guarded(store: Store, readable: Iterable[Part]) -> "duckdb.DuckDBPyConnection":
    """A session of its own that knows no file but these parts; call `lock` before a caller's SQL runs in it."""
    con = duck.connect()
    con.execute(f"SET allowed_paths = {duck.files(store, readable)}")
    con.execute(
        "SET python_enable_replacements = false"
    )  # a table is never a variable of the caller's that has its name
    return con


def lock(con: "duckdb.DuckDBPyConnection") -> None:
    """From here on the session opens no other file, loads no extension and changes no setting."""
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def check_reads_only(query: str) -> None:
    """UsageError unless the text is one query: what writes, attaches or sets something is refused before it runs."""
    import duckdb

    if not isinstance(query, str):
        raise UsageError(f"a query is a text of SQL, not {query!r}")
    try:
        kinds = [statement.type for statement in duckdb.extract_statements(query)]
    except duckdb.ParserException as error:
        raise UsageError(f"the SQL is not understood: {error}", hint="it is DuckDB's dialect") from error
    if len(kinds) != 1:
        raise UsageError(f"one query is expected, not {len(kinds)} statements")
    # PIVOT is several statements inside; what they could write to is locked.
    if kinds[0] not in (duckdb.StatementType.SELECT, duckdb.StatementType.MULTI):
        raise UsageError(
            f"{kinds[0].name} is refused: a release is only read",
            hint="ask with SELECT; `fieldhouse sql -o FILE` writes the answer to a file",
        )
