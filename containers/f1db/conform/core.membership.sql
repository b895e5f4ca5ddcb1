-- From the first to the last round that a driver was entered for.
WITH span AS (
  SELECT
    e.driver_id,
    e.constructor_id,
    'f1|' || e.season AS season_id,
    min(e.first_round) AS first_round,
    max(e.last_round) AS last_round
  FROM own."racing.entry" AS e
  GROUP BY ALL
),
day AS (
  SELECT m.season_id, r.round, m.date
  FROM own."racing.race" AS r
  JOIN own."core.match" AS m ON m.match_id = r.match_id  -- one match a race
)
SELECT c.* REPLACE (f.date AS first_date, l.date AS last_date)
FROM claims AS c
LEFT JOIN span AS s  -- one row a driver, constructor and season
  ON s.driver_id = c.person_id AND s.constructor_id = c.team_id AND s.season_id = c.season_id
LEFT JOIN day AS f ON f.season_id = c.season_id AND f.round = s.first_round  -- one race a round
LEFT JOIN day AS l ON l.season_id = c.season_id AND l.round = s.last_round  -- one race a round
