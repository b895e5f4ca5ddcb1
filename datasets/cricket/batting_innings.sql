-- Who came in is who stood at either end, in the order of play; who was timed out was out without having stood there.
with
ball as (
  select
    d.match_id,
    d.innings,
    i.team_id,
    d.batter_id,
    d.non_striker_id,
    d.bowler_id,
    d.runs_batter,
    d.wides,
    d.non_boundary,
    d.wicket_kinds,
    d.players_out,
    row_number() over (partition by d.match_id, d.innings order by d.over, d.ball) as no
  from cricket.delivery d
  -- One innings a match and number.
  join cricket.innings i
    on i.match_id = d.match_id
    and i.innings = d.innings
  where not i.super_over
),
wicket as (
  select
    match_id,
    innings,
    no,
    unnest(players_out) as person_id,
    unnest(wicket_kinds) as kind,
    generate_subscripts(players_out, 1) as place,
    bowler_id
  from ball
),
stood as (
  select match_id, innings, team_id, batter_id as person_id, no, 0 as place from ball
  union all
  select match_id, innings, team_id, non_striker_id, no, 1 from ball
),
seen as (
  select match_id, innings, person_id, no, place from stood
  union all
  select match_id, innings, person_id, no, 1 + place from wicket
),
came as (
  select
    match_id,
    innings,
    person_id,
    min(no * 16 + place) as first,
    max(no) as last
  from seen
  where person_id is not null
  group by match_id, innings, person_id
),
ended as (
  select
    match_id,
    innings,
    person_id,
    arg_max(kind, no * 16 + place) as kind,
    arg_max(bowler_id, no * 16 + place) as bowler_id,
    max(no) as no
  from wicket
  group by match_id, innings, person_id
),
faced as (
  select
    match_id,
    innings,
    batter_id as person_id,
    sum(runs_batter)::integer as runs,
    (count(*) filter (wides = 0))::integer as balls,
    (count(*) filter (runs_batter = 4 and not non_boundary))::integer as fours,
    (count(*) filter (runs_batter = 6 and not non_boundary))::integer as sixes
  from ball
  group by match_id, innings, batter_id
)
select
  c.match_id,
  c.innings,
  c.person_id,
  i.team_id,
  p.name as batter,
  (row_number() over (partition by c.match_id, c.innings order by c.first))::integer as position,
  coalesce(f.runs, 0) as runs,
  coalesce(f.balls, 0) as balls,
  coalesce(f.fours, 0) as fours,
  coalesce(f.sixes, 0) as sixes,
  coalesce(e.kind not in ('retired hurt', 'retired not out'), false) as out,
  -- Who came back after having retired is not out, unless something ended that stay, too.
  case when e.kind not in ('retired hurt', 'retired not out') or e.no >= c.last then e.kind end as how_out,
  case when e.kind in ('bowled', 'caught', 'caught and bowled', 'lbw', 'stumped', 'hit wicket') then e.bowler_id end as bowler_id
from came c
-- Keys of one row each.
join cricket.innings i
  on i.match_id = c.match_id
  and i.innings = c.innings
join core.person p
  on p.person_id = c.person_id
left join faced f
  on f.match_id = c.match_id
  and f.innings = c.innings
  and f.person_id = c.person_id
left join ended e
  on e.match_id = c.match_id
  and e.innings = c.innings
  and e.person_id = c.person_id
