SELECT
  "franchID" AS team_id,
  "franchName" AS name,
  'baseball' AS sport,
  'men' AS gender,
  'franchise' AS kind,
  NULL::VARCHAR AS country,
  0 AS _order,
  _record
FROM raw
