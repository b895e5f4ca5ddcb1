-- One row a goal; `match` is the match it stands in, as JSON. A goal stands in the list of the side that profits.
SELECT
  r.*,
  CASE
    WHEN _key LIKE '%/clubworldcup.json' THEN 'clubworldcup'
    WHEN _key LIKE '%/worldcup.quali_playoffs.json' THEN 'intl.fifa-world-cup-qualification'
    ELSE 'worldcup'
  END AS competition,
  _key || '#' || _up AS match_local,
  -- A match whose date is none is set aside, and its goals with it: they must not end the work.
  try_cast(match->>'date' AS DATE) AS date,
  contains(_path, 'goals1') AS first_side,
  coalesce(match->'team1'->>'name', match->>'team1') AS team1,
  coalesce(match->'team2'->>'name', match->>'team2') AS team2,
  -- 9 and offset 4, or "9" and "90+4" (2026).
  try_cast(split_part(minute, '+', 1) AS INTEGER) AS whole_minute,
  coalesce("offset", try_cast(nullif(split_part(minute, '+', 2), '') AS INTEGER)) AS added
FROM raw AS r
