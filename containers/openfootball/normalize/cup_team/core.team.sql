-- "Korea Republic", "Türkiye": the normalised name is another name of the same team.
SELECT
  name AS team_id,
  name,
  'football' AS sport,
  'men' AS gender,
  'national' AS kind,
  NULL::VARCHAR AS country,
  '' AS _scope,
  name AS _key,
  spelling AS _name,
  3000000000 AS _order,
  _record
FROM (SELECT *, unnest(list_distinct([name, coalesce(name_normalised, name)])) AS spelling FROM raw)
