-- Some games that were completed elsewhere have no park (GL1959, column 17).
SELECT
  game AS match_id,
  'baseball' AS sport,
  'mlb' AS competition_id,
  'mlb|' || season AS season_id,
  'mlb|' || season || '|Regular season' AS phase_id,
  NULL::VARCHAR AS round,
  date,
  NULL::TIMESTAMPTZ AS kickoff_utc,
  park AS venue_id,
  NULL::BOOLEAN AS neutral,
  CASE
    WHEN forfeit = 'T' THEN 'abandoned'
    WHEN forfeit IS NOT NULL THEN 'awarded'
    WHEN visitor_score IS NULL OR home_score IS NULL THEN 'unknown'
    ELSE 'played'
  END AS status,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  game AS _id,
  home_club AS _home,
  visitor_club AS _away,
  home_score || '-' || visitor_score AS _score,
  _record
FROM records
