SELECT
  wyId::VARCHAR AS competition_id,
  slug_of(c.slug, wyId) AS slug,
  r.name,
  'football' AS sport,
  'men' AS gender,
  coalesce(c.kind, CASE WHEN r.format LIKE 'Domestic league' THEN 'league' WHEN r.type = 'club' THEN 'cup' ELSE 'tournament' END)
    AS kind,
  coalesce(c.country, nullif(r.area, '')) AS country,
  _record
FROM raw AS r
LEFT JOIN lookup.competition AS c ON c.id = r.wyId::VARCHAR  -- ids are unique in the list
