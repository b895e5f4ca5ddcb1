"""Linking matches: by date, sides in either order and score; ambiguous pairs are left alone and listed.

A match's source id is the source's own, where it states one that does not change (`_id`); else what does not change when
dates and spellings do: the contract's `source_key` with references resolved. What shares a source key (a replay, a second
fixture) is told apart by `occurrence`.
"""

from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.crosswalk import groups, ids
from fieldhouse.crosswalk.claims import claims_table, entity_of
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def link_matches(con: "DuckDBPyConnection", contract: Contract) -> None:
    """Fill `link` with the matches' entities, and `match_near` with pairs that nearly fit."""
    entity, own = entity_of(contract), contract.grain[0]
    parts = ", ".join(f"coalesce({name(c)}::VARCHAR, '')" for c in entity.source_key)
    stated = "_id" if any(column.name == "_id" for column in contract.hidden) else "NULL"
    key = f"coalesce({stated}, concat_ws('|', {parts}))"
    told_apart = ", ".join(f"coalesce({name(c)}::VARCHAR, '')" for c in entity.occurrence)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE fixture AS
        SELECT *, source_key || CASE WHEN occurrence > 1 THEN '|' || occurrence ELSE '' END AS source_id
        FROM (
          SELECT _source, _rank, {name(own)} AS local_id, competition_id, season_id, date, _home, _away, _score,
                 {key} AS source_key,
                 CASE WHEN {stated} IS NOT NULL THEN 1
                      ELSE dense_rank() OVER (PARTITION BY _source, {key} ORDER BY {told_apart}) END AS occurrence
          FROM {claims_table(contract)}
        )
        """
    )
    con.execute(_CANDIDATES)
    con.execute(_PAIRED)
    groups.group(con, "paired", "grouped")
    con.execute(
        """
        CREATE OR REPLACE TABLE root AS
        SELECT DISTINCT p.source, p.source_id, r.source AS root_source, r.source_id AS root_id
        FROM paired AS p
        JOIN grouped AS g USING (no)  -- one row a node
        JOIN paired AS r ON r.no = g.root  -- several rows of one node, all alike
        """
    )
    kind = text(entity.kind)
    fresh = ids.MINT_SQL.format(
        kind=kind, source="coalesce(r.root_source, f._source)", source_id="coalesce(r.root_id, f.source_id)"
    )
    linked = "r.root_id IS NOT NULL AND (r.root_source, r.root_id) <> (f._source, f.source_id)"
    con.execute(
        f"""
        INSERT INTO link
        SELECT DISTINCT {kind}, f._source, f.local_id, f.source_id, {fresh},
               CASE WHEN {linked} THEN 'match' ELSE 'own' END,
               CASE WHEN {linked} THEN 'date, sides and score' ELSE '' END
        FROM fixture AS f
        LEFT JOIN root AS r ON r.source = f._source AND r.source_id = f.source_id  -- one root a fixture
        """
    )


#: Both ends of each link, numbered by the rank of the source, then by source id.
_PAIRED = """
CREATE OR REPLACE TEMP TABLE paired AS
WITH fit AS (
  SELECT source, source_id, other_source, other_id,
         row_number() OVER (ORDER BY source, source_id, other_source, other_id) AS key
  FROM match_candidate WHERE fits = 1 AND fitted = 1
),
node AS (
  SELECT source, source_id, key FROM fit UNION ALL SELECT other_source, other_id, key FROM fit
)
SELECT dense_rank() OVER (ORDER BY r._rank, n.source_id) AS no, n.source, n.source_id, n.key
FROM node AS n
JOIN (SELECT DISTINCT _source, _rank FROM fixture) AS r ON r._source = n.source  -- one rank a source
"""
#: Pairs of fixtures of two sources on one date between the same sides: `fits`, `fitted` count the partners of either
#: with an equal (or unknown) score; exactly one each makes a link.
_CANDIDATES = """
CREATE OR REPLACE TABLE match_candidate AS
WITH side AS (
  SELECT DISTINCT
    _source, _rank, source_id, date,
    least(_home, _away) AS a,
    greatest(_home, _away) AS b,
    CASE WHEN _home <= _away THEN _score
         ELSE split_part(_score, '-', 2) || '-' || split_part(_score, '-', 1) END AS score
  FROM fixture
  WHERE _home IS NOT NULL AND _away IS NOT NULL  -- a side that nobody knows equals no other
),
pair AS (
  SELECT
    x._source AS source, x.source_id, x.score,
    y._source AS other_source, y.source_id AS other_id, y.score AS other_score,
    coalesce(x.score = y.score, true) AS agrees
  FROM side AS x
  JOIN side AS y USING (date, a, b)  -- may fan out: what meets twice on a day is counted below
  WHERE x._rank < y._rank
)
SELECT
  *,
  count(*) FILTER (agrees) OVER (PARTITION BY source, source_id, other_source) * agrees::INTEGER AS fits,
  count(*) FILTER (agrees) OVER (PARTITION BY other_source, other_id, source) * agrees::INTEGER AS fitted
FROM pair
"""
