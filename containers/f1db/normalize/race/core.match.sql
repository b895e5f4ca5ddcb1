-- A race is the match, its weekend's sprint is not: that is a session. Whether it has results, conform knows.
SELECT
  race_of(_key) AS match_id,
  'racing' AS sport,
  'f1' AS competition_id,
  'f1|' || season_of(_key) AS season_id,
  NULL::VARCHAR AS phase_id,
  'Round ' || round AS round,
  date,
  -- Times are UTC (seasons/2024/races/01-bahrain: 15:00, at six in the evening there).
  (date + (time || ':00')::TIME) AT TIME ZONE 'UTC' AS kickoff_utc,
  "circuitId" AS venue_id,
  NULL::BOOLEAN AS neutral,
  'scheduled' AS status,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  id::VARCHAR AS _id,
  _record
FROM raw
