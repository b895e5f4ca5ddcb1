-- A scorer is known by the name that stands with the goal: "Kane" and "Harry Kane" (2018) are linked by reviewed rows.
WITH scorers AS (
  SELECT
    team_ref(
      CASE WHEN first_side = coalesce(owngoal, false) THEN team2 ELSE team1 END,
      competition,
      CASE WHEN competition LIKE 'intl.%' THEN year(date)::VARCHAR ELSE season_of(_key) END,
      date
    ) AS team,
    name,
    _record
  FROM records
)
SELECT
  team || '|' || name AS person_id,
  name,
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
GROUP BY team, name
