SELECT
  'mlb|' || season || '|Regular season' AS phase_id,
  'mlb|' || season AS season_id,
  'Regular season' AS name,
  'regular' AS kind,
  1 AS ordinal,
  min(_record) AS _record
FROM records
GROUP BY season
