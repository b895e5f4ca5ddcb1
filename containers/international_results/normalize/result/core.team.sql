WITH sides AS (
  SELECT home AS team, home_team AS name, _record FROM records
  UNION ALL
  SELECT away AS team, away_team AS name, _record FROM records
)
SELECT
  team AS team_id,
  name,
  'football' AS sport,
  'men' AS gender,
  'national' AS kind,
  NULL::VARCHAR AS country,
  '' AS _scope,
  CASE WHEN team = name THEN name END AS _key,
  name AS _name,
  CASE WHEN team <> name THEN 1 ELSE 0 END AS _order,
  min(_record) AS _record
FROM sides
GROUP BY team, name
