-- Whoever plays is named where he enters, too: also one who is on no roster.
SELECT
  person AS person_id,
  coalesce(name, person) AS name,
  NULL::VARCHAR AS name_given,
  NULL::VARCHAR AS name_family,
  NULL::SMALLINT AS birth_year,
  NULL::SMALLINT AS birth_month,
  NULL::SMALLINT AS birth_day,
  NULL::DATE AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  person AS _retro,
  1 AS _order,
  _record
FROM raw
