WITH sides AS (
  SELECT match, home AS participant, 'home' AS side, home_score AS mine, away_score AS other, _record FROM records
  UNION ALL
  SELECT match, away AS participant, 'away' AS side, away_score AS mine, home_score AS other, _record FROM records
)
SELECT
  match AS match_id,
  participant AS participant_id,
  'team' AS participant_kind,
  side,
  -- Extra time is included, shoot-outs are not, and nothing says whether there was extra time.
  CASE WHEN other IS NOT NULL THEN mine END AS score,
  NULL::INTEGER AS score_90,
  NULL::INTEGER AS score_ht,
  NULL::INTEGER AS shootout,
  NULL::BOOLEAN AS shootout_won,
  NULL::BOOLEAN AS extra_time,
  result_of(mine, other) AS result,
  NULL::INTEGER AS rank,
  _record
FROM sides
