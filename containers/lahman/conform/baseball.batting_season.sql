-- Codes of teams are those of the season; the franchise is found by code and season, of which Teams has one row.
SELECT c.* REPLACE (coalesce(t.team_id, c.team_id || ' in ' || c.season) AS team_id)
FROM claims AS c
LEFT JOIN own."baseball.team_season" AS t  -- one franchise a code and season
  ON t.team_code = c.team_id AND t.season = c.season
