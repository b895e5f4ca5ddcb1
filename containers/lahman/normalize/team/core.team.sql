-- Names that a franchise had in some seasons are names of it.
SELECT
  "franchID" AS team_id,
  name,
  'baseball' AS sport,
  'men' AS gender,
  'franchise' AS kind,
  NULL::VARCHAR AS country,
  1 AS _order,
  min(_record) AS _record
FROM raw
GROUP BY "franchID", name
