"""What DuckDB says against a caller's SQL, as Fieldhouse's errors: they name the nearest table or column that exists."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from fieldhouse.consume.nearest import missing
from fieldhouse.consume.opened import ALL_DATASETS
from fieldhouse.consume.selection import types
from fieldhouse.errors import FieldhouseError, StorageError, UsageError
from fieldhouse.lake.releases import Table

_TABLE = re.compile(r'Table with name "?([^"!\n]+?)"? does not exist')
_COLUMN = re.compile(r'Referenced column "([^"]+)" not found|does not have a column named "([^"]+)"')


@contextmanager
def of_where(table: Table) -> Iterator[None]:
    """Turn DuckDB's errors on a condition over one dataset into Fieldhouse's."""
    with of_query("", {table.name: types(table)}, table.name):
        yield


@contextmanager
def of_query(query: str, tables: Mapping[str, Iterable[str]], release: str) -> Iterator[None]:
    """Turn DuckDB's errors on a query into Fieldhouse's; `tables` are those of the release with their columns."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise _refusal(error, query, tables, release) from error


def _refusal(error: Exception, query: str, tables: Mapping[str, Iterable[str]], release: str) -> FieldhouseError:
    import duckdb

    message = str(error)
    if isinstance(error, duckdb.PermissionException):
        outside = re.search(r'"([^"]+)"', message)
        return UsageError(
            f"the SQL reaches for {outside[1] if outside else 'something else'!r}; it can read {release} and nothing else",
            hint="a query sees only tables of the release; join other data to its answer afterwards",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return StorageError(_first(message), hint="raise FIELDHOUSE_MEMORY, or ask for less at once")
    if (found := _TABLE.search(message)) is not None:
        return missing(release, "table", _qualified(found[1], query), tables, hint=ALL_DATASETS)
    if (found := _COLUMN.search(message)) is not None:
        named = [table for table in tables if _mentions(query, table)] or list(tables)
        columns = [column for table in named for column in tables[table]]
        hint = f"`fh.describe({named[0]!r})` shows all columns; {ALL_DATASETS}"
        return missing(
            ", ".join(named) if len(named) < 4 else release, "column", found[1] or found[2], columns, hint=hint
        )
    return UsageError(f"the SQL does not work: {message.rstrip()}", hint=f"it is DuckDB's dialect; {ALL_DATASETS}")


def _first(message: str) -> str:
    return message.splitlines()[0]


def _qualified(table: str, query: str) -> str:
    """The table's name as the query has it: DuckDB leaves out the domain where that exists."""
    found = re.search(rf'"?(\w+)"?\s*\.\s*"?{re.escape(table)}\b', query)
    return f"{found[1]}.{table}" if found and "." not in table else table


def _mentions(query: str, table: str) -> bool:
    """Whether the query may name the table: its last word stands in it."""
    return re.search(rf"\b{re.escape(table.rpartition('.')[2])}\b", query, re.IGNORECASE) is not None
