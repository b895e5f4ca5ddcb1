WITH scored AS (
  SELECT
    r.*,
    CASE WHEN status IN ('Played', 'Awarded') THEN final_score(score, scoreET, duration) END AS final,
    duration IN ('Penalties', 'Penalities') AS shot_out
  FROM raw AS r
),
opposed AS (
  SELECT
    s.*,
    -- Of the two sides of a match, the one that is not this one.
    sum(final::INTEGER) OVER of_match - final AS other,
    sum(scoreET::INTEGER) OVER of_match > 0 AS scored_in_extra_time
  FROM scored AS s
  WINDOW of_match AS (PARTITION BY match_id)
)
SELECT
  match_id,
  teamId::VARCHAR AS participant_id,
  'team' AS participant_kind,
  side,
  final AS score,
  CASE WHEN final IS NOT NULL THEN score END AS score_90,
  CASE WHEN final IS NOT NULL AND status = 'Played' THEN scoreHT END AS score_ht,
  CASE WHEN shot_out THEN scoreP END AS shootout,
  -- The winner is that of the tie.
  CASE WHEN shot_out THEN winner = teamId::VARCHAR END AS shootout_won,
  -- A shoot-out may follow 90 minutes at once: only goals of extra time tell, where it is not said.
  CASE WHEN duration = 'Regular' THEN false WHEN duration = 'ExtraTime' OR scored_in_extra_time THEN true END AS extra_time,
  result_of(final, other) AS result,
  NULL::INTEGER AS rank,
  _record
FROM opposed
