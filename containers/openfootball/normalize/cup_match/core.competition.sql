SELECT
  competition AS competition_id,
  competition AS slug,
  CASE competition
    WHEN 'worldcup' THEN 'FIFA World Cup'
    WHEN 'clubworldcup' THEN 'FIFA Club World Cup'
    ELSE 'FIFA World Cup qualification'
  END AS name,
  'football' AS sport,
  'men' AS gender,
  'tournament' AS kind,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM records
GROUP BY competition
