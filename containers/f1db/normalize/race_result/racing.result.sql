SELECT
  race_of(_key) AS match_id,
  "driverId" AS driver_id,
  "constructorId" AS constructor_id,
  'race' AS session,
  -- Shared drives, reserve cars and second entries: a driver can have several rows for one constructor (1950/03-indianapolis
  -- has tony-bettenhausen twice). They are counted in the order of the file, which is the finishing order.
  row_number() OVER (PARTITION BY _key, "driverId", "constructorId" ORDER BY _ordinal)::INTEGER AS entry,
  season_of(_key) AS season,
  round_of(_key) AS round,
  '' AS race,
  "driverId" AS driver,
  "constructorId" AS constructor,
  place(position) AS position,
  position AS position_text,
  (_ordinal + 1)::INTEGER AS place,
  -- Nothing stands where nothing was scored; halves, thirds and sevenths are as the source rounds them.
  coalesce(points::DECIMAL(9, 2), 0)::DOUBLE AS points,
  place("gridPosition") AS grid,
  coalesce("gridPosition" = 'PL', false) AS pit_lane_start,
  laps,
  coalesce("sharedCar", false) AS shared_car,
  "reasonRetired" AS reason_retired,
  "driverNumber" AS number,
  "engineManufacturerId" AS engine,
  "tyreManufacturerId" AS tyre,
  seconds(time) AS seconds,
  "timePenalty" AS penalty_seconds,
  seconds(gap) AS gap_seconds,
  laps_behind(gap) AS gap_laps,
  coalesce("grandSlam", false) AS grand_slam,
  _record
FROM raw
