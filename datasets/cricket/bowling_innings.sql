-- Byes, leg byes and penalty runs are not the bowler's. An over that another follows was whole, however many balls the
-- umpires counted; the last one of an innings is, where its balls are.
with
ball as (
  select
    d.match_id,
    d.innings,
    d.over,
    d.bowler_id,
    d.runs_batter + d.wides + d.noballs as conceded,
    (d.wides = 0 and d.noballs = 0)::integer as legal,
    d.wides,
    d.noballs,
    len(list_filter(
      d.wicket_kinds, lambda k: k in ('bowled', 'caught', 'caught and bowled', 'lbw', 'stumped', 'hit wicket')
    ))::integer as wickets,
    i.balls_per_over,
    max(d.over) over (partition by d.match_id, d.innings) as last_over
  from cricket.delivery d
  -- One innings a match and number.
  join cricket.innings i
    on i.match_id = d.match_id
    and i.innings = d.innings
  where not i.super_over
),
maiden as (
  select
    match_id,
    innings,
    min(bowler_id) as bowler_id,
    count(*)::integer as maidens
  from (
    select match_id, innings, over, min(bowler_id) as bowler_id
    from ball
    group by match_id, innings, over, last_over, balls_per_over
    having count(distinct bowler_id) = 1
      and sum(conceded) = 0
      and (over < last_over or sum(legal) >= balls_per_over)
  ) as overs
  group by match_id, innings, overs.bowler_id
),
bowled as (
  select
    match_id,
    innings,
    bowler_id,
    sum(legal)::integer as legal_balls,
    sum(conceded)::integer as runs,
    sum(wickets)::integer as wickets,
    sum(wides)::integer as wides,
    sum(noballs)::integer as noballs
  from ball
  group by match_id, innings, bowler_id
),
-- The other of the two sides.
fielding as (
  select i.match_id, i.innings, min(s.participant_id) as team_id
  from cricket.innings i
  -- Two sides a match, of which one does not bat.
  join core.participation s
    on s.match_id = i.match_id
    and s.participant_id <> i.team_id
  group by i.match_id, i.innings
)
select
  b.match_id,
  b.innings,
  b.bowler_id as person_id,
  t.team_id,
  p.name as bowler,
  b.legal_balls,
  coalesce(m.maidens, 0) as maidens,
  b.runs,
  b.wickets,
  b.wides,
  b.noballs
from bowled b
-- Keys of one row each.
join fielding t
  on t.match_id = b.match_id
  and t.innings = b.innings
join core.person p
  on p.person_id = b.bowler_id
left join maiden m
  on m.match_id = b.match_id
  and m.innings = b.innings
  and m.bowler_id = b.bowler_id
