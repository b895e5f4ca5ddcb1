SELECT
  id AS grand_prix,
  name,
  "fullName" AS full_name,
  "shortName" AS short_name,
  abbreviation,
  "countryId" AS country,
  _record
FROM raw
