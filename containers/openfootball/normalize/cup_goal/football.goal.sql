WITH ordered AS (
  SELECT
    r.*,
    CASE WHEN competition LIKE 'intl.%' THEN year(date)::VARCHAR ELSE season_of(_key) END AS season,
    -- Lists are not always in order of time (1930/worldcup.json 2: minutes 3, 65, 51).
    row_number() OVER (
      PARTITION BY match_local
      ORDER BY whole_minute NULLS LAST, coalesce(added, 0), first_side DESC, _ordinal
    ) AS goal_no
  FROM records AS r
)
SELECT
  match_local AS match_id,
  goal_no,
  team_ref(CASE WHEN first_side THEN team1 ELSE team2 END, competition, season, date) AS team_id,
  CASE
    WHEN coalesce(owngoal, false) THEN team_ref(CASE WHEN first_side THEN team2 ELSE team1 END, competition, season, date)
    ELSE team_ref(CASE WHEN first_side THEN team1 ELSE team2 END, competition, season, date)
  END || '|' || name AS scorer_id,
  name AS scorer,
  whole_minute AS minute,
  added AS added_minute,
  coalesce(owngoal, false) AS own_goal,
  coalesce(penalty, false) AS penalty,
  _record
FROM ordered
