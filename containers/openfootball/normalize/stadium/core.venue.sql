SELECT
  -- "Moscow (1)", "Moscow (2)": numbers tell grounds of one city apart, they are not part of its name.
  name || ', ' || regexp_replace(city, ' \([0-9]+\)$', '') AS venue_id,
  name,
  regexp_replace(city, ' \([0-9]+\)$', '') AS city,
  NULL::VARCHAR AS country,
  _record
FROM raw
