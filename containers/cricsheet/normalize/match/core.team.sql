WITH sides AS (
  SELECT unnest(sides) AS name, gender, team_type, _record FROM records
)
SELECT
  team_of(name, gender) AS team_id,
  name,
  'cricket' AS sport,
  gender_of(gender) AS gender,
  CASE WHEN team_type = 'international' THEN 'national' ELSE 'club' END AS kind,
  NULL::VARCHAR AS country,
  '' AS _scope,
  name AS _key,
  name AS _name,
  min(_record) AS _record
FROM sides
GROUP BY name, gender, team_type
