-- The name beside the id, as the source has it.
SELECT c.* REPLACE (coalesce(d.name, c.driver_id) AS driver)
FROM claims AS c
LEFT JOIN (SELECT person_id, min_by(name, _order) AS name FROM own."core.person" GROUP BY person_id) AS d
  ON d.person_id = c.driver_id  -- one row a driver
