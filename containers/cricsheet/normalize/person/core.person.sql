-- Names are as in the files of matches ("A Mishra", of whom there are two); unique_name tells namesakes apart.
WITH names AS (
  SELECT identifier, name, 0 AS preference, _record FROM raw
  UNION ALL
  SELECT identifier, unique_name, 1, _record FROM raw WHERE unique_name <> name
)
SELECT
  identifier AS person_id,
  name,
  NULL::VARCHAR AS name_given,
  NULL::VARCHAR AS name_family,
  NULL::SMALLINT AS birth_year,
  NULL::SMALLINT AS birth_month,
  NULL::SMALLINT AS birth_day,
  NULL::DATE AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  preference AS _order,
  _record
FROM names
