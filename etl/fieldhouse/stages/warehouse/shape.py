"""Tables of a release as tables of PostgreSQL: names, types, keys and comments, all from the release's manifest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldhouse.errors import ConfigurationError
from fieldhouse.lake.releases import Table

if TYPE_CHECKING:
    import sqlalchemy as sa

#: Names that would stand in the way of the loader's own schemas, or of the server's.
_TAKEN = re.compile(r"r\d+|fieldhouse|public|information_schema|pg_.*")
_LONGEST = 55  # of 63 bytes, so that the names of keys and indexes fit, too


@dataclass(frozen=True)
class View:
    """What readers select from: `football.standing`, or `football.standing_v2` for a dataset's second major version."""

    dataset: str
    major: int

    @property
    def schema(self) -> str:
        """The schema of all views of the domain."""
        return self.dataset.split(".")[0]

    @property
    def name(self) -> str:
        """The view's name within its schema; the first major version has the plain one."""
        plain = self.dataset.split(".")[1]
        return plain if self.major == 1 else f"{plain}_v{self.major}"

    @property
    def full(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"


def schema_name(release: int) -> str:
    """The schema that holds a release's tables."""
    return f"r{release}"


def table_name(dataset: str) -> str:
    """A dataset's table within the schema of a release: `football_standing`."""
    return dataset.replace(".", "_")


def view_of(table: Table) -> View:
    """The public view of a dataset's major version."""
    return View(table.name, int(table.version.split(".")[0]))


def columns(table: Table) -> dict[str, str]:
    """The columns' names and contract types, in order."""
    return {str(column["name"]): str(column["type"]) for column in table.columns}


def check_names(tables: Iterable[Table]) -> None:
    """ConfigurationError where two datasets would share a table or a view, or a name does not fit PostgreSQL."""
    seen: dict[str, str] = {}
    for table in tables:
        view = view_of(table)
        for name in (table_name(table.name), view.full):
            if seen.setdefault(name, table.name) != table.name:
                raise ConfigurationError(f"{table.name} and {seen[name]} would both be {name} in the warehouse")
        if _TAKEN.fullmatch(view.schema):
            raise ConfigurationError(f"{table.name}: a domain cannot be called {view.schema}: the warehouse uses it")
        for name in (table_name(table.name), *columns(table)):
            if len(name) > _LONGEST:
                raise ConfigurationError(f"{table.name}: {name} has more than {_LONGEST} letters")


def _type(column_type: str) -> "sa.types.TypeEngine[Any]":
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    types: dict[str, sa.types.TypeEngine[Any]] = {
        "string": sa.Text(),
        "bool": sa.Boolean(),
        "int16": sa.SmallInteger(),
        "int32": sa.Integer(),
        "int64": sa.BigInteger(),
        "float64": sa.Double(),
        "date": sa.Date(),
        "timestamp": sa.DateTime(timezone=True),
        "list<string>": postgresql.ARRAY(sa.Text()),
    }
    return types[column_type]


def sql_type(column_type: str) -> str:
    """The PostgreSQL type of a contract's type, as SQL writes it."""
    from sqlalchemy.dialects import postgresql

    return str(_type(column_type).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


def bare(table: Table, schema: str, metadata: "sa.MetaData") -> "sa.Table":
    """The table as it is made before it is filled: types, not-null and comments, no key yet."""
    import sqlalchemy as sa

    made = [
        sa.Column(
            str(column["name"]),
            _type(str(column["type"])),
            nullable=bool(column["null"]),
            comment=column_comment(column),
        )
        for column in table.columns
    ]
    return sa.Table(table_name(table.name), metadata, *made, schema=schema, comment=table_comment(table))


def column_comment(column: Mapping[str, object]) -> str:
    """What a column means, its unit, and what it refers to."""
    unit = f" Unit: {column['unit']}." if column.get("unit") else ""
    reference = f" References {column['references']}." if column.get("references") else ""
    return f"{column['doc']}{unit}{reference}"


def table_comment(table: Table) -> str:
    """What a table holds, one row of it, and its version."""
    return f"{table.title}. {table.doc} One row: {', '.join(table.grain)}. Version {table.version}."


@dataclass(frozen=True)
class Reference:
    """A foreign key: a column of one dataset that holds the single key column of another."""

    dataset: str
    column: str
    target: str
    key: str

    @property
    def name(self) -> str:
        """The constraint's name."""
        return f"fk_{self.column}"


def references(tables: Mapping[str, Table]) -> list[Reference]:
    """The foreign keys among these tables; lists of ids have none, since PostgreSQL knows none for elements."""
    return [
        Reference(table.name, str(column["name"]), target.name, target.grain[0])
        for table in tables.values()
        for column in table.columns
        if column["type"] != "list<string>" and (target := tables.get(str(column["references"] or ""))) is not None
    ]


def indexes(table: Table, declared: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The declared indexes whose columns the release has: an older one may lack some."""
    known = set(columns(table))
    return tuple(index for index in declared if known.issuperset(index))
