-- A race is called as its grand prix: neither its circuit (Silverstone had two in 2020) nor its country says which it is.
SELECT c.* REPLACE (coalesce(g.full_name, c.race) AS race)
FROM claims AS c
LEFT JOIN own."racing.grand_prix" AS g ON g.grand_prix = c.grand_prix  -- ids are unique
