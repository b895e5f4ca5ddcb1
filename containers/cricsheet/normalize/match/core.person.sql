-- Players and officials by the register's id. Names are unique within a match, but not beyond it, and an id has several:
-- 5230a33d is L Winfield and L Winfield-Hill. The register's own name goes first, then the newest.
WITH named AS (
  SELECT unnest(map_entries(from_json(people, '"MAP(VARCHAR, VARCHAR)"'))) AS person, date, _record FROM records
)
SELECT
  person.value AS person_id,
  person.key AS name,
  NULL::VARCHAR AS name_given,
  NULL::VARCHAR AS name_family,
  NULL::SMALLINT AS birth_year,
  NULL::SMALLINT AS birth_month,
  NULL::SMALLINT AS birth_day,
  NULL::DATE AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  min(date_diff('day', date, DATE '2200-01-01')) AS _order,
  arg_max(_record, (date, -_record)) AS _record
FROM named
GROUP BY person.value, person.key
