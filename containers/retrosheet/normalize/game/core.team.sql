-- Teams that play without being on a list: all-star teams, or those of a season whose TEAM file is not there.
WITH sides AS (
  SELECT season, unnest([home, visitor]) AS code, _record FROM records
)
SELECT
  club_of(code, season) AS team_id,
  side_name(code) AS name,
  'baseball' AS sport,
  'men' AS gender,
  side_kind(code) AS kind,
  NULL::VARCHAR AS country,
  season::VARCHAR AS _scope,
  code AS _key,
  1 AS _order,
  min(_record) AS _record
FROM sides
GROUP BY code, season
