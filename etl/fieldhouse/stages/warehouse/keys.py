"""Foreign keys within a release: declared for every reference that its audit has proved.

The server is told not to prove them again (`NOT VALID`): that takes as long as a third of all copying, and a release has
passed its audit before it is published, and never changes.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldhouse.lake.releases import Release
from fieldhouse.stages.warehouse import shape
from fieldhouse.stages.warehouse.filling import script, sql
from fieldhouse.stages.warehouse.shape import Reference

if TYPE_CHECKING:
    import sqlalchemy as sa

Keys = tuple[Reference, ...]


def add(con: "sa.Connection", release: Release) -> Keys:
    """Declare the foreign keys of a release; those that its audit found broken, and somebody accepted, are returned."""
    broken = _broken(release)
    found = shape.references(release.datasets)
    good = [_added(release.number, key) for key in found if (key.dataset, key.column) not in broken]
    if good:
        script(con, good)
    return tuple(key for key in found if (key.dataset, key.column) in broken)


def _broken(release: Release) -> set[tuple[str, str]]:
    """Datasets and columns of which the audits have something to note: what it was does not matter here."""
    notes = [note for audit in release.audit.values() if isinstance(audit, Mapping) for note in audit.get("notes", ())]
    return {(str(note.get("dataset")), str(note.get("column"))) for note in notes if note.get("unexpected")}


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
