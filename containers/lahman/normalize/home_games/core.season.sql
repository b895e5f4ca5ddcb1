-- Each row has the first and the last home game of a team in a park: together they span the season.
SELECT
  'mlb|' || yearkey AS season_id,
  'mlb' AS competition_id,
  yearkey::VARCHAR AS label,
  min(spanfirst) OVER year AS start_date,
  max(spanlast) OVER year AS end_date,
  _record
FROM raw
WINDOW year AS (PARTITION BY yearkey)
