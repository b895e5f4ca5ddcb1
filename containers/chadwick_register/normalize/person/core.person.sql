-- key_uuid is the id: key_person, its first eight digits, may be used again for somebody else.
-- A suffix is part of the name where it is one; the column also holds slips such as given names (people-2, "Matthew John").
SELECT
  key_uuid AS person_id,
  concat_ws(
    ' ', name_first, name_last,
    CASE WHEN name_suffix IN ('Jr.', 'Sr.', 'II', 'III', 'IV', 'V') THEN name_suffix WHEN name_suffix = 'Jr' THEN 'Jr.' END
  ) AS name,
  name_given,
  name_last AS name_family,
  nullif(birth_year, 0) AS birth_year,
  month_of(birth_month) AS birth_month,
  day_of(birth_day) AS birth_day,
  try(make_date(nullif(birth_year, 0), month_of(birth_month), day_of(birth_day))) AS birth_date,
  nullif(death_year, 0) AS death_year,
  month_of(death_month) AS death_month,
  day_of(death_day) AS death_day,
  key_bbref AS _bbref,
  key_retro AS _retro,
  -- people-*.csv have death_month 92 and 18 (2 rows).
  coalesce(
    no_calendar_has('birth_month', birth_month, 12),
    no_calendar_has('birth_day', birth_day, 31),
    no_calendar_has('death_month', death_month, 12),
    no_calendar_has('death_day', death_day, 31)
  ) AS _corrections,
  _record
FROM raw
