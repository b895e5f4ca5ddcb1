-- A row a team and season: a player is on several rosters (169 in 2022). Names are without accents.
SELECT
  id AS person_id,
  concat_ws(' ', first, last) AS name,
  NULL::VARCHAR AS name_given,
  last AS name_family,
  NULL::SMALLINT AS birth_year,
  NULL::SMALLINT AS birth_month,
  NULL::SMALLINT AS birth_day,
  NULL::DATE AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  id AS _retro,
  0 AS _order,
  _record
FROM raw
