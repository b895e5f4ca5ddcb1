-- A race with results was run; one without, up to the newest day that has some, is one whose result is unknown.
WITH run AS (SELECT DISTINCT match_id FROM own."racing.result" WHERE session = 'race'),
told AS (
  SELECT c.*, r.match_id IS NOT NULL AS has_results, v.city AS said_city, v.country AS said_country
  FROM claims AS c
  LEFT JOIN run AS r ON r.match_id = c.match_id  -- one row a race
  LEFT JOIN (SELECT venue_id, min(city) AS city, min(country) AS country FROM own."core.venue" GROUP BY venue_id) AS v
    ON v.venue_id = c.venue_id  -- one row a circuit
),
newest AS (SELECT max(date) AS date FROM told WHERE has_results)
SELECT
  t.* EXCLUDE (has_results, said_city, said_country) REPLACE (
    CASE
      WHEN has_results THEN 'played'
      WHEN t.date <= n.date THEN 'unknown'
      ELSE 'scheduled'
    END AS status,
    said_city AS city,
    coalesce(k.name, said_country) AS country
  )
FROM told AS t
CROSS JOIN newest AS n  -- one row
LEFT JOIN own."racing.country" AS k ON k.country = t.said_country  -- countries are unique
