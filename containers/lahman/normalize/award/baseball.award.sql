-- An award can be won several times in a season and league: Rookie of the Month 2017, four times judgeaa01, the month in notes.
WITH awards AS (
  SELECT *, coalesce(league_of("lgID", "yearID"), 'unknown') AS league FROM raw
)
SELECT
  "playerID" AS person_id,
  "awardID" AS award,
  "yearID" AS season,
  league,
  row_number() OVER (PARTITION BY "playerID", "awardID", "yearID", league ORDER BY _record) AS ordinal,
  coalesce(tie = 'Y', false) AS tied,
  notes,
  league_repair("lgID", "yearID") AS _corrections,
  _record
FROM awards
