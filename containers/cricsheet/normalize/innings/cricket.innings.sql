-- Figures of an innings from its own deliveries, with the penalty runs that belong to no delivery (bbl_json/1269656.json).
WITH played AS (
  SELECT
    r.*,
    flatten(list_transform(
      from_json(coalesce(overs, '[]'), '[{"deliveries": [{
        "runs": {"extras": "INTEGER", "total": "INTEGER"},
        "extras": {"wides": "INTEGER", "noballs": "INTEGER"},
        "wickets": [{"kind": "VARCHAR"}]
      }]}]'),
      lambda o: o.deliveries
    )) AS balls,
    coalesce(penalty_pre, 0) + coalesce(penalty_post, 0) AS penalty
  FROM raw AS r
)
SELECT
  match_of(_key) AS match_id,
  _at::INTEGER + 1 AS innings,
  team_of(team, gender) AS team_id,
  coalesce(list_sum(list_transform(balls, lambda b: b.runs.total)), 0) + penalty AS runs,
  len(list_filter(flatten(list_transform(balls, lambda b: coalesce(b.wickets, []))), lambda w: is_wicket(w.kind))) AS wickets,
  len(list_filter(balls, lambda b: coalesce(b.extras.wides, 0) = 0 AND coalesce(b.extras.noballs, 0) = 0)) AS legal_balls,
  coalesce(list_sum(list_transform(balls, lambda b: b.runs.extras)), 0) + penalty AS extras,
  penalty AS penalty_runs,
  coalesce(declared, false) AS declared,
  coalesce(forfeited, false) AS forfeited,
  coalesce(super_over, false) AS super_over,
  target_runs,
  -- 7.3 are seven overs and three balls (ntb_json/947101.json), not seven overs and three tenths.
  try_cast(split_part(target_overs, '.', 1) AS INTEGER) * try_cast(balls_per_over AS INTEGER)
    + coalesce(try_cast(nullif(split_part(target_overs, '.', 2), '') AS INTEGER), 0) AS target_balls,
  try_cast(balls_per_over AS INTEGER) AS balls_per_over,
  coalesce(json_array_length(absent_hurt), 0) AS absent_hurt,
  _record
FROM played
