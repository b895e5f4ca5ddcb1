SELECT
  wyId::VARCHAR AS person_id,
  decoded(shortName) AS name,
  nullif(decoded(concat_ws(' ', firstName, nullif(middleName, ''))), '') AS name_given,
  nullif(decoded(lastName), '') AS name_family,
  year(birthDate) AS birth_year,
  month(birthDate) AS birth_month,
  day(birthDate) AS birth_day,
  birthDate AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  _record
FROM raw
