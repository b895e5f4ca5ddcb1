-- One row a match, parsed once for all mappings of the set.
WITH placed AS (
  SELECT
    r.* EXCLUDE (date),
    day_of(r.date) AS date,
    slug_of(c.slug, competitionId) AS competition,
    coalesce(c.name, 'Wyscout competition ' || competitionId) AS competition_name,
    coalesce(c.kind, CASE WHEN groupName IS NULL THEN 'league' ELSE 'tournament' END) AS competition_kind,
    c.country AS country,
    c.season AS season_kind,
    -- The order of the two sides is arbitrary: `side` says which is which.
    list_filter(json_extract(teamsData, '$.*'), lambda s: s ->> 'side' = 'home')[1] AS home,
    list_filter(json_extract(teamsData, '$.*'), lambda s: s ->> 'side' = 'away')[1] AS away
  FROM raw AS r
  LEFT JOIN lookup.competition AS c ON c.id = r.competitionId::VARCHAR  -- ids are unique in the list
)
SELECT
  p.* EXCLUDE (status, label),
  wyId::VARCHAR AS match,
  seasonId::VARCHAR AS season,
  season_label(season_kind, min(date) OVER of_season, max(date) OVER of_season) AS label,
  min(date) OVER of_season AS first_date,
  max(date) OVER of_season AS last_date,
  -- Knock-out rounds have game week 0; their group is "" (World Cup), or "Group F" for all of them (Euro 2016).
  CASE
    WHEN competition_kind = 'league' THEN 'Regular'
    WHEN gameweek > 0 AND groupName <> '' THEN groupName
    ELSE 'Finals'
  END AS phase,
  CASE
    WHEN competition_kind = 'league' THEN 'regular'
    WHEN gameweek > 0 AND groupName <> '' THEN 'group'
    ELSE 'knockout'
  END AS phase_kind,
  CASE WHEN gameweek > 0 THEN 'Matchday ' || gameweek END AS round,
  CASE status
    WHEN 'Suspended' THEN 'abandoned'
    WHEN 'Fixture' THEN 'scheduled'
    ELSE lower(status)
  END AS status,
  nullif(decoded(venue), '') AS ground,
  CASE
    WHEN status IN ('Played', 'Awarded') THEN
      final_score((home ->> 'score')::INTEGER, (home ->> 'scoreET')::INTEGER, duration)
      || '-' || final_score((away ->> 'score')::INTEGER, (away ->> 'scoreET')::INTEGER, duration)
  END AS final
FROM placed AS p
WINDOW of_season AS (PARTITION BY seasonId)
