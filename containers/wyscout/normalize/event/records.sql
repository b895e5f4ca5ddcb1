-- One row an event with its tags as numbers and its positions as percent of the pitch.
SELECT
  r.*,
  from_json(tags, '[{"id": "INTEGER"}]').list_transform(lambda t: t.id) AS tag,
  from_json(positions, '[{"x": "DOUBLE", "y": "DOUBLE"}]') AS place
FROM raw AS r
