"""Linking by ids that sources share, by equal keys and by reviewed aliases: which claims make entities.

All functions work on a DuckDB session that has, per dataset, a table claims."<dataset>" with the columns of its
contract, its hidden columns, `_source` and `_rank`. They fill the tables

    link (kind, source, local_id, source_id, entity_id, method, evidence)
    rooted (source, id, entity_id)

where `local_id` is what the source's rows hold, and `source_id` what is published in the crosswalk. `rooted` says, of the
kind that was linked last: of names that only aliases know, and of keys and ids as the crosswalk's evidence shows them
(under the source ""), which entity they lead to: names that are gone can be looked up in it. Everything is
done by SQL, whatever the number, and only what shares something is put in order.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract, Entity
from fieldhouse.crosswalk import groups, ids, shared
from fieldhouse.crosswalk.aliases import Alias
from fieldhouse.crosswalk.claims import claims_table, entity_of
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINK = """
CREATE TABLE link (kind VARCHAR, source VARCHAR, local_id VARCHAR, source_id VARCHAR, entity_id VARCHAR,
                   method VARCHAR, evidence VARCHAR);
CREATE TABLE rooted (source VARCHAR, id VARCHAR, entity_id VARCHAR);
CREATE TABLE conflict (kind VARCHAR, source VARCHAR, local_id VARCHAR, other_source VARCHAR, other_id VARCHAR,
                       reason VARCHAR, evidence VARCHAR);
"""


def link_by_keys(con: "DuckDBPyConnection", contract: Contract, aliases: Sequence[Alias]) -> None:
    """Link the claims of an entity dataset and fill `link` and `rooted`.

    An entity is minted from the first of its claims, by the rank of the source, then by the id.
    """
    entity, own = entity_of(contract), contract.grain[0]
    _number(con, contract, own, aliases)
    shared.accept(con, contract)
    _find_keys(con, contract, entity, own)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE member AS
        WITH said AS (
          SELECT no, key FROM stated WHERE accepted
          UNION ALL
          SELECT no, key FROM keyed
          UNION ALL
          SELECT n.no, 'alias ' || a.number
          FROM (SELECT number, source, id FROM alias UNION ALL SELECT number, as_source, as_id FROM alias) AS a
          JOIN node AS n USING (source, id)  -- one node an end of an alias
        )
        SELECT DISTINCT no, key FROM said SEMI JOIN (SELECT key FROM said GROUP BY key HAVING min(no) < max(no)) USING (key)
        """
    )
    _group(con)
    _fill(con, entity.kind)


def _number(con: "DuckDBPyConnection", contract: Contract, own: str, aliases: Sequence[Alias]) -> None:
    """Make `alias`, and `node`: the claims in the order of ranks and ids, then the names that only aliases know."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE alias (number INTEGER, source VARCHAR, id VARCHAR, as_source VARCHAR,"
        " as_id VARCHAR, evidence VARCHAR)"
    )
    rows = [(n, a.source, a.source_id, a.same_as_source, a.same_as_id, a.evidence) for n, a in enumerate(aliases)]
    duck.insert(con, "alias", rows)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE node AS
        WITH claim AS (
          SELECT _source AS source, {name(own)} AS id, min(_rank) AS rank FROM {claims_table(contract)} GROUP BY ALL
        ),
        named AS (
          SELECT source, id, 2 * number AS place FROM alias
          UNION ALL
          SELECT as_source, as_id, 2 * number + 1 FROM alias
        ),
        every AS (
          SELECT source, id, rank, 0 AS place, true AS claimed FROM claim
          UNION ALL
          SELECT source, id, NULL, min(place), false FROM named ANTI JOIN claim USING (source, id) GROUP BY source, id
        )
        SELECT row_number() OVER () AS no, * FROM every
        """
    )


def _group(con: "DuckDBPyConnection") -> None:
    """Make `first_of` (no, first, source, id, claimed): of each node that shares something the first of its group."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE placed AS
        SELECT no AS node, row_number() OVER (ORDER BY claimed DESC, rank, place, id, source) AS no
        FROM node SEMI JOIN member USING (no)
        """
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE sharing AS "
        "SELECT p.no, m.key FROM member AS m JOIN placed AS p ON p.node = m.no"  # one place a node
    )
    groups.group(con, "sharing", "grouped")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE first_of AS
        SELECT p.node AS no, f.node = p.node AS first, n.source, n.id, n.claimed
        FROM grouped AS g
        JOIN placed AS p USING (no)  -- one node a place
        JOIN placed AS f ON f.no = g.root  -- one node a place
        JOIN node AS n ON n.no = f.node  -- one row a node
        """
    )


def _find_keys(con: "DuckDBPyConnection", contract: Contract, entity: Entity, own: str) -> None:
    """Make the table `keyed` (no, number, key, shown): the declared keys of claims that have all their columns."""
    con.execute("CREATE OR REPLACE TEMP TABLE keyed (no BIGINT, number INTEGER, key VARCHAR, shown VARCHAR)")
    for number, key in enumerate(entity.keys):
        columns = ", ".join(f"{name(c)}::VARCHAR" for c in key)
        present = " AND ".join(f"{name(c)} IS NOT NULL" for c in key)
        con.execute(
            f"""
            INSERT INTO keyed
            SELECT DISTINCT n.no, {number}, {text(f"key {number}: ")} || c.key, trim(c.key, ' |')
            FROM (SELECT _source, {name(own)} AS id, concat_ws(' | ', {columns}) AS key
                  FROM {claims_table(contract)} WHERE {present}) AS c
            JOIN node AS n ON n.source = c._source AND n.id = c.id  -- one node a claim
            """
        )


def _fill(con: "DuckDBPyConnection", kind: str) -> None:
    source, source_id = "coalesce(r.source, n.source)", "coalesce(r.id, n.id)"
    fresh = ids.MINT_SQL.format(kind=text(kind), source=source, source_id=source_id)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE entity AS
        SELECT n.no, n.source, n.id, n.claimed, coalesce(r.first, true) AS first, {fresh} AS entity_id,
               coalesce(r.claimed, n.claimed) AS described
        FROM node AS n
        LEFT JOIN first_of AS r USING (no)  -- one row a node
        """
    )
    con.execute(
        f"""
        INSERT INTO link
        WITH id_of AS (
          SELECT no, arg_min(shown, place) AS shown,
                 arg_min(shown, place) FILTER (accepted AND (no, key) IN (SELECT (no, key) FROM member)) AS linking
          FROM stated GROUP BY no
        ),
        key_of AS (
          SELECT no, arg_max(shown, (number, key)) AS shown FROM keyed GROUP BY no
        ),
        alias_of AS (
          SELECT source, id, arg_max(evidence, number) AS evidence FROM alias GROUP BY source, id
        )
        SELECT {text(kind)}, e.source, e.id, e.id, e.entity_id,
               CASE WHEN e.first THEN 'own' WHEN i.linking IS NOT NULL THEN 'id'
                    WHEN a.evidence IS NOT NULL THEN 'alias' ELSE 'key' END,
               CASE WHEN e.first THEN coalesce(i.shown, k.shown, '')
                    ELSE coalesce(i.linking, a.evidence, k.shown, 'named by another alias') END
        FROM entity AS e
        LEFT JOIN id_of AS i USING (no)  -- one row a node
        LEFT JOIN key_of AS k USING (no)  -- one row a node
        LEFT JOIN alias_of AS a ON a.source = e.source AND a.id = e.id  -- one row a claim
        WHERE e.claimed
        """
    )
    # A claim is not gone, so that nobody looks it up.
    con.execute(
        """
        CREATE OR REPLACE TABLE rooted AS
        SELECT source, id, entity_id FROM entity WHERE described AND NOT claimed
        UNION ALL
        SELECT '', k.shown, max(e.entity_id)
        FROM (SELECT no, shown FROM keyed UNION ALL SELECT no, shown FROM stated WHERE accepted) AS k
        JOIN entity AS e USING (no)  -- one row a node
        WHERE e.described GROUP BY k.shown
        """
    )
