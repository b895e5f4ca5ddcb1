SELECT
  ground AS venue_id,
  CASE WHEN contains(ground, ', ') THEN regexp_extract(ground, '^(.*), [^,]*$', 1) ELSE ground END AS name,
  CASE WHEN contains(ground, ', ') THEN regexp_extract(ground, ', ([^,]*)$', 1) ELSE ground END AS city,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM records
WHERE ground IS NOT NULL
GROUP BY ground
