"""Keeping published ids: what a kind's fresh links become in the light of the parent release's crosswalk."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse.crosswalk import ids
from fieldhouse.crosswalk.linking import Claim
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


def keep_ids(con: "DuckDBPyConnection", kind: str, release: int, roots: Mapping[Claim, Claim]) -> None:
    """Give the clusters of a kind in `link` the ids they had before; ids that retire are added to `redirect`.

    `release` is the number under which retired ids are published first. `roots` says what linking knows of names that
    no source uses any more: a cluster that consists of new names only keeps the id of the old ones.
    """
    _find_former(con, kind, roots)
    votes = con.execute(
        f"""
        WITH vote AS (
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
        differing AS (SELECT * FROM vote WHERE fresh <> old)
        SELECT fresh, old, claims FROM vote
        WHERE fresh IN (SELECT fresh FROM differing) OR old IN (SELECT old FROM differing)
        ORDER BY ALL
        """
    ).fetchall()
    claimed = sorted({old for _, old, _ in votes})
    others = con.execute(
        "SELECT DISTINCT entity_id FROM link WHERE kind = ? AND list_contains(?, entity_id) ORDER BY ALL",
        [kind, claimed],
    ).fetchall()
    kept = ids.keep(votes, (fresh for (fresh,) in others))
    for fresh, old in kept.renamed.items():
        con.execute("UPDATE link SET entity_id = ? WHERE kind = ? AND entity_id = ?", [f"={old}", kind, fresh])
    con.execute("UPDATE link SET entity_id = substr(entity_id, 2) WHERE entity_id LIKE '=%'")
    for old, new in kept.redirects.items():
        con.execute("UPDATE redirect SET new_id = ? WHERE kind = ? AND new_id = ?", [new, kind, old])
        con.execute("INSERT INTO redirect VALUES (?, ?, ?, ?)", [kind, old, new, release])
        # A match's source id is made of entity ids, and is the same match under those that they have now.
        con.execute(
            "UPDATE before SET source_id = replace(source_id, $1, $2) WHERE kind = 'match' AND contains(source_id, $1)",
            [old, new],
        )
    # What was merged and is apart again has its id back: that id leads nowhere else.
    con.execute(
        "DELETE FROM redirect WHERE kind = $1 AND old_id IN (SELECT entity_id FROM link WHERE kind = $1)", [kind]
    )


def _find_former(con: "DuckDBPyConnection", kind: str, roots: Mapping[Claim, Claim]) -> None:
    """Make the table `former`: source ids of the parent that nothing claims now, with the entity they would be now."""
    con.execute("CREATE OR REPLACE TABLE former (source VARCHAR, source_id VARCHAR, entity_id VARCHAR)")
    gone = con.execute(
        f"""
        SELECT source, source_id, CASE WHEN method IN ('own', 'key') THEN evidence END
        FROM before ANTI JOIN link USING (kind, source, source_id)
        WHERE kind = {text(kind)} ORDER BY ALL
        """
    ).fetchall()
    found = [
        (source, source_id, roots.get((source, source_id)) or roots.get(("", key))) for source, source_id, key in gone
    ]
    rows = [(source, source_id, ids.mint(kind, *root)) for source, source_id, root in found if root]
    duck.insert(con, "former", rows)
    if kind == "match" and gone:
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
