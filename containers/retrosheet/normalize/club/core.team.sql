-- TEAM files may list a team twice. A season's code is what Lahman's teamIDretro says of the same season.
WITH clubs AS (
  SELECT *, regexp_extract(_key, '([0-9]{4})$', 1) AS season FROM raw
)
SELECT
  club_of(team, season::INTEGER) AS team_id,
  concat_ws(' ', city, nickname) AS name,
  'baseball' AS sport,
  'men' AS gender,
  side_kind(team) AS kind,
  NULL::VARCHAR AS country,
  season AS _scope,
  team AS _key,
  0 AS _order,
  _record
FROM clubs
