-- Who was in the eleven (twelve, with a supersub or an impact player), and from when to when in the season.
WITH listed AS (
  SELECT
    match, season_key, gender, days, _record,
    unnest(map_entries(from_json(players, '"MAP(VARCHAR, VARCHAR[])"'))) AS side,
    from_json(people, '"MAP(VARCHAR, VARCHAR)"') AS ids
  FROM records
),
player AS (
  SELECT *, unnest(side.value) AS name FROM listed
)
SELECT
  ids[name] AS person_id,
  team_of(side.key, gender) AS team_id,
  season_key AS season_id,
  NULL::VARCHAR AS role,
  NULL::INTEGER AS shirt,
  min(days[1]) AS first_date,
  max(days[-1]) AS last_date,
  arg_min(_record, (days[1], _record)) AS _record
FROM player
GROUP BY ALL
