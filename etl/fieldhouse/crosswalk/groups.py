"""Connected components in SQL: what shares a key, directly or through others, is one group."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def group(con: "DuckDBPyConnection", members: str, into: str) -> None:
    """Make the table `into` (no, root): per node of `members` (no, key) the smallest node of its group.

    The smallest root goes round by keys, and each root then to its own root, so that a chain takes few rounds.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT DISTINCT no, no AS root FROM {members}")
    changed = True
    while changed:
        con.execute(_ROUND.format(members=members, into=into))
        ((changed,),) = con.execute(
            f"SELECT count(*) > 0 FROM reached JOIN {into} USING (no) WHERE reached.root <> {into}.root"  # one row a node
        ).fetchall()
        con.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS FROM reached")


_ROUND = """
CREATE OR REPLACE TEMP TABLE reached AS
WITH of_key AS (
  SELECT m.key, min(g.root) AS root
  FROM {members} AS m
  JOIN {into} AS g USING (no)  -- one row a node
  GROUP BY m.key
),
of_node AS (
  SELECT m.no, min(k.root) AS root
  FROM {members} AS m
  JOIN of_key AS k USING (key)  -- one row a key
  GROUP BY m.no
)
SELECT n.no, r.root
FROM of_node AS n
JOIN of_node AS r ON r.no = n.root  -- a root is a node
"""
