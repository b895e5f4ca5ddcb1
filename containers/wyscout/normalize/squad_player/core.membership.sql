SELECT
  playerId::VARCHAR AS person_id,
  team_id,
  season_id,
  NULL::VARCHAR AS role,
  NULL::INTEGER AS shirt,
  min(day_of(date)) AS first_date,
  max(day_of(date)) AS last_date,
  min(_record) AS _record
FROM raw
WHERE playerId <> 0
GROUP BY playerId, team_id, season_id
