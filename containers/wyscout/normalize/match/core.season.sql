SELECT
  season AS season_id,
  competitionId::VARCHAR AS competition_id,
  label,
  first_date AS start_date,
  last_date AS end_date,
  min(_record) AS _record
FROM records
GROUP BY ALL
