SELECT
  competition AS competition_id,
  competition AS slug,
  event_name AS name,
  'cricket' AS sport,
  gender_of(gender) AS gender,
  kind_of(event_name, team_type) AS kind,
  NULL::VARCHAR AS country,
  min(_record) AS _record
FROM records
GROUP BY competition, event_name, gender, team_type
