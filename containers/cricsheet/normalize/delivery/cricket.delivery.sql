-- Names are unique within a match: its registry says whom they name.
WITH named AS (
  SELECT _key, unnest(map_entries(from_json(people, '"MAP(VARCHAR, VARCHAR)"'))) AS person
  FROM (SELECT _key, min(people) AS people FROM raw GROUP BY _key)
),
person AS (
  SELECT _key, person.key AS name, person.value AS id FROM named
),
fallen AS (
  SELECT
    _record, _key,
    generate_subscripts(said, 1) AS place,
    unnest(said).kind AS kind,
    unnest(said).player_out AS name
  FROM (
    SELECT _record, _key, from_json(wickets, '[{"kind": "VARCHAR", "player_out": "VARCHAR"}]') AS said
    FROM raw WHERE wickets IS NOT NULL
  )
),
wicket AS (
  SELECT f._record, list(f.kind ORDER BY f.place) AS kinds, list(p.id ORDER BY f.place) AS players
  FROM fallen AS f
  LEFT JOIN person AS p USING (_key, name)  -- one id a name and match
  GROUP BY f._record
)
SELECT
  match_of(r._key) AS match_id,
  split_part(r._at, '.', 1)::INTEGER + 1 AS innings,
  try_cast(r.over AS INTEGER) AS "over",
  row_number() OVER (PARTITION BY r._key, split_part(r._at, '.', 1), r.over ORDER BY r._ordinal) AS ball,
  batter.id AS batter_id,
  bowler.id AS bowler_id,
  non_striker.id AS non_striker_id,
  r.runs_batter,
  r.runs_extras,
  r.runs_total,
  coalesce(r.wides, 0) AS wides,
  coalesce(r.noballs, 0) AS noballs,
  coalesce(r.byes, 0) AS byes,
  coalesce(r.legbyes, 0) AS legbyes,
  coalesce(r.penalty, 0) AS penalty,
  coalesce(r.non_boundary, false) AS non_boundary,
  coalesce(w.kinds, []) AS wicket_kinds,
  coalesce(w.players, []) AS players_out,
  r._record
FROM raw AS r
-- One id a name and match.
LEFT JOIN person AS batter ON batter._key = r._key AND batter.name = r.batter
LEFT JOIN person AS bowler ON bowler._key = r._key AND bowler.name = r.bowler
LEFT JOIN person AS non_striker ON non_striker._key = r._key AND non_striker.name = r.non_striker
LEFT JOIN wicket AS w ON w._record = r._record  -- one row a delivery
