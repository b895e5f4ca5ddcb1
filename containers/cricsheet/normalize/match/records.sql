-- One row a file, parsed once for all mappings of the set.
WITH said AS (
  SELECT
    r.*,
    match_of(_key) AS match,
    list_sort(list_transform(from_json(dates, '["VARCHAR"]'), lambda d: try_cast(d AS DATE))) AS days,
    -- Two files have no event (odis_json/936133.json, t20s_json/237242.json).
    coalesce(event, 'Other ' || match_type || ' matches') AS event_name,
    from_json(teams, '["VARCHAR"]') AS sides
  FROM raw AS r
)
SELECT
  s.* EXCLUDE (event),
  days[1] AS date,
  'cricket.' || kebab(event_name) AS competition,
  'cricket.' || kebab(event_name) || '|' || season AS season_key,
  CASE
    WHEN stage IS NOT NULL AND NOT is_group_stage(stage) THEN 'Finals'
    ELSE nullif(concat_ws(', ', stage, group_name("group")), '')
  END AS phase,
  CASE WHEN stage IS NOT NULL AND NOT is_group_stage(stage) THEN 'knockout' ELSE 'group' END AS phase_kind,
  CASE
    WHEN stage IS NOT NULL AND NOT is_group_stage(stage) THEN stage
    WHEN match_number IS NOT NULL THEN 'Match ' || match_number
  END AS round,
  -- A ground is what it is called and the city that is named with it: there is more than one County Ground.
  concat_ws('|', venue, city) AS ground,
  -- A tie may have been broken after the match: by super overs (eliminator) or a bowl-out.
  coalesce(winner, eliminator, bowl_out_winner) AS won_by
FROM said AS s
