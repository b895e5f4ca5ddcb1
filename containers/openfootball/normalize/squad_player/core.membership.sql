SELECT
  team || '|' || name AS person_id,
  team AS team_id,
  'worldcup|' || season_of(_key) AS season_id,
  pos AS role,
  number AS shirt,
  NULL::DATE AS first_date,
  NULL::DATE AS last_date,
  _record
FROM raw
