SELECT
  team AS team_id,
  team AS name,
  'football' AS sport,
  'men' AS gender,
  'national' AS kind,
  NULL::VARCHAR AS country,
  '' AS _scope,
  team AS _key,
  team AS _name,
  3000000000 AS _order,
  min(_record) AS _record
FROM raw
GROUP BY team
