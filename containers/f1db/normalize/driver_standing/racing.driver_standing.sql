SELECT
  season_of(_key) AS season,
  "driverId" AS driver_id,
  -- Who is excluded from the table keeps the points and has no place (1997, michael-schumacher).
  place(position) AS position,
  position AS position_text,
  points::DECIMAL(9, 2)::DOUBLE AS points,
  _record
FROM raw
