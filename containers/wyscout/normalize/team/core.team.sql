-- Two claims a team: its short and its official name; it is called by the short one.
WITH named AS (
  SELECT *, 0 AS preference, decoded(name) AS said FROM raw
  UNION ALL
  SELECT *, 1 AS preference, decoded(officialName) AS said FROM raw WHERE officialName <> name
)
SELECT
  wyId::VARCHAR AS team_id,
  decoded(name) AS name,
  'football' AS sport,
  'men' AS gender,
  type AS kind,
  CASE WHEN type = 'club' THEN decoded(area) END AS country,
  CASE WHEN type = 'club' THEN decoded(area) ELSE '' END AS _scope,
  CASE WHEN type = 'club' THEN club_key(said) ELSE said END AS _key,
  said AS _name,
  preference AS _order,
  _record
FROM named
