SELECT
  team || '|' || name
    -- "Emiliano Martínez" stands twice in 2026: two people of two squads are told apart by team, two of one by birth.
    AS person_id,
  name,
  NULL::VARCHAR AS name_given,
  NULL::VARCHAR AS name_family,
  year(date_of_birth) AS birth_year,
  month(date_of_birth) AS birth_month,
  day(date_of_birth) AS birth_day,
  date_of_birth AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  team AS _team,
  _record
FROM raw
