"""Why a row differs between two releases: what its raw records say now, against what they said then."""

from typing import TYPE_CHECKING

from fieldhouse.consume.opened import ORIGIN, Opened
from fieldhouse.lake import duck, landings
from fieldhouse.lake.duck import name as quoted

if TYPE_CHECKING:
    import duckdb

LATE, CORRECTION, CODE, DERIVED = "late data", "upstream correction", "code", "derived"


def give(con: "duckdb.DuckDBPyConnection", before: Opened, after: Opened, dataset: str) -> None:
    """Add the column `reason` to the session's table `change` of a dataset: see `fh.changes` for what each means."""
    con.execute("ALTER TABLE change ADD COLUMN reason VARCHAR")
    name = f"{dataset}{ORIGIN}"
    old, new = before.release.origins.get(name, ()), after.release.origins.get(name, ())
    if not (old and new):
        con.execute("UPDATE change SET reason = $1", [DERIVED])
        return
    if [part.sha256 for part in old] == [part.sha256 for part in new]:
        con.execute("UPDATE change SET reason = $1", [CODE])
        return
    grain = after.release.datasets[dataset].grain
    for side, opened, found in (("was", before, old), ("now", after, new)):
        _load_objects(con, side, grain, duck.files(opened.store, found))
        _load_landed(con, f"{side}_landed", opened)
    key = " AND ".join(f"change.{quoted(c)} IS NOT DISTINCT FROM k.{quoted(c)}" for c in grain)
    keys = ", ".join(map(quoted, grain))
    con.execute(
        f"""
        UPDATE change SET reason = CASE change
          WHEN 'added' THEN CASE WHEN k.fresh THEN '{LATE}' ELSE '{CODE}' END
          WHEN 'removed' THEN CASE WHEN k.gone THEN '{CORRECTION}' ELSE '{CODE}' END
          ELSE CASE WHEN NOT k.fresh AND NOT k.gone THEN '{CODE}'
                    WHEN len(list_filter(columns, lambda c: c.before IS NOT NULL)) = 0 THEN '{LATE}'
                    ELSE '{CORRECTION}' END
          END
        FROM (
          SELECT {keys}, coalesce(bool_or(fresh), false) AS fresh, coalesce(bool_or(gone), false) AS gone
          FROM (
            SELECT {keys}, object NOT IN (FROM was_landed) AS fresh, NULL AS gone FROM now
            UNION ALL
            SELECT {keys}, NULL, object NOT IN (FROM now_landed) FROM was
          ) GROUP BY {keys}
        ) AS k
        WHERE {key}
        """
    )
    # What a release has no origin of comes from no raw record.
    con.execute("UPDATE change SET reason = $1 WHERE reason IS NULL", [CODE])


def _load_objects(con: "duckdb.DuckDBPyConnection", table: str, grain: tuple[str, ...], files: str) -> None:
    """Make the table (grain, object): of each row that differs the raw objects that it came from."""
    key = " AND ".join(f"change.{quoted(c)} IS NOT DISTINCT FROM r.{quoted(c)}" for c in grain)
    con.execute(
        f"""
        CREATE TEMP TABLE {table} AS
        SELECT DISTINCT {", ".join(f"r.{quoted(c)}" for c in grain)}, r.object
        FROM read_parquet({files}) AS r SEMI JOIN change ON {key}
        """
    )


def _load_landed(con: "duckdb.DuckDBPyConnection", table: str, opened: Opened) -> None:
    """Make the table of all raw objects that a release was made from."""
    pinned = {source: pin["landing"] for source, pin in opened.release.inputs.items()}
    objects = {
        landed.sha256
        for source, number in pinned.items()
        if isinstance(number, int)
        for landed in landings.snapshot(opened.store, source, number).values()
    }
    con.execute(f"CREATE TEMP TABLE {table} (object VARCHAR)")
    duck.insert(con, table, [(sha256,) for sha256 in sorted(objects)])
