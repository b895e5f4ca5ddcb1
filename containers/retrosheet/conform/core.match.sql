-- What became of a game is told by the game log, where there is one: plays do not tell a forfeit.
SELECT
  * REPLACE (
    first_value(status) OVER log_first AS status,
    first_value(_score) OVER log_first AS _score,
    first_value(venue_id IGNORE NULLS) OVER log_first AS venue_id
  )
FROM claims
WINDOW log_first AS (
  PARTITION BY match_id
  ORDER BY _from_feed = 'game_log' DESC, _from_key, _from_ordinal
  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
