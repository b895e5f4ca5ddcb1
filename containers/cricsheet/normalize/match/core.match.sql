SELECT
  match AS match_id,
  'cricket' AS sport,
  competition AS competition_id,
  season_key AS season_id,
  season_key || '|' || phase AS phase_id,
  round,
  date,
  NULL::TIMESTAMP AS kickoff_utc,
  ground AS venue_id,
  NULL::BOOLEAN AS neutral,
  CASE WHEN method = 'Awarded' THEN 'awarded' WHEN result = 'no result' THEN 'abandoned' ELSE 'played' END AS status,
  city,
  NULL::VARCHAR AS country,
  match AS _id,
  phase AS _stage,
  team_of(sides[1], gender) AS _home,
  team_of(sides[2], gender) AS _away,
  NULL::VARCHAR AS _score,
  -- Of several copies the highest revision counts; `created` does not change with it (ipl_json/336005.json).
  -(revision * 1_000_000
    + coalesce(try_cast(split_part(data_version, '.', 1) AS INTEGER), 0) * 10_000
    + coalesce(try_cast(split_part(data_version, '.', 2) AS INTEGER), 0) * 100
    + coalesce(try_cast(split_part(data_version, '.', 3) AS INTEGER), 0)) AS _order,
  _record
FROM records
