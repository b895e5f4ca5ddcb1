-- One row a driver, constructor and season, whoever entered the car; when, conform knows.
SELECT
  driver AS person_id,
  constructor AS team_id,
  'f1|' || season AS season_id,
  CASE WHEN bool_and(test_driver) THEN 'test driver' ELSE 'driver' END AS role,
  NULL::INTEGER AS shirt,
  NULL::DATE AS first_date,
  NULL::DATE AS last_date,
  min(_record) AS _record
FROM records
GROUP BY
  driver,
  constructor,
  season
