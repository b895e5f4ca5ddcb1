"""Teams that nothing links, but whose matches are told alike (season, days, scores): they are listed, not linked."""

from typing import TYPE_CHECKING

from fieldhouse.crosswalk.unlinked import COVERS
from fieldhouse.lake.duck import text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REASON = "no other source has it under a name that links"


def find(con: "DuckDBPyConnection") -> None:
    """Make `alone_match`, the matches without a partner in a season that another source covers, and what is near them.

    `team_near` (source, team, other_source, other_team, equal, matches): per pair of teams that no link joins, in how many
    of the first one's matches the other has one on that day with that score. `sides_near` (source, source_id,
    other_source, other_id, sides): pairs of matches that are one if such teams are.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TABLE alone_match AS
        WITH known AS (
          SELECT DISTINCT f._source AS source, f.source_id, f.season_id, l.entity_id
          FROM fixture AS f
          JOIN link AS l ON l.kind = 'match' AND l.source = f._source AND l.local_id = f.local_id  -- one link a fixture
        ),
        sized AS (
          SELECT source, season_id, count(*) AS matches FROM known GROUP BY ALL
        )
        SELECT k.*
        FROM known AS k
        JOIN sized AS m USING (source, season_id)  -- one size a source and season
        WHERE EXISTS (SELECT 1 FROM sized AS o WHERE o.source <> m.source AND o.season_id = m.season_id
                      AND o.matches >= {COVERS} * m.matches)
          AND k.entity_id NOT IN (SELECT entity_id FROM known GROUP BY entity_id HAVING count(DISTINCT source) > 1)
        """
    )
    con.execute(_TEAMS)
    con.execute(_MATCHES)


def list_teams(con: "DuckDBPyConnection") -> None:
    """List, with the teams that nothing links, those whose matches say that they are the same."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE said AS
        SELECT 'team' AS kind, n.source, l.source_id, n.other_team AS candidate_id, n.team AS entity_id,
               {text(REASON)} AS reason,
               n.equal || ' of ' || n.matches || ' matches have the day and the score of ' || n.other_source || '''s '
                 || coalesce(o.name, n.other_team) AS evidence
        FROM team_near AS n
        JOIN link AS l ON l.kind = 'team' AND l.source = n.source AND l.entity_id = n.team  -- a row an id of the team
        LEFT JOIN (SELECT source, entity_id, min(local_id) AS name FROM link WHERE kind = 'team' GROUP BY ALL) AS o
          ON o.source = n.other_source AND o.entity_id = n.other_team  -- one row a team and source
        """
    )
    con.execute(
        """
        DELETE FROM unlinked
        WHERE kind = 'team' AND ((source, source_id, candidate_id) IN (SELECT (source, source_id, candidate_id) FROM said)
                                 OR candidate_id = '' AND (source, source_id) IN (SELECT (source, source_id) FROM said))
        """
    )
    con.execute("INSERT INTO unlinked BY NAME FROM said")


#: A match seen by either side, own goals first.
_SEEN = """
  SELECT _source AS source, source_id, season_id, date, _home AS team,
         split_part(_score, '-', 1) AS own, split_part(_score, '-', 2) AS other
  FROM own WHERE _home IS NOT NULL AND _score IS NOT NULL
  UNION
  SELECT _source, source_id, season_id, date, _away, split_part(_score, '-', 2), split_part(_score, '-', 1)
  FROM own WHERE _away IS NOT NULL AND _score IS NOT NULL
"""
_TEAMS = f"""
CREATE OR REPLACE TABLE team_near AS
WITH own AS (
  SELECT * FROM fixture SEMI JOIN alone_match USING (season_id)
),
seen AS ({_SEEN}),
alone AS (
  SELECT s.* FROM seen AS s SEMI JOIN alone_match USING (source, source_id)
),
-- A team that a source knows is none of its others.
known AS (
  SELECT DISTINCT _source AS source, _home AS team FROM fixture WHERE _home IS NOT NULL
  UNION
  SELECT DISTINCT _source, _away FROM fixture WHERE _away IS NOT NULL
),
played AS (
  SELECT source, team, count(DISTINCT source_id) AS matches
  FROM seen SEMI JOIN (SELECT DISTINCT source, season_id, team FROM alone) USING (source, season_id, team)
  GROUP BY ALL
),
equal AS (
  SELECT x.source, x.team, y.source AS other_source, y.team AS other_team, count(DISTINCT x.source_id) AS equal
  FROM alone AS x
  JOIN alone AS y USING (season_id, date, own, other)  -- fans out: every match of that day and score is counted once
  WHERE x.source <> y.source
    AND (y.source, x.team) NOT IN (FROM known)
    AND (x.source, y.team) NOT IN (FROM known)
  GROUP BY ALL
)
SELECT e.*, p.matches
FROM equal AS e
JOIN played AS p USING (source, team)  -- one row a source and team
WHERE e.equal >= {COVERS} * p.matches
"""
_MATCHES = """
CREATE OR REPLACE TABLE sides_near AS
WITH fixed AS (
  SELECT DISTINCT _source AS source, source_id, season_id, date, _home AS home, _away AS away, _score AS score
  FROM fixture
  SEMI JOIN alone_match AS a ON a.source = fixture._source AND a.source_id = fixture.source_id
  WHERE _score IS NOT NULL
),
turned AS (
  SELECT source, source_id, season_id, date, home, away, score FROM fixed
  UNION ALL
  SELECT source, source_id, season_id, date, away, home, split_part(score, '-', 2) || '-' || split_part(score, '-', 1)
  FROM fixed
),
likely AS (
  SELECT source, team, other_source, other_team FROM team_near
  UNION
  SELECT other_source, other_team, source, team FROM team_near
),
pair AS (
  SELECT
    x.source, x.source_id, y.source AS other_source, y.source_id AS other_id,
    x.home = y.home AS same_home, x.away = y.away AS same_away,
    x.home AS home, x.away AS away, y.home AS other_home, y.away AS other_away
  FROM fixed AS x
  JOIN turned AS y USING (season_id, date, score)  -- fans out: only pairs of the same or likely sides are kept
  WHERE x.source <> y.source AND (x.home <> y.home OR x.away <> y.away)
)
SELECT DISTINCT p.source, p.source_id, p.other_source, p.other_id,
  CASE WHEN same_home OR same_away THEN 'one side; the other' ELSE 'both sides' END
    || ' is likely the same by the days and scores of its season' AS sides
FROM pair AS p
WHERE (same_home OR (source, home, other_source, other_home) IN (FROM likely))
  AND (same_away OR (source, away, other_source, other_away) IN (FROM likely))
"""
