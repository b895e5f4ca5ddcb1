"""Small sessions of claims, as `conform` makes them."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from fieldhouse.crosswalk import keeping, linking, unlinked
from fieldhouse.lake import duck

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RANKS = {"one": 1, "two": 2, "three": 3}


@pytest.fixture
def con() -> "Iterator[DuckDBPyConnection]":
    """A session with the tables that linking fills, on top of no release."""
    session = duck.connect()
    for statement in (linking.LINK, unlinked.UNLINKED, keeping.REDIRECT, "CREATE SCHEMA claims"):
        session.execute(statement)
    session.execute(
        "CREATE TABLE before (kind VARCHAR, source VARCHAR, source_id VARCHAR, entity_id VARCHAR, method VARCHAR,"
        " evidence VARCHAR)"
    )
    yield session
    session.close()


@pytest.fixture
def claim(con: "DuckDBPyConnection") -> Callable[..., None]:
    """Makes claims."<dataset>" of rows `(source, …)` with the named columns; all are texts but `date`."""

    def _claim(dataset: str, columns: str, *rows: Sequence[str | None]) -> None:
        names = columns.split()
        typed = ", ".join(f"{n} {'DATE' if n == 'date' else 'VARCHAR'}" for n in names)
        con.execute(f'CREATE OR REPLACE TABLE claims."{dataset}" ({typed}, _source VARCHAR, _rank INTEGER)')
        marks = ", ".join("?" for _ in range(len(names) + 2))
        for source, *values in rows:
            con.execute(f'INSERT INTO claims."{dataset}" VALUES ({marks})', [*values, source, RANKS[str(source)]])

    return _claim
