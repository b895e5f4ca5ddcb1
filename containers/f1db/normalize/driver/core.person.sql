-- The name that everybody uses, and beside it the whole one.
WITH named AS (
  SELECT *, name AS called, 0 AS preference FROM raw
  UNION ALL
  SELECT *, "fullName" AS called, 1 AS preference FROM raw WHERE "fullName" <> name
)
SELECT
  id AS person_id,
  called AS name,
  "firstName" AS name_given,
  "lastName" AS name_family,
  year("dateOfBirth") AS birth_year,
  month("dateOfBirth") AS birth_month,
  day("dateOfBirth") AS birth_day,
  "dateOfBirth" AS birth_date,
  year("dateOfDeath") AS death_year,
  month("dateOfDeath") AS death_month,
  day("dateOfDeath") AS death_day,
  preference AS _order,
  _record
FROM named
