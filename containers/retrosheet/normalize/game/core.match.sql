-- The id is home, date and number: a game that is completed later keeps the day on which it began. The home team is the
-- scheduled one, wherever it plays (2020TOR.EVA: Toronto in Buffalo).
SELECT
  game AS match_id,
  'baseball' AS sport,
  'mlb' AS competition_id,
  'mlb|' || season AS season_id,
  'mlb|' || season || '|' || coalesce(s.name, r.series) AS phase_id,
  s.round,
  date,
  NULL::TIMESTAMPTZ AS kickoff_utc,
  site AS venue_id,
  NULL::BOOLEAN AS neutral,
  'played' AS status,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  game AS _id,
  home_club AS _home,
  visitor_club AS _away,
  home_score || '-' || visitor_score AS _score,
  _record
FROM records AS r
LEFT JOIN lookup.series AS s USING (series)  -- one row a series
