"""Comments on the public views, for whoever looks at them with \\d+ or a client: only those that changed are written."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fieldhouse.lake.releases import Release
from fieldhouse.stages.warehouse import shape
from fieldhouse.stages.warehouse.filling import script

if TYPE_CHECKING:
    import sqlalchemy as sa


def describe(con: "sa.Connection", release: Release, old_days: float) -> int:
    """Bring the comments of all views up to date; how many were written. Readers are not disturbed."""
    known = _known(con)
    wanted = dict(_wanted(con, release, old_days))
    changed = [(where, text) for where, text in wanted.items() if where in known and known[where] != text]
    if changed:
        script(con, [_statement(*item) for item in changed])
    con.commit()
    return len(changed)


def _known(con: "sa.Connection") -> dict[tuple[str, str], str | None]:
    """The comments that the views have, by view and column (empty: the view itself)."""
    import sqlalchemy as sa

    rows = con.execute(
        sa.text(
            "SELECT v.name AS view, coalesce(a.attname, '') AS name, "
            "CASE WHEN a.attnum IS NULL THEN obj_description(to_regclass(v.name), 'pg_class') "
            "ELSE col_description(to_regclass(v.name), a.attnum) END AS text "
            "FROM fieldhouse.view v CROSS JOIN LATERAL (SELECT NULL::name AS attname, NULL::int AS attnum UNION ALL "
            "SELECT attname, attnum FROM pg_attribute WHERE attrelid = to_regclass(v.name) AND attnum > 0) a"
        )
    )
    return {(row.view, row.name): row.text for row in rows}


def _wanted(con: "sa.Connection", release: Release, old_days: float) -> Iterator[tuple[tuple[str, str], str]]:
    for table in release.datasets.values():
        view = shape.view_of(table).full
        yield (view, ""), shape.table_comment(table)
        for column in table.columns:
            yield (view, str(column["name"])), shape.column_comment(column)
    yield from _retired(con, release, old_days)


def _retired(con: "sa.Connection", release: Release, old_days: float) -> Iterator[tuple[tuple[str, str], str]]:
    import sqlalchemy as sa

    rows = con.execute(
        sa.text(
            "SELECT name, dataset, release, (retired + make_interval(secs => :s))::date AS ends FROM fieldhouse.view "
            "WHERE retired IS NOT NULL"
        ),
        {"s": old_days * 86400},
    ).all()
    for row in rows:
        table = release.datasets.get(row.dataset)
        instead = f" Read {shape.view_of(table).full} instead." if table else ""
        yield (row.name, ""), f"RETIRED: shows release {row.release} and none after it; goes after {row.ends}.{instead}"


def _statement(where: tuple[str, str], text: str) -> str:
    view, column = where
    what = f'COLUMN {view}."{column}"' if column else f"VIEW {view}"
    literal = text.replace("'", "''")
    return f"COMMENT ON {what} IS '{literal}'"
