-- Parks have Retrosheet's ids in other sources, too, and there their names.
SELECT
  park AS venue_id,
  park AS name,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  park AS _retro,
  min(_record) AS _record
FROM raw
WHERE park IS NOT NULL
GROUP BY park
