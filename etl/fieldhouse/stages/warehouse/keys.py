"""Foreign keys within a release: declared for every reference, proved by the server, taken back where data break them."""

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from fieldhouse.stages.warehouse import shape
from fieldhouse.stages.warehouse.filling import script, sql
from fieldhouse.stages.warehouse.shape import Reference

if TYPE_CHECKING:
    import sqlalchemy as sa

Keys = tuple[Reference, ...]


def add(con: "sa.Connection", number: int, references: Iterable[Reference]) -> list[Keys]:
    """Declare foreign keys, not proved yet, which takes no time; the keys of one table after another's."""
    of_tables = [tuple(found) for _, found in groupby(references, key=lambda reference: reference.dataset)]
    if of_tables:
        script(con, [_added(number, reference) for found in of_tables for reference in found])
    con.commit()
    return of_tables


def _added(number: int, reference: Reference) -> str:
    import sqlalchemy as sa
    from sqlalchemy.schema import AddConstraint

    schema, metadata = shape.schema_name(number), sa.MetaData()
    target = sa.Table(shape.table_name(reference.target), metadata, sa.Column(reference.key), schema=schema)
    if target.name == shape.table_name(reference.dataset):
        own = target
        own.append_column(sa.Column(reference.column))
    else:
        own = sa.Table(shape.table_name(reference.dataset), metadata, sa.Column(reference.column), schema=schema)
    key = sa.ForeignKeyConstraint(
        [own.c[reference.column]], [target.c[reference.key]], name=reference.name, postgresql_not_valid=True
    )
    own.append_constraint(key)
    return sql(AddConstraint(key))


def prove(con: "sa.Connection", number: int, keys: Keys) -> Keys:
    """Let the server prove the keys of one table; those that do not hold are taken back and returned."""
    import sqlalchemy as sa

    unsatisfied = []
    for reference in keys:
        table = f"{shape.schema_name(number)}.{shape.table_name(reference.dataset)}"
        try:
            script(con, [f"ALTER TABLE {table} VALIDATE CONSTRAINT {reference.name}"])
        except Exception as error:
            if getattr(error, "sqlstate", "") != "23503":
                raise
            con.rollback()
            con.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {reference.name}"))
            unsatisfied.append(reference)
        con.commit()
    return tuple(unsatisfied)
