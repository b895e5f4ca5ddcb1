-- Official is the score of the game log, where there is one.
SELECT
  * REPLACE (first_value(score) OVER log_first AS score, first_value(result) OVER log_first AS result)
FROM claims
WINDOW log_first AS (
  PARTITION BY match_id, participant_id ORDER BY _from_feed = 'game_log' DESC, _from_key, _from_ordinal
)
