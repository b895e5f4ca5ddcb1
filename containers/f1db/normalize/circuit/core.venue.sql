-- A circuit keeps its id when it is renamed (the Österreichring became the A1-Ring); its former names are names of it.
WITH named AS (
  SELECT *, name AS called, 0 AS preference FROM raw
  UNION ALL
  SELECT *, "fullName" AS called, 1 AS preference FROM raw
  UNION ALL
  SELECT *, unnest(json_extract_string("previousNames", '$[*]')) AS called, 2 AS preference FROM raw
)
SELECT
  id AS venue_id,
  name,
  "placeName" AS city,
  "countryId" AS country,
  called AS _name,
  min(preference) AS _order,
  _record
FROM named
GROUP BY ALL
