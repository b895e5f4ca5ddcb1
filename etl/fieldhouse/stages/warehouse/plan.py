"""What loading a release would do: which tables are sent, which are copied within the server. Decides; does nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldhouse.contracts import Contract
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table
from fieldhouse.stages.warehouse import shape
from fieldhouse.stages.warehouse.books import Books, Held, is_kept
from fieldhouse.stages.warehouse.shape import View


@dataclass(frozen=True)
class TablePlan:
    """One table: `copied` parts come from the table of the release `base`, `sent` ones from the lake.

    `among`: SQL for the rows of `copied` within that table; empty where they are all of it.
    """

    table: Table
    sent: tuple[Part, ...]
    copied: tuple[Part, ...] = ()
    base: int = 0
    among: str = ""
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def weight(self) -> int:
        """How long it takes, compared with others: bytes to send, or to copy."""
        return sum(part.bytes for part in self.sent) + sum(part.bytes for part in self.copied) // 2


@dataclass(frozen=True)
class LoadPlan:
    """All tables of a release, the heaviest first; nothing to load where the warehouse has it already."""

    release: Release
    tables: tuple[TablePlan, ...]


def plan(release: Release, books: Books, contracts: Mapping[str, Contract]) -> LoadPlan:
    """How to load the release beside those that the warehouse holds."""
    held = books.releases.get(release.number)
    if held is not None and held.state == "ready":
        return LoadPlan(release, ())
    base = books.current
    tables = [_table(table, base, contracts.get(table.name)) for table in release.datasets.values()]
    return LoadPlan(release, tuple(sorted(tables, key=lambda t: (-t.weight, t.table.name))))


def _table(table: Table, base: Held | None, contract: Contract | None) -> TablePlan:
    indexes = shape.indexes(table, contract.indexes if contract is not None else ())
    known = base.datasets.get(table.name) if base is not None else None
    if base is None or known is None or list(known.columns.items()) != list(shape.columns(table).items()):
        return TablePlan(table, table.parts, indexes=indexes)
    same = tuple(part for part in table.parts if is_kept(known, part))
    new = tuple(part for part in table.parts if not is_kept(known, part))
    if len(same) == len(known.parts):
        return TablePlan(table, new, same, base.number, indexes=indexes)
    among = _among(table, same, contract)
    if not same or not among:
        return TablePlan(table, table.parts, indexes=indexes)
    return TablePlan(table, new, same, base.number, among, indexes)


def _among(table: Table, parts: Sequence[Part], contract: Contract | None) -> str:
    """SQL for the rows of some partitions; empty where the release's partitions cannot be told apart by a column."""
    types = shape.columns(table)
    partition = contract.partition if contract is not None else ""
    if partition not in types or len({part.partition for part in table.parts}) != len(table.parts):
        return ""
    column = f'"{partition}"'
    label = {
        "date": f"(extract(year FROM {column})::int / 10 * 10)::text",
        "string": f"left({column}, 3) || '0'",
    }.get(types[partition], f"({column} / 10 * 10)::text")
    wanted = ", ".join("'" + part.partition.replace("'", "''") + "'" for part in parts)
    return f"coalesce({label}, '') IN ({wanted})"


@dataclass(frozen=True)
class ViewPlan:
    """What the views show after the switch: those of the release, and those that stay behind at an older one."""

    show: tuple[View, ...]
    retire: tuple[View, ...]


def plan_views(release: Release, books: Books) -> ViewPlan:
    """A view that the release has no table for, since its columns changed or it is gone, stays where it is."""
    show = tuple(sorted(map(shape.view_of, release.datasets.values()), key=lambda view: view.full))
    return ViewPlan(show, tuple(view for view in books.views if view not in show))
