-- Nobody is at home, as far as the files say; what a side scored is in cricket.innings.
WITH sides AS (
  SELECT *, unnest(sides) AS side FROM records
)
SELECT
  match AS match_id,
  team_of(side, gender) AS participant_id,
  'team' AS participant_kind,
  NULL::VARCHAR AS side,
  NULL::INTEGER AS score,
  NULL::INTEGER AS score_90,
  NULL::INTEGER AS score_ht,
  NULL::INTEGER AS shootout,
  NULL::BOOLEAN AS shootout_won,
  NULL::BOOLEAN AS extra_time,
  CASE
    WHEN won_by = side THEN 'won'
    WHEN won_by IS NOT NULL THEN 'lost'
    WHEN result IN ('tie', 'draw') THEN 'drawn'
  END AS result,
  NULL::INTEGER AS rank,
  _record
FROM sides
