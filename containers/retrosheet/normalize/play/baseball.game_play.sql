-- Plays are numbered without the lines `NP`. Who bats first is not told by `half`: see `htbf` of the game.
SELECT
  game AS match_id,
  play AS play_no,
  substr(game, 4, 4)::INTEGER AS year,
  inning,
  half,
  batter AS batter_id,
  nullif(count, '??') AS count,
  nullif(pitches, '') AS pitches,
  event,
  runs,
  _record
FROM raw
