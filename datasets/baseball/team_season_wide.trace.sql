-- A row is made of the team's season, of all rows of those who played for it, and of what it paid.
select
  team_id,
  season,
  null::varchar as person_id,
  null::integer as stint,
  null::varchar as position
from traced
union all
select
  b.team_id,
  b.season,
  b.person_id,
  b.stint,
  null
from baseball.batting_season b
semi join traced t
  on t.team_id = b.team_id
  and t.season = b.season
union all
select
  i.team_id,
  i.season,
  i.person_id,
  i.stint,
  null
from baseball.pitching_season i
semi join traced t
  on t.team_id = i.team_id
  and t.season = i.season
union all
select
  f.team_id,
  f.season,
  f.person_id,
  f.stint,
  f.position
from baseball.fielding_season f
semi join traced t
  on t.team_id = f.team_id
  and t.season = f.season
union all
select
  s.team_id,
  s.season,
  s.person_id,
  null,
  null
from baseball.salary s
semi join traced t
  on t.team_id = s.team_id
  and t.season = s.season
