SELECT
  'mlb|' || season || '|' || coalesce(s.name, r.series) AS phase_id,
  'mlb|' || season AS season_id,
  coalesce(s.name, r.series) AS name,
  coalesce(min(s.kind), 'playoff') AS kind,
  min(s.ordinal)::INTEGER AS ordinal,
  min(_record) AS _record
FROM records AS r
LEFT JOIN lookup.series AS s USING (series)  -- one row a series
GROUP BY season, coalesce(s.name, r.series)
