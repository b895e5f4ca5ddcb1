-- Two rows a substitution: who came on, and who went off; 0 is nobody (matches_Italy.json, match 2575965).
WITH moved AS (
  SELECT match_id, team_id, playerIn AS player, minute AS minute_on, NULL::INTEGER AS minute_off, _record FROM raw
  UNION ALL
  SELECT match_id, team_id, playerOut AS player, NULL AS minute_on, minute AS minute_off, _record FROM raw
)
SELECT
  match_id,
  player::VARCHAR AS person_id,
  team_id,
  NULL::BOOLEAN AS started,
  minute_on,
  minute_off,
  NULL::INTEGER AS goals,
  NULL::INTEGER AS own_goals,
  NULL::INTEGER AS yellow_minute,
  NULL::INTEGER AS red_minute,
  _record
FROM moved
WHERE player <> 0
