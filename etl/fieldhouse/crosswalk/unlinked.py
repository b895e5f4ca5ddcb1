"""What was not linked although another source covers the same ground, with near misses: listed, never guessed."""

from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.crosswalk.claims import claims_table, entity_of
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNLINKED = """
CREATE TABLE unlinked (kind VARCHAR, source VARCHAR, source_id VARCHAR, candidate_id VARCHAR, entity_id VARCHAR,
                       reason VARCHAR, evidence VARCHAR)
"""
#: Another source covers a scope if it knows at least this share of what the source knows there.
COVERS = 0.5
#: Names at least this alike (Jaro-Winkler) are near misses.
ALIKE = 0.9


def list_entities(con: "DuckDBPyConnection", contract: Contract) -> None:
    """List teams (or the like) that only one source knows in a scope that another source covers, with similar names."""
    entity, own = entity_of(contract), contract.grain[0]
    scope = ", ".join(name(c) for c in entity.scope)
    said = ", ".join(f"c.{name(c)}" for c in entity.scope)
    same = " AND ".join(f"m.{name(c)} IS NOT DISTINCT FROM o.{name(c)}" for c in entity.scope)
    con.execute(
        f"""
        INSERT INTO unlinked
        WITH known AS (
          SELECT DISTINCT c._source AS source, l.entity_id, c.{name(own)} AS source_id, c.name, {said}
          FROM {claims_table(contract)} AS c
          JOIN link AS l  -- one link a claim
            ON l.kind = {text(entity.kind)} AND l.source = c._source AND l.local_id = c.{name(own)}
        ),
        sized AS (
          SELECT source, {scope}, count(DISTINCT entity_id) AS entities FROM known GROUP BY ALL
        ),
        alone AS (
          SELECT k.*
          FROM known AS k
          JOIN sized AS m USING (source, {scope})  -- one size a source and scope
          WHERE EXISTS (SELECT 1 FROM sized AS o WHERE o.source <> m.source AND {same}
                        AND o.entities >= {COVERS} * m.entities)
            AND NOT EXISTS (SELECT 1 FROM known AS x WHERE x.entity_id = k.entity_id AND x.source <> k.source)
        ),
        near AS (
          SELECT m.source, m.source_id, o.entity_id AS candidate_id, min(o.name) AS candidate
          FROM alone AS m
          JOIN known AS o ON o.source <> m.source AND {same}  -- fans out: every similar name is a near miss
          WHERE jaro_winkler_similarity(m.name, o.name) >= {ALIKE}
          GROUP BY ALL
        )
        SELECT DISTINCT {text(entity.kind)}, m.source, m.source_id, coalesce(n.candidate_id, ''), m.entity_id,
               'no other source has it under a name that links',
               CASE WHEN n.candidate IS NULL THEN '' ELSE 'similar name: ' || n.candidate END
        FROM alone AS m
        LEFT JOIN near AS n USING (source, source_id)  -- a row a near miss
        """
    )


def list_conflicts(con: "DuckDBPyConnection") -> None:
    """List whom an id named, but must not link, with whoever else states it; those whom something else linked are one."""
    con.execute(
        """
        INSERT INTO unlinked
        SELECT DISTINCT c.kind, c.source, l.source_id, coalesce(o.entity_id, ''), l.entity_id, c.reason, c.evidence
        FROM conflict AS c
        JOIN link AS l ON l.kind = c.kind AND l.source = c.source AND l.local_id = c.local_id  -- one link a claim
        LEFT JOIN link AS o  -- one link a claim
          ON o.kind = c.kind AND o.source = c.other_source AND o.local_id = c.other_id
        WHERE o.entity_id IS DISTINCT FROM l.entity_id
        """
    )


def list_without_ids(con: "DuckDBPyConnection", contract: Contract) -> None:
    """List the claims of sources that state ids which no id linked, where most of their source are linked.

    Near misses are claims of others that have an equal `near` tuple and are not linked with this source either.
    """
    entity, own, kind = entity_of(contract), contract.grain[0], text(entity_of(contract).kind)
    states = " OR ".join(f"{name(c)} IS NOT NULL" for c in entity.ids)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE without AS
        WITH stating AS (SELECT DISTINCT _source AS source FROM {claims_table(contract)} WHERE {states or "false"}),
        together AS (SELECT entity_id FROM link WHERE kind = {kind} GROUP BY entity_id HAVING count(DISTINCT source) > 1),
        known AS (
          SELECT l.source, l.local_id, l.source_id, l.entity_id, t.entity_id IS NOT NULL AS linked
          FROM link AS l
          SEMI JOIN stating USING (source)
          LEFT JOIN together AS t USING (entity_id)  -- one row an entity
          WHERE l.kind = {kind}
        ),
        covered AS (SELECT source FROM known GROUP BY source HAVING count(*) FILTER (linked) >= {COVERS} * count(*))
        SELECT k.* EXCLUDE (linked) FROM known AS k SEMI JOIN covered USING (source)
        WHERE NOT linked AND (source, source_id) NOT IN (SELECT (source, source_id) FROM unlinked WHERE kind = {kind})
        """
    )
    near = " UNION ALL ".join(_near(contract, own, columns) for columns in entity.near)
    nothing = "SELECT '' AS source, '' AS local_id, '' AS other_source, '' AS other_id, '' AS evidence WHERE false"
    con.execute(
        f"""
        INSERT INTO unlinked
        WITH near AS ({near or nothing}),
        candidate AS (
          SELECT n.source, n.local_id, l.entity_id, min(n.evidence) AS evidence
          FROM near AS n
          JOIN link AS l  -- one link a claim
            ON l.kind = {kind} AND l.source = n.other_source AND l.local_id = n.other_id
          WHERE (n.source, l.entity_id) NOT IN (SELECT (source, entity_id) FROM link WHERE kind = {kind})
          GROUP BY ALL
        )
        SELECT {kind}, w.source, w.source_id, coalesce(c.entity_id, ''), w.entity_id, 'no other source states an id of it',
               coalesce(c.evidence, '')
        FROM without AS w
        LEFT JOIN candidate AS c USING (source, local_id)  -- a row a near miss
        """
    )


def _near(contract: Contract, own: str, columns: tuple[str, ...]) -> str:
    """SQL for the claims of other sources that say the same in these columns as a claim of `without`."""
    alike = [f"lower(strip_accents({name(c)}::VARCHAR))" for c in columns]
    same = ", ".join(f"{value} AS k{n}" for n, value in enumerate(alike))
    present = " AND ".join(f"{name(c)} IS NOT NULL" for c in columns)
    keys = ", ".join(f"k{n}" for n in range(len(columns)))
    claims = f"(SELECT DISTINCT _source, {name(own)} AS id, {same} FROM {claims_table(contract)} WHERE {present})"
    return f"""
        SELECT w.source, w.local_id, o._source AS other_source, o.id AS other_id,
               {text("same " + ", ".join(columns) + ": ")} || concat_ws(', ', {keys}) AS evidence
        FROM without AS w
        JOIN {claims} AS c ON c._source = w.source AND c.id = w.local_id  -- a row a way in which the claim is said
        JOIN {claims} AS o USING ({keys})  -- fans out: every claim that says the same is a near miss
        WHERE o._source <> w.source
    """


def list_matches(con: "DuckDBPyConnection") -> None:
    """List matches of a season that another source covers, too, without a partner there; near misses say what differs.

    `alone_match` and `sides_near` are those of `unknown_sides`.
    """
    con.execute(
        """
        INSERT INTO unlinked
        WITH near AS (
          SELECT source, source_id, other_source, other_id, score, other_score, '' AS sides FROM match_candidate
          UNION ALL
          SELECT other_source, other_id, source, source_id, other_score, score, '' FROM match_candidate
          UNION ALL
          SELECT source, source_id, other_source, other_id, '', '', sides FROM sides_near
        )
        SELECT DISTINCT 'match', m.source, m.source_id, coalesce(l.entity_id, ''), m.entity_id,
               CASE WHEN n.other_id IS NULL THEN 'no other source has a match of these sides on this date'
                    WHEN n.sides <> '' THEN 'a side is not linked'
                    WHEN coalesce(n.score = n.other_score, true) THEN 'several matches fit'
                    ELSE 'the score differs' END,
               CASE WHEN n.other_id IS NULL THEN ''
                    WHEN n.sides <> '' THEN 'same date and score, and ' || n.sides
                    ELSE concat_ws(' ', n.source_id, n.score) || ', ' || concat_ws(' ', n.other_source, n.other_score) END
        FROM alone_match AS m
        LEFT JOIN near AS n USING (source, source_id)  -- a row a near miss
        LEFT JOIN (SELECT DISTINCT source, source_id, entity_id FROM link WHERE kind = 'match') AS l
          ON l.source = n.other_source AND l.source_id = n.other_id  -- one link a fixture
        """
    )


def near_people(con: "DuckDBPyConnection", people: Contract) -> None:
    """Give people who are only named (`team|name`) their near misses: who of that team has the same last name."""
    last = "lower(strip_accents(regexp_extract({}, '([^ |]+)$', 1)))"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE near AS
        SELECT u.source, u.source_id, l.entity_id AS candidate_id, min(p.name) AS candidate
        FROM unlinked AS u
        JOIN link AS t  -- one link a team's name
          ON t.kind = 'team' AND t.source = u.source AND t.local_id = split_part(u.source_id, '|', 1)
        JOIN {claims_table(people)} AS p  -- fans out: every namesake of the team is a near miss
          ON p._team = t.entity_id AND {last.format("p.name")} = {last.format("u.source_id")}
        JOIN link AS l  -- one link a claim
          ON l.kind = 'person' AND l.source = p._source AND l.local_id = p.{name(people.grain[0])}
        WHERE u.kind = 'person' AND u.entity_id IS NULL
        GROUP BY ALL
        """
    )
    con.execute(
        """
        INSERT INTO unlinked
        SELECT 'person', u.source, u.source_id, n.candidate_id, NULL, u.reason, 'same team and last name: ' || n.candidate
        FROM unlinked AS u JOIN near AS n USING (source, source_id)  -- a row a near miss
        WHERE u.kind = 'person'
        """
    )
    con.execute(
        """
        DELETE FROM unlinked
        WHERE kind = 'person' AND candidate_id = '' AND (source, source_id) IN (SELECT (source, source_id) FROM near)
        """
    )
