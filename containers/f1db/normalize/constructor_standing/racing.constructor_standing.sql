-- One constructor can have a row for each engine (1960 cooper), and two in one season by ruling: in 2018 force-india was
-- excluded (EX) with 0 points and went on, under the same engine, with those of its last nine races.
SELECT
  season_of(_key) AS season,
  "constructorId" AS constructor_id,
  "engineManufacturerId" AS engine,
  row_number() OVER (PARTITION BY _key, "constructorId", "engineManufacturerId" ORDER BY _ordinal)::INTEGER AS entry,
  place(position) AS position,
  position AS position_text,
  points::DECIMAL(9, 2)::DOUBLE AS points,
  _record
FROM raw
