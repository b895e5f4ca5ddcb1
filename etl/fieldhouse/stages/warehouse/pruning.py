"""Old releases leave the warehouse: their tables are dropped, unless somebody's objects hang on them, who is named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fieldhouse.errors import UsageError
from fieldhouse.stages.warehouse import books, shape
from fieldhouse.stages.warehouse.books import Books, Held

if TYPE_CHECKING:
    import sqlalchemy as sa

KEEP = 2
#: A reader of an old release is not made to wait for its end: the next prune tries again.
_LOCK_MS = 200


@dataclass(frozen=True)
class Pruned:
    """What went, and of every release and retired view that stays though it is old: why. Views stand by their names."""

    releases: tuple[int, ...] = ()
    views: tuple[str, ...] = ()
    stays: Mapping[str, str] = field(default_factory=dict)

    def doc(self) -> dict[str, object]:
        """As it is printed as JSON."""
        return {"releases": list(self.releases), "views": list(self.views), "stays": dict(self.stays)}


def prune(con: "sa.Connection", grace_days: float, keep: int = KEEP, *, dry_run: bool = False) -> Pruned:
    """Drop views that were retired longer ago than `grace_days`, then all releases but the `keep` shown last.

    A release that a retired view still shows stays, as does all on which objects of users depend. `dry_run`: all is
    tried and taken back. UsageError where not even the release would stay that readers see.
    """
    if keep < 1:
        raise UsageError(f"keep {keep} releases: at least the one that readers see stays")
    stays: dict[str, str] = {}
    views = [name for name in _expired(con, grace_days) if _dropped(con, _view_sql(name), name, stays, dry_run)]
    now = books.read(con)
    numbers = [
        held.number
        for held in _old(now, keep)
        if _unused(now, held.number, views if dry_run else [], stays)
        and _dropped(con, _release_sql(con, held.number), f"release {held.number}", stays, dry_run)
    ]
    con.commit()
    return Pruned(tuple(sorted(numbers)), tuple(views), stays)


def _old(now: Books, keep: int) -> list[Held]:
    """Those shown before the last `keep`, and those never shown that are older than what readers see."""
    last = now.current.number if now.current else 0
    unseen = [held for held in now.releases.values() if held.shown is None and held.number < last]
    return [*now.in_order[keep:], *unseen]


def _expired(con: "sa.Connection", grace_days: float) -> list[str]:
    import sqlalchemy as sa

    rows = con.execute(
        sa.text("SELECT name FROM fieldhouse.view WHERE retired <= now() - make_interval(secs => :s) ORDER BY name"),
        {"s": grace_days * 86400},
    )
    return [str(row.name) for row in rows]


def _unused(now: Books, number: int, gone: list[str], stays: dict[str, str]) -> bool:
    """Whether no view shows the release any more."""
    showing = [s.view.full for s in now.views.values() if s.release == number and s.view.full not in gone]
    if showing:
        stays[f"release {number}"] = f"{', '.join(showing)} shows it"
    return not showing


def _view_sql(name: str) -> list[str]:
    return [f"DROP VIEW {name} RESTRICT", f"DELETE FROM fieldhouse.view WHERE name = '{name}'"]


def _release_sql(con: "sa.Connection", number: int) -> list[str]:
    """All tables in one statement, since they refer to one another; then the empty schema."""
    import sqlalchemy as sa

    schema = shape.schema_name(number)
    found = con.execute(
        sa.text("SELECT tablename FROM pg_tables WHERE schemaname = :schema ORDER BY tablename"), {"schema": schema}
    ).scalars()
    tables = [f'{schema}."{name}"' for name in found]
    drop = [f"DROP TABLE {', '.join(tables)} RESTRICT"] if tables else []
    return [*drop, f"DROP SCHEMA {schema} RESTRICT", f"DELETE FROM fieldhouse.release WHERE number = {number}"]


def _dropped(con: "sa.Connection", statements: list[str], what: str, stays: dict[str, str], dry_run: bool) -> bool:
    import sqlalchemy as sa

    con.commit()
    try:
        con.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_MS}")
        for statement in statements:
            con.exec_driver_sql(statement)
        con.rollback() if dry_run else con.commit()
    except sa.exc.DBAPIError as error:
        con.rollback()
        stays[what] = _why(error.orig)
        return False
    return True


def _why(error: BaseException | None) -> str:
    state = getattr(error, "sqlstate", None)
    if state == "55P03":
        return "somebody reads it; the next prune tries again"
    detail = getattr(getattr(error, "diag", None), "message_detail", None)
    if state == "2BP01" and detail:
        return "; ".join(str(detail).splitlines())
    raise error or AssertionError


def clean(con: "sa.Connection") -> list[int]:
    """Remove what loaders have left that did not come to their end; nobody was let at it."""
    left = [held.number for held in books.read(con).releases.values() if held.state == "loading"]
    for number in left:
        con.exec_driver_sql(f"DROP SCHEMA IF EXISTS {shape.schema_name(number)} CASCADE")
        books.forget(con, number)
        con.commit()
    return left
