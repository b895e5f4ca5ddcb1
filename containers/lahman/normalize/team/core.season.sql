SELECT
  'mlb|' || "yearID" AS season_id,
  'mlb' AS competition_id,
  "yearID"::VARCHAR AS label,
  NULL::DATE AS start_date,
  NULL::DATE AS end_date,
  min(_record) AS _record
FROM raw
GROUP BY "yearID"
