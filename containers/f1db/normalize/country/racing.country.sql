SELECT
  id AS country,
  name,
  demonym,
  "alpha2Code" AS alpha_2,
  "alpha3Code" AS alpha_3,
  "iocCode" AS ioc,
  "continentId" AS continent,
  _record
FROM raw
