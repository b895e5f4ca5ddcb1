-- Two constructors are called Lotus, and two ATS: the id tells them apart, so no name links them.
WITH named AS (
  SELECT *, name AS called, 0 AS preference FROM raw
  UNION ALL
  SELECT *, "fullName" AS called, 1 AS preference FROM raw WHERE "fullName" <> name
)
SELECT
  id AS team_id,
  name,
  'racing' AS sport,
  'mixed' AS gender,
  'constructor' AS kind,
  "countryId" AS country,
  called AS _name,
  preference AS _order,
  _record
FROM named
