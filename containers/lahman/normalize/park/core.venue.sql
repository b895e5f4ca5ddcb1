-- Ids are those of Retrosheet. parkalias joins former names by a semicolon: "Edison Field; Anaheim Stadium" (Parks, ANA01).
WITH named AS (
  SELECT *, parkname AS called, 0 AS preference FROM raw
  UNION ALL
  SELECT *, trim(unnest(string_split(parkalias, ';'))) AS called, 1 AS preference FROM raw WHERE parkalias IS NOT NULL
)
SELECT DISTINCT
  parkkey AS venue_id,
  parkname AS name,
  city,
  country,
  called AS _name,
  parkkey AS _retro,
  preference AS _order,
  _record
FROM named
WHERE called <> ''
