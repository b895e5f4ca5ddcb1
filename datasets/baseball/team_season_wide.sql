-- One row a team and season: what is recorded of the team, and what follows from its players' rows.
with
-- Who batted, pitched or fielded for whom.
appeared as (
  select person_id, team_id, season from baseball.batting_season
  union
  select person_id, team_id, season from baseball.pitching_season
  union
  select person_id, team_id, season from baseball.fielding_season
),
used as (
  select
    team_id,
    season,
    count(*)::integer as players
  from appeared
  group by
    team_id,
    season
),
paid as (
  select
    team_id,
    season,
    sum(salary)::bigint as payroll
  from baseball.salary
  group by
    team_id,
    season
),
-- A player who comes back to a team has several stints with it.
hitter as (
  select
    team_id,
    season,
    person_id,
    sum(home_runs)::integer as home_runs
  from baseball.batting_season
  where home_runs is not null
  group by
    team_id,
    season,
    person_id
),
leader as (
  select
    h.team_id,
    h.season,
    h.home_runs,
    p.name
  from hitter h
  -- One person an id.
  join core.person p
    on p.person_id = h.person_id
  qualify row_number() over (partition by h.team_id, h.season order by h.home_runs desc, p.name, h.person_id) = 1
)
select
  t.team_id,
  t.season,
  t.team,
  t.team_code,
  t.franchise_id,
  t.league,
  t.division,
  t.rank,
  t.games,
  t.wins,
  t.losses,
  t.runs,
  t.runs_against,
  t.home_runs,
  t.attendance,
  t.world_series_won,
  s.payroll,
  u.players,
  t.wins / nullif(t.wins + t.losses, 0) as winning_percentage,
  t.runs::bigint * t.runs
    / nullif(t.runs::bigint * t.runs + t.runs_against::bigint * t.runs_against, 0) as pythagorean_percentage,
  l.home_runs as leading_home_runs,
  l.name as leading_home_run_hitter
from baseball.team_season t
-- One row a team and season in each, by their grouping and choice.
left join used u
  on u.team_id = t.team_id
  and u.season = t.season
left join paid s
  on s.team_id = t.team_id
  and s.season = t.season
left join leader l
  on l.team_id = t.team_id
  and l.season = t.season
