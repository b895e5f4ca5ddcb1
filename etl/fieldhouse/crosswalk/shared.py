"""Ids that sources share: which of them link, and which are contradictions that are told and link nothing.

`[entity] ids` of a contract names hidden columns, the most trusted first: `_bbref` holds the ids of a system `bbref`.
A claim that states ids is one entity of its source, so that no two of them may meet in one.
"""

from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.crosswalk import groups
from fieldhouse.crosswalk.claims import claims_table, entity_of
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AMBIGUOUS = "several claims of one source state the same id: it links nothing"
CONTRADICTION = "an id leads to another entity than one that is trusted more: it links nothing"
#: An id that more claims state than this is told of each of them, but not pair by pair.
FEW = 20


def accept(con: "DuckDBPyConnection", contract: Contract) -> None:
    """Make the table `stated` (no, source, place, key, shown, accepted) of the ids that claims of a kind state.

    `node` numbers the claims. What is not accepted is put into `conflict`.
    """
    entity, own = entity_of(contract), contract.grain[0]
    selects = [
        f"SELECT _source, {name(own)} AS id, {place} AS place, {text(column.lstrip('_'))} || ' ' || {name(column)} AS shown "
        f"FROM {claims_table(contract)} WHERE {name(column)} <> ''"
        for place, column in enumerate(entity.ids)
    ]
    nothing = "SELECT '' AS _source, '' AS id, 0 AS place, '' AS shown WHERE false"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE stated AS
        WITH said AS (SELECT DISTINCT n.no, n.source, s.place, s.shown
                      FROM ({" UNION ALL ".join(selects) or nothing}) AS s
                      JOIN node AS n ON n.source = s._source AND n.id = s.id)  -- one node a claim
        SELECT *, 'id ' || shown AS key,
               count(*) OVER (PARTITION BY source, shown) = 1 AS accepted
        FROM said
        """
    )
    con.execute("UPDATE stated SET accepted = false WHERE shown IN (SELECT shown FROM stated WHERE NOT accepted)")
    _tell(con, entity.kind, AMBIGUOUS, "NOT s.accepted")
    for place in range(1, len(entity.ids)):
        _refuse_contradictions(con, entity.kind, place)


def _refuse_contradictions(con: "DuckDBPyConnection", kind: str, place: int) -> None:
    """Of ids that would bring two claims of one source together, those of this place are not accepted."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE trusted AS SELECT no, key FROM stated WHERE accepted AND place < {place}"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE trying AS SELECT no, key FROM stated WHERE accepted AND place <= {place}"
    )
    groups.group(con, "trusted", "before_it")
    groups.group(con, "trying", "with_it")
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE contradicted AS
        WITH member AS (
          SELECT DISTINCT s.no, s.source, s.place, s.shown, w.root, coalesce(b.root, s.no) AS trusted
          FROM stated AS s
          JOIN with_it AS w USING (no)  -- one row a node
          LEFT JOIN before_it AS b USING (no)  -- one row a node
          WHERE s.accepted
        ),
        broken AS (
          SELECT root FROM member GROUP BY root, source HAVING count(DISTINCT no) > 1
        )
        SELECT shown FROM member WHERE place = {place} AND root IN (SELECT root FROM broken)
        GROUP BY shown HAVING count(DISTINCT trusted) > 1
        """
    )
    con.execute("UPDATE stated SET accepted = false WHERE shown IN (FROM contradicted)")
    _tell(con, kind, CONTRADICTION, "s.shown IN (FROM contradicted)")


def _tell(con: "DuckDBPyConnection", kind: str, reason: str, condition: str) -> None:
    """Note who states the ids for which `condition` (over `stated AS s`) holds, with everybody else who does."""
    con.execute(
        f"""
        INSERT INTO conflict
        WITH refused AS (
          SELECT s.no, s.shown, count(*) OVER (PARTITION BY s.shown) AS many FROM stated AS s WHERE {condition}
        )
        SELECT {text(kind)}, a.source, a.id, b.source, b.id, {text(reason)}, r.shown
        FROM refused AS r
        JOIN node AS a USING (no)  -- one row a node
        LEFT JOIN refused AS o ON o.shown = r.shown AND o.no <> r.no AND r.many <= {FEW}  -- a row a pair
        LEFT JOIN node AS b ON b.no = o.no  -- one row a node
        """
    )
