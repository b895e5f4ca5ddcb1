-- One competition over all leagues: the major leagues.
SELECT
  'mlb' AS competition_id,
  'mlb' AS slug,
  'Major League Baseball' AS name,
  'baseball' AS sport,
  'men' AS gender,
  'league' AS kind,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM raw
HAVING count(*) > 0
