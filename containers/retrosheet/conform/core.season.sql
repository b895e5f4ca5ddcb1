-- The days of the regular season, of which each file knows some.
SELECT
  c.* REPLACE (d.start_date AS start_date, d.end_date AS end_date)
FROM claims AS c
LEFT JOIN (  -- one row a season
  SELECT season_id, min(date) AS start_date, max(date) AS end_date
  FROM own."core.match"
  WHERE phase_id LIKE '%|Regular season'
  GROUP BY season_id
) AS d USING (season_id)
