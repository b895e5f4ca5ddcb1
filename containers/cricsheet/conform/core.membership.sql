-- Each bucket of files knows some of a season's matches.
SELECT
  * REPLACE (
    min(first_date) OVER (PARTITION BY person_id, team_id, season_id) AS first_date,
    max(last_date) OVER (PARTITION BY person_id, team_id, season_id) AS last_date
  )
FROM claims
