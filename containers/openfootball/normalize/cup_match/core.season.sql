SELECT
  competition || '|' || season AS season_id,
  competition AS competition_id,
  season AS label,
  min(date) AS start_date,
  max(date) AS end_date,
  min(_record) AS _record
FROM records
GROUP BY competition, season
