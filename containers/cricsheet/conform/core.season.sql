-- Each bucket of files knows some of a season's matches.
SELECT
  * REPLACE (
    min(start_date) OVER (PARTITION BY season_id) AS start_date,
    max(end_date) OVER (PARTITION BY season_id) AS end_date
  )
FROM claims
