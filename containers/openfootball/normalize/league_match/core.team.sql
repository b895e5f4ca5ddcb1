-- One claim a name, season and competition. The name that a club is called by is the newest domestic one, the most
-- frequent of that season; a name with a country suffix, or one that a scoped alias reads otherwise, names it last.
WITH sides AS (
  SELECT home AS team, team1 AS name, competition, season, country, _record FROM records
  UNION ALL
  SELECT away AS team, team2 AS name, competition, season, country, _record FROM records
),
claims AS (
  SELECT team, name, competition, season, country, count(*) AS matches, min(_record) AS _record
  FROM sides
  GROUP BY ALL
)
SELECT
  team AS team_id,
  without_country(name) AS name,
  'football' AS sport,
  'men' AS gender,
  'club' AS kind,
  coalesce(l.country, c.country) AS country,
  coalesce(l.country, c.country, country_code(name)) AS _scope,
  CASE WHEN team = name THEN club_key(name) END AS _key,
  name AS _name,
  CASE WHEN team <> name THEN 2000000000 WHEN country_code(name) IS NOT NULL THEN 1000000000 ELSE 0 END
    - left(season, 4)::BIGINT * 10000 - matches AS _order,
  _record
FROM claims AS c
LEFT JOIN lookup.country AS l ON l.code = country_code(c.name)  -- codes are unique in the list
