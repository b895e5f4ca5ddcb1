-- Parks have Retrosheet's ids in other sources, too, and there their names.
SELECT
  site AS venue_id,
  site AS name,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  site AS _retro,
  min(_record) AS _record
FROM raw
WHERE site IS NOT NULL
GROUP BY site
