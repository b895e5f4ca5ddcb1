"""What readers may see: the public views, the tables of each release, and which release is shown. Nothing else."""

from typing import TYPE_CHECKING

from fieldhouse.stages.warehouse import books, shape
from fieldhouse.stages.warehouse.session import READER

if TYPE_CHECKING:
    import sqlalchemy as sa


def there(con: "sa.Connection") -> bool:
    """Whether the role of readers exists."""
    import sqlalchemy as sa

    return bool(con.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": READER}).scalar())


def begin(con: "sa.Connection") -> bool:
    """Let readers at what is there already, where their role is new; whether it exists."""
    import sqlalchemy as sa

    if not there(con):
        return False
    known = sa.text("SELECT has_schema_privilege(:r, 'fieldhouse', 'USAGE')")
    if not con.execute(known, {"r": READER}).scalar_one():
        con.exec_driver_sql(f"GRANT USAGE ON SCHEMA fieldhouse TO {READER}")
        con.exec_driver_sql(f"GRANT SELECT ON fieldhouse.current_release TO {READER}")
        found = books.read(con)
        for held in found.releases.values():
            release(con, held.number)
        for view in found.views:
            domain(con, view.schema)
            con.exec_driver_sql(f"GRANT SELECT ON {view.full} TO {READER}")
    con.commit()
    return True


def release(con: "sa.Connection", number: int) -> None:
    """Let readers at the tables of a release."""
    schema = shape.schema_name(number)
    con.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {READER}")
    con.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER}")


def domain(con: "sa.Connection", name: str) -> None:
    """Let readers at the schema of a domain's views; each view is granted when it is made."""
    con.exec_driver_sql(f"GRANT USAGE ON SCHEMA {name} TO {READER}")
