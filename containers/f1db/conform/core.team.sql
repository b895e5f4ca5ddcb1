-- Countries by the names that the source has for them.
SELECT c.* REPLACE (coalesce(k.name, c.country) AS country)
FROM claims AS c
LEFT JOIN own."racing.country" AS k ON k.country = c.country  -- countries are unique
