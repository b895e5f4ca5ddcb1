SELECT
  "playerID" AS person_id,
  yearid AS season,
  "votedBy" AS voted_by,
  ballots,
  needed,
  votes,
  inducted = 'Y' AS inducted,
  category,
  needed_note,
  _record
FROM raw
