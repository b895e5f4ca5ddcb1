-- Outfielders are OF here; FieldingOFsplit says the same by LF, CF and RF and is not added to it. `teamID`: see conform/.
SELECT
  "playerID" AS person_id,
  "yearID" AS season,
  stint,
  "POS" AS position,
  "teamID" AS team_id,
  league_of("lgID", "yearID") AS league,
  "G" AS games,
  "GS" AS games_started,
  "InnOuts" AS outs_played,
  "PO" AS putouts,
  "A" AS assists,
  "E" AS errors,
  "DP" AS double_plays,
  league_repair("lgID", "yearID") AS _corrections,
  _record
FROM raw
