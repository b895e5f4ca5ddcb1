WITH sides AS (
  SELECT home AS team, team1 AS name, clubs, season, _record FROM records
  UNION ALL
  SELECT away AS team, team2 AS name, clubs, season, _record FROM records
),
claims AS (
  SELECT team, name, clubs, season, min(_record) AS _record
  FROM sides
  GROUP BY ALL
)
SELECT
  team AS team_id,
  without_country(name) AS name,
  'football' AS sport,
  'men' AS gender,
  CASE WHEN clubs THEN 'club' ELSE 'national' END AS kind,
  l.country AS country,
  CASE WHEN clubs THEN coalesce(l.country, country_code(name)) ELSE '' END AS _scope,
  CASE WHEN team <> name THEN NULL WHEN clubs THEN club_key(name) ELSE name END AS _key,
  name AS _name,
  CASE WHEN team <> name THEN 2000000000 WHEN country_code(name) IS NOT NULL THEN 1000000000 ELSE 0 END
    - left(season, 4)::BIGINT * 10000 AS _order,
  _record
FROM claims AS c
LEFT JOIN lookup.country AS l ON l.code = country_code(c.name)  -- codes are unique in the list
