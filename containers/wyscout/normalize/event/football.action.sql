-- The order of the file is the order of time; ids of events are not (43,906 of 204,106 neighbours step back).
SELECT
  matchId::VARCHAR AS match_id,
  row_number() OVER (PARTITION BY _key ORDER BY _ordinal) AS action_no,
  id::VARCHAR AS source_id,
  matchPeriod AS period,
  eventSec AS second,
  teamId::VARCHAR AS team_id,
  -- 0 is nobody (2499719.json, event 177961218).
  nullif(playerId, 0)::VARCHAR AS person_id,
  eventName AS type,
  subEventName AS subtype,
  metres(place[1].x, 105) AS x,
  metres(place[1].y, 68) AS y,
  metres(place[2].x, 105) AS end_x,
  metres(place[2].y, 68) AS end_y,
  CASE WHEN list_contains(tag, 1801) THEN 'accurate' WHEN list_contains(tag, 1802) THEN 'inaccurate' END AS outcome,
  -- A goal is tagged on the keeper's `Save attempt`, too.
  list_contains(tag, 101) AND eventName IN ('Shot', 'Free Kick') AS goal,
  list_contains(tag, 102) AS own_goal,
  list_contains(tag, 301) AS assist,
  CASE
    WHEN list_contains(tag, 1703) THEN 'second_yellow'
    WHEN list_contains(tag, 1701) THEN 'red'
    WHEN list_contains(tag, 1702) THEN 'yellow'
  END AS card,
  _record,
  CASE
    WHEN list_max(list_transform(place, lambda p: greatest(p.x, p.y))) > 100
      OR list_min(list_transform(place, lambda p: least(p.x, p.y))) < 0 THEN {
      'rule': 'beyond the lines', 'field': 'positions', 'was': positions::VARCHAR, 'becomes': NULL,
      'reason': 'positions are percent of the pitch, 0 to 100: the nearest of those is published'
    }
  END AS _corrections
FROM records
