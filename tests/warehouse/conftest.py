"""A PostgreSQL of one's own and lakes of a few rows whose releases are written by hand: each test says what is in them."""

import datetime
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import postgres_server
import pytest
from postgres_server import Server

from fieldhouse.contracts import Column
from fieldhouse.lake import documents, open_store, parts, releases, schema
from fieldhouse.lake.releases import Release, Table
from fieldhouse.lake.runs import Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages import warehouse

#: How often races are run: as promised, or a tenth of it.
FULL = bool(os.environ.get("FIELDHOUSE_TEST_FULL"))
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


@dataclass(frozen=True)
class Said:
    """A dataset as a test says it: columns with contract types (`?`: may be null; `->`: references), rows by partition."""

    columns: Mapping[str, str]
    grain: Sequence[str]
    rows: Mapping[str, Sequence[Sequence[object]]]
    version: str = "1.0.0"

    def column(self, name: str) -> Column:
        """A column of the contract."""
        kind, _, target = self.columns[name].partition("->")
        return Column(name, kind.rstrip("?"), f"The {name}.", unit="goals" if name == "points" else "",
                      null=kind.endswith("?"), references=target)  # fmt: skip


@dataclass
class Shelf:
    """A lake whose releases are written by hand, and the stage that brings them into the warehouse."""

    store: Store
    published: list[Release] = field(default_factory=list)

    def publish(self, **datasets: Said) -> int:
        """Publish a release of datasets, said as `football__standing`; its number."""
        number = len(self.published) + 1
        tables = {name: self._table(name.replace("__", "."), said) for name, said in datasets.items()}
        named = {table.name: table for table in tables.values()}
        content = documents.digest([number, [[t.name, t.version, [p.sha256 for p in t.parts]] for t in named.values()]])
        time = f"2026-01-{number:02}T00:00:00+00:00"
        release = Release(
            number, number - 1, time, f"r{number}", content, "c", {}, {}, {}, (), named, {}
        )  # fmt: skip
        assert releases.create(self.store, release)
        self.published.append(release)
        return number

    def _table(self, name: str, said: Said) -> Table:
        import pyarrow as pa

        columns = [said.column(column) for column in said.columns]
        wanted = pa.schema([(c.name, schema.arrow_type(c.type)) for c in columns])
        made = [
            parts.write(
                self.store, name, pa.table(list(map(pa.array, zip(*rows, strict=True), wanted.types)), schema=wanted),
                partition=partition,
            )
            for partition, rows in said.rows.items() if rows
        ]  # fmt: skip
        docs = tuple(
            {"name": c.name, "type": c.type, "null": c.null, "unit": c.unit, "references": c.references, "doc": c.doc}
            for c in columns
        )
        grain = tuple(said.grain)
        return Table(
            name, name.title(), f"All of {name}.", "normalized", said.version, grain, grain, "s", docs, tuple(made)
        )

    def load(self, release: int | None = None, run: str = "") -> Receipt:
        """Bring a release into the warehouse."""
        return warehouse.run(self.store, run, release=release)


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
