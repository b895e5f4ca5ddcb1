SELECT
  'f1' AS competition_id,
  'f1' AS slug,
  'Formula One World Championship' AS name,
  'racing' AS sport,
  'mixed' AS gender,
  'series' AS kind,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM raw
HAVING count(*) > 0
