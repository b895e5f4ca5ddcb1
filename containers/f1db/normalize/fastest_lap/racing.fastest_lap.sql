SELECT
  race_of(_key) AS match_id,
  (_ordinal + 1)::INTEGER AS place,
  season_of(_key) AS season,
  round_of(_key) AS round,
  "driverId" AS driver_id,
  "constructorId" AS constructor_id,
  "driverId" AS driver,
  -- Several drivers can have been the fastest: seven shared the point for it at Silverstone in 1954.
  position,
  lap,
  seconds(time) AS seconds,
  _record
FROM raw
