-- Names that a franchise had in some seasons are names of it; teamIDretro is the code by which Retrosheet knows it then.
SELECT
  "franchID" AS team_id,
  name,
  'baseball' AS sport,
  'men' AS gender,
  'franchise' AS kind,
  NULL::VARCHAR AS country,
  "yearID"::VARCHAR AS _scope,
  "teamIDretro" AS _key,
  1 AS _order,
  min(_record) AS _record
FROM raw
GROUP BY "franchID", name, "yearID", "teamIDretro"
