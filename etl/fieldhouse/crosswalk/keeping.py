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

#: How many names that are gone it takes to outvote one that is still there.
STANDING = 1_000_000
REDIRECT = "CREATE TABLE redirect (kind VARCHAR, old_id VARCHAR, new_id VARCHAR, since_release INTEGER)"


def load_parent(con: "DuckDBPyConnection", store: Store, crosswalk: Sequence[Part], redirects: Sequence[Part]) -> None:
    """Make the tables `before` (the parent's crosswalk) and `redirect` (the parent's redirects)."""
    con.execute(REDIRECT)
    if redirects:
        con.execute(
            f"INSERT INTO redirect SELECT kind, old_id, new_id, since_release FROM read_parquet({duck.files(store, redirects)})"
        )
    columns = "kind, source, source_id, entity_id, method, evidence"
    empty = ", ".join(f"NULL::VARCHAR AS {c.strip()}" for c in columns.split(","))
    body = (
        f"SELECT {columns} FROM read_parquet({duck.files(store, crosswalk)})"
        if crosswalk
        else f"SELECT {empty} WHERE false"
    )
    con.execute(f"CREATE TABLE before AS {body}")


def keep_ids(con: "DuckDBPyConnection", kind: str, release: int) -> None:
    """Give the clusters of a kind in `link` the ids they had before; ids that retire are added to `redirect`.

    `release` is the number under which retired ids are published first. `rooted` says what linking knows of names that
    no source uses any more: a cluster that consists of new names only keeps the id of the old ones.
    """
    _find_former(con, kind)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE vote AS
        WITH counted AS (
          SELECT n.entity_id AS fresh, o.entity_id AS old, sum(n.weight)::BIGINT AS claims
          FROM (
            SELECT DISTINCT source, source_id, entity_id, {STANDING} AS weight FROM link WHERE kind = {text(kind)}
            UNION ALL
            SELECT source, source_id, entity_id, 1 AS weight FROM former
          ) AS n
          JOIN before AS o  -- a source id stands once in a crosswalk
            ON o.kind = {text(kind)} AND o.source = n.source AND o.source_id = n.source_id
          GROUP BY ALL
        ),
        differing AS (SELECT * FROM counted WHERE fresh <> old)
        FROM counted SEMI JOIN differing USING (fresh)
        UNION
        FROM counted SEMI JOIN differing USING (old)
        """
    )
    # Only clusters whose fresh id is not the one they had come this far.
    votes = con.execute("SELECT fresh, old, claims FROM vote ORDER BY ALL").fetchall()
    others = con.execute(
        f"""
        SELECT DISTINCT entity_id FROM link SEMI JOIN (SELECT old AS entity_id FROM vote) USING (entity_id)
        WHERE kind = {text(kind)} ORDER BY ALL
        """
    ).fetchall()
    kept = ids.keep(votes, (fresh for (fresh,) in others))
    _rename(con, kind, kept)
    if kept.redirects:
        _redirect(con, kind, kept, release)
    # What was merged and is apart again has its id back: that id leads nowhere else.
    con.execute(
        "DELETE FROM redirect WHERE kind = $1 AND old_id IN (SELECT entity_id FROM link WHERE kind = $1)", [kind]
    )


def _rename(con: "DuckDBPyConnection", kind: str, kept: ids.Kept) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE renamed (fresh VARCHAR, old VARCHAR)")
    duck.insert(con, "renamed", list(kept.renamed.items()))
    con.execute("UPDATE link SET entity_id = r.old FROM renamed AS r WHERE kind = $1 AND entity_id = r.fresh", [kind])


def _redirect(con: "DuckDBPyConnection", kind: str, kept: ids.Kept, release: int) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE moved (old_id VARCHAR, new_id VARCHAR)")
    duck.insert(con, "moved", list(kept.redirects.items()))
    con.execute(
        "UPDATE redirect SET new_id = m.new_id FROM moved AS m WHERE kind = $1 AND redirect.new_id = m.old_id", [kind]
    )
    con.execute("INSERT INTO redirect SELECT $1, old_id, new_id, $2 FROM moved", [kind, release])
    # A match's source id is made of entity ids, and is the same match under those that they have now.
    con.execute(
        """
        UPDATE before SET source_id = said.source_id
        FROM (
          SELECT b.source_id AS was, string_agg(coalesce(m.new_id, b.piece), '|' ORDER BY b.place) AS source_id
          FROM (SELECT source_id, unnest(string_split(source_id, '|')) AS piece,
                       generate_subscripts(string_split(source_id, '|'), 1) AS place
                FROM (SELECT DISTINCT source_id FROM before WHERE kind = 'match')) AS b
          LEFT JOIN moved AS m ON m.old_id = b.piece  -- one row a retired id
          GROUP BY b.source_id HAVING count(m.new_id) > 0
        ) AS said
        WHERE kind = 'match' AND before.source_id = said.was
        """
    )


def _find_former(con: "DuckDBPyConnection", kind: str) -> None:
    """Make the table `former`: source ids of the parent that nothing claims now, with the entity they would be now."""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE former AS
        WITH gone AS (
          SELECT source, source_id, CASE WHEN method IN ('own', 'key', 'id') THEN evidence END AS key
          FROM before ANTI JOIN link USING (kind, source, source_id)
          WHERE kind = {text(kind)}
        )
        SELECT g.source, g.source_id, coalesce(n.entity_id, k.entity_id) AS entity_id
        FROM gone AS g
        LEFT JOIN rooted AS n ON n.source = g.source AND n.id = g.source_id  -- one row a name
        LEFT JOIN rooted AS k ON k.source = '' AND k.id = g.key  -- one row a key
        WHERE coalesce(n.entity_id, k.entity_id) IS NOT NULL
        """
    )
    if kind == "match":
        con.execute(_RELABELLED)


#: A match whose round or stage is called otherwise: of the season's matches of this home and this away side exactly one
#: is gone and exactly one is new.
_RELABELLED = r"""
INSERT INTO former
WITH known AS (
  SELECT source, source_id, entity_id, true AS gone FROM before ANTI JOIN link USING (kind, source, source_id)
  WHERE kind = 'match'
  UNION ALL
  SELECT DISTINCT source, source_id, entity_id, false AS gone FROM link ANTI JOIN before USING (kind, source, source_id)
  WHERE kind = 'match'
),
fixture AS (
  SELECT *, regexp_extract(source_id,
    '^[^|]*\|(season-[^|]+)\|.*\|(team-[^|]+\|team-[^|]+)(\|[0-9]+)?$', ['season', 'sides']) AS f
  FROM known
)
SELECT source, max(source_id) FILTER (gone), max(entity_id) FILTER (NOT gone)
FROM fixture WHERE f.sides <> ''
GROUP BY source, f
HAVING count(*) FILTER (gone) = 1 AND count(*) FILTER (NOT gone) = 1
"""
