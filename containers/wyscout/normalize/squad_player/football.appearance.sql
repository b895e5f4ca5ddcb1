-- Everybody who was named for a match; who was not used is left out where substitutions are known (conform).
SELECT
  match_id,
  playerId::VARCHAR AS person_id,
  team_id,
  contains(_path, '.lineup') AS started,
  CASE WHEN contains(_path, '.lineup') THEN 0 END AS minute_on,
  NULL::INTEGER AS minute_off,
  -- "null" is no goal: line-ups then have as many as the score.
  counted(goals) AS goals,
  -- "2" stands with all players of a side, so it is not known who had one (matches_England.json, match 2500041); "1" is true.
  CASE WHEN counted(ownGoals) <= 1 THEN counted(ownGoals) END AS own_goals,
  minute_of(yellowCards) AS yellow_minute,
  minute_of(redCards) AS red_minute,
  _record
FROM raw
WHERE playerId <> 0
