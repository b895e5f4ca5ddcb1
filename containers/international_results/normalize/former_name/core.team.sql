-- A name that a team had in some years is a name of that team; it links nothing, for one name can belong to two.
SELECT
  "current" AS team_id,
  "current" AS name,
  'football' AS sport,
  'men' AS gender,
  'national' AS kind,
  NULL::VARCHAR AS country,
  '' AS _scope,
  NULL::VARCHAR AS _key,
  former AS _name,
  2 AS _order,
  _record
FROM raw
