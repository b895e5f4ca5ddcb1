"""One table of a release, in one transaction: made, filled, its keys built over the rows, described, measured."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldhouse.lake.store import Store
from fieldhouse.stages.warehouse import copying, shape
from fieldhouse.stages.warehouse.plan import TablePlan

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy as sa


@dataclass(frozen=True)
class Filled:
    """Rows that were sent from the lake, and that were copied within the server."""

    sent: int
    copied: int


def fill(store: Store, con: "sa.Connection", number: int, plan: TablePlan) -> Filled:
    """Make one table of the release `number` with all its rows and keys.

    DataError where a value does not fit PostgreSQL, InternalError where the rows are not those of the release.
    """
    import sqlalchemy as sa

    table = shape.bare(plan.table, shape.schema_name(number), sa.MetaData())
    script(con, _made(table))
    name = f"{table.schema}.{table.name}"
    copied = _copy(con, name, plan)
    parts = plan.sent if copied is not None else plan.table.parts
    rows = sum(part.rows for part in parts)
    if parts:
        paths = store.local_paths([part.path for part in parts])
        copying.copy(driver(con), name, shape.columns(plan.table), paths, rows)
    script(con, [*_keys(table, plan), _analyze(name, plan)])
    con.commit()
    return Filled(rows, copied or 0)


def _copy(con: "sa.Connection", name: str, plan: TablePlan) -> int | None:
    """Copy what the warehouse has already; None where the rows there are not as many as expected, and none are taken."""
    if not plan.copied:
        return 0
    columns = ", ".join(f'"{column}"' for column in shape.columns(plan.table))
    base = f"{shape.schema_name(plan.base)}.{shape.table_name(plan.table.name)}"
    among = f" WHERE {plan.among}" if plan.among else ""
    copied = con.exec_driver_sql(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {base}{among}").rowcount
    if copied == sum(part.rows for part in plan.copied):
        return copied
    con.exec_driver_sql(f"TRUNCATE {name}")
    return None


def _made(table: "sa.Table") -> list[str]:
    """The statements that make the table, without a key: that is built faster over all rows at once."""
    from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

    comments = [SetColumnComment(column) for column in table.columns]
    return [sql(CreateTable(table)), sql(SetTableComment(table)), *map(sql, comments)]


def _keys(table: "sa.Table", plan: TablePlan) -> list[str]:
    """The statements that build the primary key and the indexes."""
    import sqlalchemy as sa
    from sqlalchemy.schema import AddConstraint, CreateIndex

    key = sa.PrimaryKeyConstraint(*plan.table.grain, name=f"{table.name}_pkey")
    table.append_constraint(key)
    indexes = [
        sa.Index(f"{table.name}_i{n}", *(table.c[column] for column in columns))
        for n, columns in enumerate(plan.indexes, 1)
    ]
    return [sql(AddConstraint(key)), *(sql(CreateIndex(index)) for index in indexes)]


def _analyze(name: str, plan: TablePlan) -> str:
    """First statistics of the columns by which rows are found, ordered and joined; the server's daemon soon has better."""
    references = [str(column["name"]) for column in plan.table.columns if column["references"]]
    found = dict.fromkeys((*plan.table.grain, *plan.table.sort, *references))
    columns = ", ".join(f'"{column}"' for column in found)
    return f"ANALYZE {name} ({columns})"


def sql(statement: "sa.schema.ExecutableDDLElement") -> str:
    """A statement of SQLAlchemy as PostgreSQL's SQL."""
    from sqlalchemy.dialects import postgresql

    return str(statement.compile(dialect=postgresql.dialect())).strip()  # type: ignore[no-untyped-call]


def script(con: "sa.Connection", statements: list[str]) -> None:
    """Run statements in one go, within the session's transaction: a comment a column would be a round trip a column."""
    if not con.in_transaction():
        con.begin()  # what the driver does by itself, SQLAlchemy does not know of, and would not commit
    driver(con).execute("; ".join(statements).encode())


def driver(con: "sa.Connection") -> "psycopg.Connection[tuple[object, ...]]":
    """The connection of psycopg below, within the same transaction."""
    import psycopg

    below = con.connection.driver_connection
    assert isinstance(below, psycopg.Connection)
    return below
