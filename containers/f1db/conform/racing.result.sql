-- Names beside ids: of the grand prix, the driver and the constructor, as the source has them.
WITH race AS (
  SELECT r.match_id, coalesce(g.full_name, r.grand_prix) AS race
  FROM own."racing.race" AS r
  LEFT JOIN own."racing.grand_prix" AS g ON g.grand_prix = r.grand_prix  -- ids are unique
),
driver AS (SELECT person_id, min_by(name, _order) AS name FROM own."core.person" GROUP BY person_id),
constructor AS (SELECT team_id, min(name) AS name FROM own."core.team" GROUP BY team_id)
SELECT
  c.* REPLACE (
    coalesce(r.race, split_part(c.match_id, '/', 2)) AS race,
    coalesce(d.name, c.driver_id) AS driver,
    coalesce(t.name, c.constructor_id) AS constructor
  )
FROM claims AS c
LEFT JOIN race AS r ON r.match_id = c.match_id  -- one row a race
LEFT JOIN driver AS d ON d.person_id = c.driver_id  -- one row a driver
LEFT JOIN constructor AS t ON t.team_id = c.constructor_id  -- one row a constructor
