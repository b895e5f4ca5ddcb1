-- Ids: bbrefID and retroID are those of Baseball-Reference and Retrosheet, which other sources state, too.
SELECT
  "playerID" AS person_id,
  concat_ws(' ', "nameFirst", "nameLast") AS name,
  "nameGiven" AS name_given,
  "nameLast" AS name_family,
  nullif("birthYear", 0) AS birth_year,
  month_of("birthMonth") AS birth_month,
  day_of("birthDay") AS birth_day,
  try(make_date(nullif("birthYear", 0), month_of("birthMonth"), day_of("birthDay"))) AS birth_date,
  nullif("deathYear", 0) AS death_year,
  month_of("deathMonth") AS death_month,
  day_of("deathDay") AS death_day,
  "bbrefID" AS _bbref,
  "retroID" AS _retro,
  _record
FROM raw
