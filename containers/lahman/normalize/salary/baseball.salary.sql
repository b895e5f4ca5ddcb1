-- 0 is recorded (jamesdi01 1993, martija02 1999); no row is not known. `teamID` becomes the franchise in conform/.
SELECT
  "playerID" AS person_id,
  "yearID" AS season,
  "teamID" AS team_id,
  league_of("lgID", "yearID") AS league,
  salary,
  league_repair("lgID", "yearID") AS _corrections,
  _record
FROM raw
