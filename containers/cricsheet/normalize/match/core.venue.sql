SELECT
  ground AS venue_id,
  venue AS name,
  city,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM records
GROUP BY ground, venue, city
