WITH sides AS (
  SELECT *, home AS participant, 'home' AS side, 1 AS mine, 2 AS other FROM records
  UNION ALL
  SELECT *, away AS participant, 'away' AS side, 2 AS mine, 1 AS other FROM records
)
SELECT
  match AS match_id,
  participant AS participant_id,
  'team' AS participant_kind,
  side,
  coalesce(et, ft)[mine] AS score,
  ft[mine] AS score_90,
  ht[mine] AS score_ht,
  p[mine] AS shootout,
  p[mine] > p[other] AS shootout_won,
  CASE WHEN et IS NOT NULL THEN true END AS extra_time,
  result_of(coalesce(et, ft)[mine], coalesce(et, ft)[other]) AS result,
  NULL::INTEGER AS rank,
  _record
FROM sides
