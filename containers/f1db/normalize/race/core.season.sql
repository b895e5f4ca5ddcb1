-- The rounds of a season lie in several buckets: conform spans them.
SELECT
  'f1|' || season_of(_key) AS season_id,
  'f1' AS competition_id,
  season_of(_key)::VARCHAR AS label,
  min(date) AS start_date,
  max(date) AS end_date,
  min(_record) AS _record
FROM raw
GROUP BY season_of(_key)
