SELECT
  competition AS competition_id,
  competition AS slug,
  -- One slug, one name: the newest spelling.
  max_by(tournament, _record) AS name,
  'football' AS sport,
  'men' AS gender,
  'tournament' AS kind,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM records
GROUP BY competition
