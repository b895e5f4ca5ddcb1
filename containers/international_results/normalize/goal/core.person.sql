WITH scorers AS (
  SELECT
    team_ref(CASE WHEN own_goal = (team = home_team) THEN away_team ELSE home_team END, '', season_of(date), date) AS team,
    scorer,
    _record
  FROM raw
  WHERE scorer IS NOT NULL
)
SELECT
  team || '|' || scorer AS person_id,
  scorer AS name,
  NULL::VARCHAR AS name_given,
  NULL::VARCHAR AS name_family,
  NULL::SMALLINT AS birth_year,
  NULL::SMALLINT AS birth_month,
  NULL::SMALLINT AS birth_day,
  NULL::DATE AS birth_date,
  NULL::SMALLINT AS death_year,
  NULL::SMALLINT AS death_month,
  NULL::SMALLINT AS death_day,
  team AS _team,
  min(_record) AS _record
FROM scorers
GROUP BY team, scorer
