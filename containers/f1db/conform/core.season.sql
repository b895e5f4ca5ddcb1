-- Each claim has the rounds of one bucket: together they span the season.
SELECT
  * REPLACE (
    min(start_date) OVER year AS start_date,
    max(end_date) OVER year AS end_date
  )
FROM claims
WINDOW year AS (PARTITION BY season_id)
