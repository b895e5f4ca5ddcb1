"""A PostgreSQL of the tests' own, an empty database for each, and a few datasets."""

import datetime
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import postgres_server
import pytest
from postgres_server import Server
from warehouse_lakes import Said, Shelf

from fieldhouse.lake import open_store
from fieldhouse.stages import warehouse

_NUMBERS = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share a server, so they share a worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("postgres"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL."""
    if postgres_server.binaries() is None:
        pytest.skip(postgres_server.WHY_NOT)
    with postgres_server.running() as started:
        yield started


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake that `demo` makes of the samples beside sources."""
    lake = tmp_path_factory.mktemp("sample") / "lake"
    subprocess.run(
        [sys.executable, "-m", "fieldhouse.cli", "demo", "--lake", str(lake)], check=True, capture_output=True
    )
    return lake


@dataclass(frozen=True)
class Database:
    """An empty database, which the settings name as the warehouse."""

    server: Server
    name: str

    @property
    def url(self) -> str:
        """Its URL for the administrator."""
        return self.server.url(self.name)

    def sql(self, statement: str, user: str = "postgres") -> list[tuple]:
        """The rows of a statement."""
        return self.server.sql(statement, self.name, user)

    def one(self, statement: str, user: str = "postgres") -> object:
        """The only value of a statement."""
        ((value,),) = self.sql(statement, user)
        return value


@pytest.fixture
def database(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An empty database, which the settings name as the warehouse."""
    name = f"test_{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", server.url(name))
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE_PATIENCE", "20")
    yield Database(server, name)
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def roles(server: Server, database: Database) -> Iterator[Database]:
    """The same with the documented roles, somebody who loads and somebody who reads."""
    import psycopg

    with psycopg.connect(database.url, autocommit=True) as con:
        con.execute(warehouse.ROLES.encode())
        con.execute(
            "CREATE ROLE loads LOGIN IN ROLE fieldhouse_loader; CREATE ROLE reads LOGIN IN ROLE fieldhouse_reader"
        )
    yield database
    server.sql(f"DROP DATABASE {database.name} WITH (FORCE)")
    server.sql(f"CREATE DATABASE {database.name}")
    for role in ("loads", "reads", "fieldhouse_loader", "fieldhouse_reader"):
        server.sql(f"DROP ROLE {role}")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty lake."""
    return Shelf(open_store(str(tmp_path / "lake")))


TEAMS = Said(
    {"team_id": "string", "name": "string", "names": "list<string>?"},
    ["team_id"],
    {"": [("a", "Ajax", ["Ajax", 'the "A"']), ("b", "Brøndby, IF", []), ("c", "", None)]},
)
STANDING = Said(
    {"season": "string", "team_id": "string->core.team", "points": "int32", "date": "date?"},
    ["season", "team_id"],
    {
        "1990": [("1998-99", "a", 3, datetime.date(1999, 5, 1)), ("1999-00", "b", 1, None)],
        "2000": [("2000-01", "a", 7, datetime.date(2001, 5, 1))],
        "2010": [("2010-11", "b", 9, None), ("2011-12", "a", 2, None), ("2011-12", "b", 4, None)],
    },
)


@pytest.fixture
def standing() -> Said:
    """League tables of three decades, a part each."""
    return STANDING


@pytest.fixture
def teams() -> Said:
    """Three teams with what CSV and arrays must quote."""
    return TEAMS


@pytest.fixture
def changed() -> Callable[..., Said]:
    """A dataset with other rows in one partition, or other columns."""

    def change(said: Said, partition: str = "", rows: Sequence[Sequence[object]] = (), **otherwise: object) -> Said:
        new = {**said.rows, partition: rows} if rows else said.rows
        return replace(said, **{"rows": new, **otherwise})

    return change
