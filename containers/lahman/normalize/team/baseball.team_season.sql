-- The franchise is the team; teamID is its code of the season, which two franchises can have had (WAS: WAS and WSN).
SELECT
  "franchID" AS team_id,
  "yearID" AS season,
  name AS team,
  "teamID" AS team_code,
  "franchID" AS franchise_id,
  league_of("lgID", "yearID") AS league,
  "divID" AS division,
  "Rank" AS rank,
  "G" AS games,
  "W" AS wins,
  "L" AS losses,
  "R" AS runs,
  "RA" AS runs_against,
  "HR" AS home_runs,
  attendance,
  "WSWin" = 'Y' AS world_series_won,
  league_repair("lgID", "yearID") AS _corrections,
  _record
FROM raw
