-- Its days: see conform/.
SELECT
  'mlb|' || season AS season_id,
  'mlb' AS competition_id,
  season::VARCHAR AS label,
  NULL::DATE AS start_date,
  NULL::DATE AS end_date,
  min(_record) AS _record
FROM records
GROUP BY season
