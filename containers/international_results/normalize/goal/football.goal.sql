-- Exact duplicates are goals, too: minutes are cut to 45 and 90, and the sum fits the score (1963-11-26 Ghana, 2002-01-30).
WITH ordered AS (
  SELECT
    r.*,
    row_number() OVER (
      PARTITION BY date, home_team, away_team
      ORDER BY minute NULLS LAST, _record
    ) AS goal_no,
    -- `team` profits: the scorer of an own goal plays for the other side.
    CASE WHEN own_goal = (team = home_team) THEN away_team ELSE home_team END AS scorers_team
  FROM raw AS r
)
SELECT
  match_ref(date, home_team, away_team) AS match_id,
  goal_no,
  team_ref(team, '', season_of(date), date) AS team_id,
  team_ref(scorers_team, '', season_of(date), date) || '|' || scorer AS scorer_id,
  scorer,
  minute,
  NULL::INTEGER AS added_minute,
  own_goal,
  penalty,
  _record
FROM ordered
