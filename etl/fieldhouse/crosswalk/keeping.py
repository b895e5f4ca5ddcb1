"""Keeping published ids: what a kind's fresh links become in the light of the parent release's crosswalk."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldhouse.crosswalk import ids
from fieldhouse.lake import duck
from fieldhouse.lake.duck import text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REDIRECT = "CREATE TABLE redirect (kind VARCHAR, old_id VARCHAR, new_id VARCHAR, since_release INTEGER)"


def load_parent(con: "DuckDBPyConnection", store: Store, crosswalk: Sequence[Part], redirects: Sequence[Part]) -> None:
    """Make the tables `before` (the parent's crosswalk) and `redirect` (the parent's redirects)."""
    con.execute(REDIRECT)
    if redirects:
        con.execute(
            f"INSERT INTO redirect SELECT kind, old_id, new_id, since_release FROM read_parquet({duck.files(store, redirects)})"
        )
    columns = "kind, source, source_id, entity_id"
    empty = ", ".join(f"NULL::VARCHAR AS {c.strip()}" for c in columns.split(","))
    body = (
        f"SELECT {columns} FROM read_parquet({duck.files(store, crosswalk)})"
        if crosswalk
        else f"SELECT {empty} WHERE false"
    )
    con.execute(f"CREATE TABLE before AS {body}")


def keep_ids(con: "DuckDBPyConnection", kind: str, release: int) -> None:
    """Give the clusters of a kind in `link` the ids they had before; ids that retire are added to `redirect`.

    `release` is the number under which retired ids are published first.
    """
    votes = con.execute(
        f"""
        WITH vote AS (
          SELECT n.entity_id AS fresh, o.entity_id AS old, count(*) AS claims
          FROM (SELECT DISTINCT kind, source, source_id, entity_id FROM link WHERE kind = {text(kind)}) AS n
          JOIN before AS o USING (kind, source, source_id)  -- a source id stands once in a crosswalk
          GROUP BY ALL
        ),
        differing AS (SELECT * FROM vote WHERE fresh <> old)
        SELECT fresh, old, claims FROM vote
        WHERE fresh IN (SELECT fresh FROM differing) OR old IN (SELECT old FROM differing)
        ORDER BY ALL
        """
    ).fetchall()
    if not votes:
        return
    kept = ids.keep(votes)
    for fresh, old in kept.renamed.items():
        con.execute("UPDATE link SET entity_id = ? WHERE kind = ? AND entity_id = ?", [f"={old}", kind, fresh])
    con.execute("UPDATE link SET entity_id = substr(entity_id, 2) WHERE entity_id LIKE '=%'")
    for old, new in kept.redirects.items():
        con.execute("UPDATE redirect SET new_id = ? WHERE kind = ? AND new_id = ?", [new, kind, old])
        con.execute("INSERT INTO redirect VALUES (?, ?, ?, ?)", [kind, old, new, release])
