"""fh.changes and what `release diff` tells: rows that one release has otherwise than an earlier one, by key, and why.

Parts are named by their content, so that equal parts are never opened: two releases that differ in one decade of one
dataset cost reading that decade twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from fieldhouse.consume import engines, reasons, sessions
from fieldhouse.consume.engines import Engine
from fieldhouse.consume.listing import Listing
from fieldhouse.consume.opened import Opened, open_release
from fieldhouse.consume.read import empty
from fieldhouse.consume.selection import types
from fieldhouse.errors import UsageError
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name as quoted
from fieldhouse.lake.duck import text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Table

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from fieldhouse.consume.engines import Rows

#: Columns of an answer beside those of the dataset's grain.
TOLD = ("change", "reason", "column", "before", "after")


@dataclass(frozen=True)
class Difference:
    """How a dataset of one release differs from the same of an earlier one, in rows by key.

    `columns`: in how many changed rows each column differs. `reasons`: how many rows each reason explains
    (see `changes`). `note`: why rows were not compared, where they were not.
    """

    dataset: str
    added: int
    removed: int
    changed: int
    columns: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


def compare(before: Opened, after: Opened, names: Sequence[str] = ()) -> Listing[Difference]:
    """What differs between two releases of a lake, dataset by dataset (of `names`, or of all); equal ones are left out."""
    known = sorted({*before.release.datasets, *after.release.datasets})
    return Listing(found for name in names or known if (found := _difference(before, after, name)) is not None)


def _difference(before: Opened, after: Opened, dataset: str) -> Difference | None:
    old, new = before.release.datasets.get(dataset), after.release.datasets.get(dataset)
    if old is None or new is None:
        rows = (new or after.table(dataset) if old is None else old).rows
        return Difference(dataset, rows if new else 0, 0 if new else rows, 0, note="new" if new else "gone")
    if incomparable(old, new):
        return Difference(dataset, new.rows, old.rows, 0, note=incomparable(old, new))
    if [p.sha256 for p in old.parts] == [p.sha256 for p in new.parts]:
        return None
    with _compared(before, after, dataset) as con:
        counts = dict(con.execute("SELECT change, count(*) FROM change GROUP BY change").fetchall())
        columns = con.execute(
            "SELECT c.name, count(*) FROM (SELECT unnest(columns) AS c FROM change) GROUP BY ALL ORDER BY 2 DESC, 1"
        ).fetchall()
        why = con.execute("SELECT reason, count(*) FROM change GROUP BY ALL ORDER BY 2 DESC, 1").fetchall()
    if not counts:
        return None
    added, removed, changed = (counts.get(kind, 0) for kind in ("added", "removed", "changed"))
    return Difference(dataset, added, removed, changed, dict(columns), dict(why))


def incomparable(old: Table, new: Table) -> str:
    """Why rows of two versions of a dataset cannot be told to be the same; empty where they can."""
    if old.grain != new.grain:
        return f"the grain was {', '.join(old.grain)}, is {', '.join(new.grain)}"
    was, now = types(old), types(new)
    retyped = [column for column in new.grain if was[column] != now[column]]
    return f"the type of {', '.join(retyped)} is another" if retyped else ""


@overload
def changes(
    name: str, since: int, release: int | None = ..., engine: Literal["pandas"] = ..., lake: str | Path | None = ...
) -> "pd.DataFrame": ...
@overload
def changes(
    name: str, since: int, release: int | None = ..., *, engine: Literal["arrow"], lake: str | Path | None = ...
) -> "pa.Table": ...
@overload
def changes(
    name: str, since: int, release: int | None = ..., *, engine: Literal["polars"], lake: str | Path | None = ...
) -> "pl.DataFrame": ...
def changes(
    name: str, since: int, release: int | None = None, engine: Engine = "pandas", lake: str | Path | None = None
) -> "Rows":
    """What became otherwise in a dataset since the release `since`: the key of every row that differs, and why.

    Columns: those of the dataset's grain; `change` (`added`, `removed`, `changed`); `reason`; and for changed rows
    `column`, `before`, `after` (values as texts), a line for each column that differs. A reason is

    - `late data`: what the row says is new: its raw records were not there before, or only filled what was null;
    - `upstream correction`: the raw file that it comes from changed, and what it said is not said any more;
    - `code`: the raw bytes are the same; a mapping, rule, link or contract makes something else of them;
    - `derived`: the dataset is made from others; their changes say why.

    Raises NotFound for an unknown dataset or release, UsageError where `since` is not an earlier release or rows cannot
    be compared (the grain changed).
    """
    engines.check(engine, ("pandas", "arrow", "polars"))
    after = open_release(release, lake)
    before = open_release(since, lake)
    if before.release.number >= after.release.number:
        raise UsageError(
            f"since is {since}, and the release asked for is {after.release.number}: an earlier one is expected"
        )
    new, old = after.table(name), before.release.datasets.get(name)
    why_not = "it is new" if old is None else incomparable(old, new)
    if old is None or why_not:
        raise UsageError(f"{name} cannot be compared with release {since}: {why_not}")
    with _compared(before, after, name) as con:
        grain = ", ".join(map(quoted, new.grain))
        table = con.sql(
            f"""
            SELECT {grain}, change, reason, c.name AS "column", c.before AS before, c.after AS after
            FROM (SELECT *, unnest(CASE WHEN columns = [] THEN [NULL] ELSE columns END) AS c FROM change)
            ORDER BY {grain}, "column"
            """
        ).to_arrow_table()
    return engines.deliver(
        table, engine, {f.name for f, c in zip(table.schema, table.columns, strict=True) if c.null_count}
    )


@contextmanager
def _compared(before: Opened, after: Opened, dataset: str) -> "Iterator[duckdb.DuckDBPyConnection]":
    """A session with the table `change` (grain, change, columns, reason) of one dataset of two releases."""
    con = sessions.shared()
    try:
        old, new = before.release.datasets[dataset], after.release.datasets[dataset]
        was, now = differing(old, new)
        for side, opened, table, found in (("old", before, old, was), ("new", after, new, now)):
            body = f"read_parquet({duck.files(opened.store, found)})" if found else f"({empty(types(table))})"
            con.execute(f"CREATE TEMP VIEW {side} AS SELECT true AS _there, * FROM {body}")
        con.execute(f"CREATE TEMP TABLE change AS {_differing_rows(old, new)}")
        reasons.give(con, before, after, dataset)
        yield con
    finally:
        con.close()


def differing(old: Table, new: Table) -> tuple[list[Part], list[Part]]:
    """The parts of each that the other does not have."""
    was, now = ({part.sha256 for part in table.parts} for table in (old, new))
    return [p for p in old.parts if p.sha256 not in now], [p for p in new.parts if p.sha256 not in was]


def _differing_rows(old: Table, new: Table) -> str:
    key = " AND ".join(f"o.{quoted(c)} IS NOT DISTINCT FROM n.{quoted(c)}" for c in new.grain)
    grain = ", ".join(f"CASE WHEN n._there THEN n.{quoted(c)} ELSE o.{quoted(c)} END AS {quoted(c)}" for c in new.grain)
    told = ", ".join(_told(old, new)) or "NULL"
    return f"""
        SELECT * FROM (
          SELECT {grain},
                 CASE WHEN o._there IS NULL THEN 'added' WHEN n._there IS NULL THEN 'removed' ELSE 'changed' END AS change,
                 CASE WHEN o._there AND n._there THEN list_filter([{told}], lambda c: c IS NOT NULL) ELSE [] END AS columns
          FROM old AS o FULL JOIN new AS n ON {key}  -- a key stands once in a release
        )
        WHERE change <> 'changed' OR columns <> []
    """


def _told(old: Table, new: Table) -> Iterator[str]:
    """SQL per column beside the grain: its name, and its value before and after as texts; null where both are equal."""
    was, now = types(old), types(new)
    for column in dict.fromkeys((*now, *was)):
        if column in new.grain:
            continue
        before, after = f"o.{quoted(column)}", f"n.{quoted(column)}"
        if was.get(column) != now.get(column):  # of another type, or only there since or until one of them
            before = f"{before}::VARCHAR" if column in was else "NULL"
            after = f"{after}::VARCHAR" if column in now else "NULL"
        value = f"{{'name': {text(column)}, 'before': ({before})::VARCHAR, 'after': ({after})::VARCHAR}}"
        yield f"CASE WHEN {before} IS DISTINCT FROM {after} THEN {value} END"
