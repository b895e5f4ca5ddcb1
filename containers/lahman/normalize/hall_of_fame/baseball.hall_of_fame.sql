-- A preliminary poll, or ballot, only says who is voted on: nobody is inducted by it, although some rows say so
-- (HallOfFame 2009: eleven, minosmi01 among them, who was inducted in 2022).
WITH votes_ AS (
  SELECT *, coalesce(inducted = 'Y' AND needed_note ILIKE 'preliminary %', false) AS poll FROM raw
)
SELECT
  "playerID" AS person_id,
  yearid AS season,
  "votedBy" AS voted_by,
  ballots,
  needed,
  votes,
  CASE WHEN poll THEN false ELSE inducted = 'Y' END AS inducted,
  category,
  needed_note,
  CASE WHEN poll THEN {
    'rule': 'preliminary poll',
    'field': 'inducted',
    'was': 'Y',
    'becomes': 'N',
    'reason': 'A preliminary poll inducts nobody.'
  } END AS _corrections,
  _record
FROM votes_
