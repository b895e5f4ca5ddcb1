SELECT
  competitionId::VARCHAR AS competition_id,
  competition AS slug,
  min(competition_name) AS name,
  'football' AS sport,
  'men' AS gender,
  min(competition_kind) AS kind,
  min(country) AS country,
  min(_record) AS _record
FROM records
GROUP BY competitionId, competition
