SELECT
  season_key AS season_id,
  competition AS competition_id,
  season AS label,
  min(days[1]) AS start_date,
  max(days[-1]) AS end_date,
  min(_record) AS _record
FROM records
GROUP BY season_key, competition, season
