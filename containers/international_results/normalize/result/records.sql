-- One row a match; sides by today's names, countries by those of the day.
SELECT
  r.*,
  slug_of(tournament) AS competition,
  season_of(date) AS season,
  team_ref(home_team, slug_of(tournament), season_of(date), date) AS home,
  team_ref(away_team, slug_of(tournament), season_of(date), date) AS away,
  match_ref(date, home_team, away_team)
    || CASE WHEN row_number() OVER same > 1 THEN '|' || row_number() OVER same ELSE '' END AS match
FROM raw AS r
WINDOW same AS (PARTITION BY date, home_team, away_team ORDER BY _record)
