-- The name in the file drifts ("Österr. Erste Liga", "Österr. 2. Liga"): the code is the identity.
SELECT
  competition AS competition_id,
  competition AS slug,
  coalesce(max(c.name), max_by(league_name, _record)) AS name,
  'football' AS sport,
  'men' AS gender,
  max(competition_kind) AS kind,
  max(r.country) AS country,
  min(_record) AS _record
FROM records AS r
LEFT JOIN lookup.competition AS c ON c.code = r.competition  -- codes are unique in the list
GROUP BY competition
