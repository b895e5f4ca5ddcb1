SELECT
  ground AS venue_id,
  ground AS name,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM records
WHERE ground IS NOT NULL
GROUP BY ground
