-- Goals per scorer and season. A scorer is a person where the crosswalk knows one, else a name within a team.
-- Own goals count for nobody; goals whose scorer no source names are left out.
with
scored as (
  select
    c.slug as competition,
    s.label as season,
    coalesce(g.scorer_id, g.team_id || '|' || g.scorer) as scorer_key,
    coalesce(p.name, g.scorer) as scorer,
    g.scorer_id as person_id,
    g.team_id,
    g.penalty,
    m.date,
    g.match_id,
    g.goal_no
  from football.goal g
  -- Keys of one row each: match_id, season_id, competition_id, person_id.
  join core.match m
    on m.match_id = g.match_id
  join core.season s
    on s.season_id = m.season_id
  join core.competition c
    on c.competition_id = m.competition_id
  left join core.person p
    on p.person_id = g.scorer_id
  where not g.own_goal
    and (g.scorer_id is not null or g.scorer is not null)
)
select
  competition,
  season,
  scorer_key,
  -- One per key; the latest goal decides where a person changed teams within the season.
  last(scorer order by date, match_id, goal_no) as scorer,
  person_id,
  last(team_id order by date, match_id, goal_no) as team_id,
  count(*)::integer as goals,
  (count(*) filter (penalty))::integer as penalties
from scored
group by
  competition,
  season,
  scorer_key,
  person_id -- follows from the key
