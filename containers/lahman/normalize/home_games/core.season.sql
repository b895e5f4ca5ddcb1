-- Each row has the first and the last home game of a team in a park: together they span the season.
SELECT
  'mlb|' || yearkey AS season_id,
  'mlb' AS competition_id,
  yearkey::VARCHAR AS label,
  min(spanfirst) AS start_date,
  max(spanlast) AS end_date,
  _record
FROM raw
GROUP BY yearkey, _record
