-- One row an entrant, constructor and driver. Where an entrant had several constructors, or drivers, they are a list; else
-- the one stands in the record itself (1950: privateers with one driver each).
WITH constructor AS (
  SELECT
    _record,
    _key,
    "entrantId" AS entrant,
    unnest(
      CASE
        WHEN constructors IS NULL THEN [
          json_object(
            'constructorId', "constructorId", 'engineManufacturerId', "engineManufacturerId",
            'driverId', "driverId", 'rounds', rounds, 'testDriver', "testDriver", 'drivers', drivers
          )
        ]
        ELSE json_extract(constructors, '$[*]')
      END
    ) AS car
  FROM raw
),
driver AS (
  SELECT
    c.* EXCLUDE (car),
    car->>'$.constructorId' AS constructor,
    car->>'$.engineManufacturerId' AS engine,
    unnest(CASE WHEN json_type(car, '$.drivers') = 'ARRAY' THEN json_extract(car, '$.drivers[*]') ELSE [car] END) AS seat
  FROM constructor AS c
)
SELECT
  _record,
  season_of(_key) AS season,
  entrant,
  constructor,
  engine,
  seat->>'$.driverId' AS driver,
  rounds_of(seat->>'$.rounds') AS rounds,
  coalesce((seat->>'$.testDriver')::BOOLEAN, false) AS test_driver
FROM driver
WHERE seat->>'$.driverId' IS NOT NULL AND constructor IS NOT NULL
