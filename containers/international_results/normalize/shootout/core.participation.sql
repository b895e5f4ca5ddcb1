-- What the shoot-out adds to the match's two rows; everything else is in results.csv.
WITH sides AS (
  SELECT *, home_team AS participant, 'home' AS side FROM raw
  UNION ALL
  SELECT *, away_team AS participant, 'away' AS side FROM raw
)
SELECT
  match_ref(date, home_team, away_team) AS match_id,
  team_ref(participant, '', season_of(date), date) AS participant_id,
  'team' AS participant_kind,
  side,
  NULL::INTEGER AS score,
  NULL::INTEGER AS score_90,
  NULL::INTEGER AS score_ht,
  NULL::INTEGER AS shootout,
  participant = winner AS shootout_won,
  NULL::BOOLEAN AS extra_time,
  NULL::VARCHAR AS result,
  NULL::INTEGER AS rank,
  _record
FROM sides
