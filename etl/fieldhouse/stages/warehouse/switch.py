"""The moment at which readers see another release: all public views at once, in one statement of one transaction.

A reader's statement holds the views that it uses until it ends, and the switch needs each of them for itself for a
moment. Who has one and waits for another could wait for ever: so the switch gives up first, well before the server
would look for a deadlock and end a reader. It tries again, until all readers have let it through.
"""

import random
import time
from typing import TYPE_CHECKING

from fieldhouse.errors import ConfigurationError, TemporaryError
from fieldhouse.lake.releases import Release
from fieldhouse.stages.warehouse import grants, shape
from fieldhouse.stages.warehouse.books import Books
from fieldhouse.stages.warehouse.plan import ViewPlan, plan_views
from fieldhouse.stages.warehouse.session import READER
from fieldhouse.stages.warehouse.shape import View

if TYPE_CHECKING:
    import sqlalchemy as sa

#: Milliseconds that one try may take, and make readers wait; less where the server looks for deadlocks sooner.
_LONGEST_MS = 400
#: Milliseconds that it waits for one view, try after try: soon over where a reader waits for it, too, and long enough at
#: last for one who reads for long.
_WAITS_MS = (5, 20, 50, 100, 200, 400)
_GIVEN_UP = ("55P03", "57014", "40P01")  # a lock was not to be had, the statement took too long, a deadlock


def switch(con: "sa.Connection", release: Release, books: Books, patience_s: float) -> int:
    """Let all views show the release, whose schema is ready; how often it had to be tried.

    TemporaryError where readers have not let it through for `patience_s`; ConfigurationError where a view cannot take
    the release's columns, though its major version says so.
    """
    plan = plan_views(release, books)
    began, tries = time.monotonic(), 0
    while True:
        wait_ms = _WAITS_MS[tries % len(_WAITS_MS)]
        tries += 1
        if _try(con, release, plan, wait_ms):
            return tries
        if time.monotonic() - began >= patience_s:
            raise TemporaryError(
                f"release {release.number} is loaded, but readers have held the views for {patience_s:g} s: {_who(con)}",
                hint="the release before is whole and shown; run `fieldhouse warehouse` again when they have ended",
            )
        time.sleep(min(2.0, 0.01 * tries) * random.uniform(0.5, 1.5))  # noqa: S311 - not to meet them in step


def _try(con: "sa.Connection", release: Release, plan: ViewPlan, wait_ms: int) -> bool:
    import sqlalchemy as sa

    try:
        before = _columns(con)
        readers = grants.there(con)
        script = _script(release, plan, before, grant=readers)
        longest = min(_LONGEST_MS, _deadlock_ms(con) // 2)
        for view_schema in sorted({view.schema for view in plan.show}):
            con.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {view_schema}")
            if readers:
                grants.domain(con, view_schema)
        _note(con, release, plan)
        waits = f"SET LOCAL lock_timeout = {min(wait_ms, longest)}; SET LOCAL statement_timeout = {longest}"
        con.exec_driver_sql(waits)
        con.exec_driver_sql(script)
        con.commit()
    except sa.exc.DBAPIError as error:
        con.rollback()
        if getattr(error.orig, "sqlstate", None) not in _GIVEN_UP:
            raise
        return False
    return True


def _deadlock_ms(con: "sa.Connection") -> int:
    import sqlalchemy as sa

    return int(con.execute(sa.text("SELECT setting FROM pg_settings WHERE name = 'deadlock_timeout'")).scalar_one())


def _columns(con: "sa.Connection") -> dict[str, dict[str, str]]:
    """Per view in the warehouse its columns and their SQL types, in order."""
    import sqlalchemy as sa

    found: dict[str, dict[str, str]] = {}
    rows = con.execute(
        sa.text(
            "SELECT v.name AS view, a.attname AS name, format_type(a.atttypid, NULL) AS type FROM fieldhouse.view v "
            "JOIN pg_attribute a ON a.attrelid = to_regclass(v.name) AND a.attnum > 0 ORDER BY v.name, a.attnum"
        )
    )
    for row in rows:
        found.setdefault(row.view, {})[row.name] = row.type
    return found


def _script(release: Release, plan: ViewPlan, before: dict[str, dict[str, str]], *, grant: bool) -> str:
    """One statement that replaces all views: the locks are held for one round trip, and one timeout counts for all.

    It takes all locks before it does anything else, in a fiftieth of the time: the fewer readers have come meanwhile who
    hold one view and wait for another. To give a view to its owner changes nothing, and locks it and nothing below it, as
    LOCK TABLE would.
    """
    tables = {shape.view_of(table): table for table in release.datasets.values()}
    lines = [f"ALTER VIEW {view.full} OWNER TO CURRENT_USER;" for view in plan.show if view.full in before]
    for view in plan.show:
        columns = {name: shape.sql_type(kind) for name, kind in shape.columns(tables[view]).items()}
        selected = _selected(view, columns, before.get(view.full, {}))
        source = f"{shape.schema_name(release.number)}.{shape.table_name(view.dataset)}"
        lines.append(f"CREATE OR REPLACE VIEW {view.full} AS SELECT {selected} FROM {source};")
        if grant and view.full not in before:
            lines.append(f"GRANT SELECT ON {view.full} TO {READER};")
    return "DO $switch$ BEGIN " + " ".join(lines) + " END $switch$"


def _selected(view: View, columns: dict[str, str], before: dict[str, str]) -> str:
    """The columns that the view had, in its order, then the new ones: what users have built on it stays.

    What an older release does not have yet is null there.
    """
    chosen = []
    for name, kind in before.items():
        if name in columns and columns[name].lower() != kind.lower():
            raise ConfigurationError(
                f"{view.full}: {name} was {kind} and is {columns[name]}, within one major version",
                hint="a release that breaks readers needs a new major version of the dataset",
            )
        chosen.append(f'"{name}"' if name in columns else f'NULL::{kind} AS "{name}"')
    return ", ".join([*chosen, *(f'"{name}"' for name in columns if name not in before)])


def _note(con: "sa.Connection", release: Release, plan: ViewPlan) -> None:
    """Write into the books what the views will show when this transaction ends."""
    import sqlalchemy as sa

    shown = "INSERT INTO fieldhouse.view (dataset, major, name, release) VALUES (:dataset, :major, :name, :release) "
    update = "ON CONFLICT (dataset, major) DO UPDATE SET release = excluded.release, retired = NULL"
    con.execute(
        sa.text(shown + update), [_key(view) | {"name": view.full, "release": release.number} for view in plan.show]
    )
    if plan.retire:
        retire = (
            "UPDATE fieldhouse.view SET retired = now() WHERE dataset = :dataset AND major = :major AND retired IS NULL"
        )
        con.execute(sa.text(retire), [_key(view) for view in plan.retire])
    con.execute(
        sa.text("UPDATE fieldhouse.release SET shown = clock_timestamp() WHERE number = :n"), {"n": release.number}
    )


def _key(view: View) -> dict[str, object]:
    return {"dataset": view.dataset, "major": view.major}


def _who(con: "sa.Connection") -> str:
    """The sessions that read longest, as far as this role may know."""
    import sqlalchemy as sa

    rows = con.execute(
        sa.text(
            "SELECT pid, usename, extract(epoch FROM now() - xact_start)::int AS seconds FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL "
            "ORDER BY xact_start LIMIT 3"
        )
    ).all()
    con.commit()
    return (
        ", ".join(f"process {row.pid} of {row.usename} for {row.seconds} s" for row in rows) or "it cannot be told who"
    )
