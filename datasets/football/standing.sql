-- League tables on every match date. The work is done on small integers: a slot is one team of one season, a day is
-- one match date of one season; texts are joined at the end. Official columns differ from the plain ones by
-- adjustments, rulings and the declared order of tie-breakers.
with
-- The declared rule of each league season; a rule of the competition itself goes before the general one (*).
season_rule as (
  select
    s.season_id,
    c.slug as competition,
    s.label as season,
    r.points_win,
    r.points_draw,
    r.ranked_by,
    r.ranked_by = 'points' and r.tie_breakers = ['goal_difference', 'goals_for'] as plain,
    -- Tie-breakers as places in the list `figures` below.
    list_transform(
      r.tie_breakers,
      lambda name: coalesce(
        list_position(
          [
            'goal_difference',
            'goals_for',
            'won',
            'away_goals_for',
            'head_to_head_points',
            'head_to_head_goal_difference',
            'head_to_head_goals_for'
          ],
          name
        ),
        error('football.rule: ' || name || ' is no tie-breaker')
      )
    ) as criteria,
    -- Head-to-head looks at the teams that are level by everything declared before it.
    list_position(list_transform(r.tie_breakers, lambda name: name like 'head_to_head_%'), true) as first_head_to_head
  from core.season s
  -- One competition a season: competition_id is its key.
  join core.competition c
    on c.competition_id = s.competition_id
  -- Several rules may hold for a season; qualify keeps one of them.
  left join football.rule r
    on r.competition in (c.slug, '*')
    and s.label between r.first_season and r.last_season
  where c.sport = 'football'
    and c.kind = 'league'
  qualify row_number() over (partition by s.season_id order by r.competition = '*', r.first_season desc) = 1
),
-- Cancelled fixtures are none: a team that was expelled before its first match must not appear.
fixture as (
  select
    m.season_id,
    m.date,
    h.participant_id as home_team_id,
    a.participant_id as away_team_id,
    m.status in ('played', 'awarded') and h.score is not null and a.score is not null as has_result,
    h.score as home_goals,
    a.score as away_goals,
    u.home_goals as home_goals_ruled,
    u.away_goals as away_goals_ruled,
    u.home_points as home_points_ruled,
    u.away_points as away_points_ruled
  from core.match m
  -- One rule a season, see above.
  join season_rule s
    on s.season_id = m.season_id
  -- A football match has one home and one away side.
  join core.participation h
    on h.match_id = m.match_id
    and h.side = 'home'
  join core.participation a
    on a.match_id = m.match_id
    and a.side = 'away'
  -- One phase a match: phase_id is its key.
  left join core.phase p
    on p.phase_id = m.phase_id
  -- At most one ruling a match: these columns are its grain.
  left join football.ruling u
    on u.competition = s.competition
    and u.season = s.season
    and u.date = m.date
    and u.home_team_id = h.participant_id
    and u.away_team_id = a.participant_id
  where m.status <> 'cancelled'
    and coalesce(p.kind, 'regular') = 'regular'
),
-- Seasons whose official order can differ from the plain one; the others are spared the second ranking.
contested as (
  select season_id
  from season_rule
  where not plain
  union
  select s.season_id
  from season_rule s
  -- Several adjustments a season; the union keeps each season once.
  join football.adjustment a
    on a.competition = s.competition
    and a.season = s.season
  union
  select season_id
  from fixture
  where home_points_ruled is not null
),
match_day as (
  select
    d.season_id,
    d.date,
    row_number() over (order by d.season_id, d.date)::integer as day
  from (select distinct season_id, date from fixture where has_result or home_points_ruled is not null) d
),
season_span as (
  select
    season_id,
    min(day) as first_day,
    max(day) as last_day
  from match_day
  group by season_id
),
-- Slots are numbered by name within the season, so that their order is the last tie-breaker.
slot as (
  select
    t.season_id,
    t.team_id,
    n.name as team,
    s.competition,
    s.season,
    s.points_win,
    s.points_draw,
    s.ranked_by,
    list_slice(s.criteria, 1, coalesce(s.first_head_to_head - 1, len(s.criteria))) as criteria_before,
    list_slice(s.criteria, coalesce(s.first_head_to_head, len(s.criteria) + 1), len(s.criteria)) as criteria_after,
    s.first_head_to_head is not null as uses_head_to_head,
    c.season_id is not null as contested,
    d.first_day,
    d.last_day,
    row_number() over (order by t.season_id, n.name, t.team_id)::integer as slot
  from (
    select season_id, home_team_id as team_id
    from fixture
    union
    select season_id, away_team_id
    from fixture
  ) t
  -- Keys of one row each: season_id (three times) and team_id. A season without a result has no span, and no table.
  join season_rule s
    on s.season_id = t.season_id
  join season_span d
    on d.season_id = t.season_id
  left join contested c
    on c.season_id = t.season_id
  left join core.team n
    on n.team_id = t.team_id
),
-- Both sides' view of a fixture that has a result or a ruling.
side as (
  select
    f.season_id,
    f.date,
    f.home_team_id as team_id,
    f.away_team_id as opponent_id,
    false as away,
    f.has_result,
    f.home_goals as goals_for,
    f.away_goals as goals_against,
    f.home_goals_ruled as goals_for_ruled,
    f.away_goals_ruled as goals_against_ruled,
    f.home_points_ruled as points_ruled
  from fixture f
  where f.has_result
    or f.home_points_ruled is not null
  union all
  select
    f.season_id,
    f.date,
    f.away_team_id,
    f.home_team_id,
    true,
    f.has_result,
    f.away_goals,
    f.home_goals,
    f.away_goals_ruled,
    f.home_goals_ruled,
    f.away_points_ruled
  from fixture f
  where f.has_result
    or f.home_points_ruled is not null
),
-- What a match gave a team: by its stored result, and officially.
outcome as (
  select
    t.slot,
    o.slot as opponent,
    t.uses_head_to_head,
    s.season_id,
    s.date,
    s.has_result::integer as played,
    (s.has_result and s.goals_for > s.goals_against)::integer as won,
    (s.has_result and s.goals_for = s.goals_against)::integer as drawn,
    if(s.has_result, s.goals_for, 0) as goals_for,
    if(s.has_result, s.goals_against, 0) as goals_against,
    coalesce(s.goals_for_ruled, s.goals_for) as goals_for_official,
    coalesce(s.goals_against_ruled, s.goals_against) as goals_against_official,
    if(s.away, goals_for_official, 0) as away_goals_official,
    (goals_for_official > goals_against_official)::integer as won_official,
    coalesce(
      s.points_ruled,
      case
        when s.goals_for > s.goals_against then t.points_win
        when s.goals_for = s.goals_against then t.points_draw
        else 0
      end
    ) as points_official
  from side s
  -- One slot a season and team, twice.
  join slot t
    on t.season_id = s.season_id
    and t.team_id = s.team_id
  join slot o
    on o.season_id = s.season_id
    and o.team_id = s.opponent_id
),
-- Everything that changes a team's row, on the first match day on which it counts. Every team starts with nothing on
-- the first match day.
event as (
  select
    o.slot,
    d.day,
    o.played,
    o.won,
    o.drawn,
    o.goals_for,
    o.goals_against,
    0 as deduction,
    o.points_official,
    o.won_official,
    o.goals_for_official,
    o.goals_against_official,
    o.away_goals_official
  from outcome o
  -- One day a season and date.
  join match_day d
    on d.season_id = o.season_id
    and d.date = o.date
  union all
  select
    t.slot,
    min(d.day), -- none if it was decided after the last match day
    0,
    0,
    0,
    0,
    0,
    -a.points,
    a.points,
    0,
    0,
    0,
    0
  from football.adjustment a
  -- One slot a team and season: competition and season name one season, season and team one slot.
  join slot t
    on t.competition = a.competition
    and t.season = a.season
    and t.team_id = a.team_id
  -- All match days from the decision on; the group keeps the first.
  join match_day d
    on d.season_id = t.season_id
    and d.date >= coalesce(a.decided_on, d.date)
  group by
    t.slot,
    a.ordinal,
    a.points
  union all
  select
    t.slot,
    t.first_day,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0
  from slot t
),
-- A team has two matches on one day now and then.
event_day as (
  select
    slot,
    day,
    sum(played)::integer as played,
    sum(won)::integer as won,
    sum(drawn)::integer as drawn,
    sum(goals_for)::integer as goals_for,
    sum(goals_against)::integer as goals_against,
    sum(deduction)::integer as deduction,
    sum(points_official)::integer as points_official,
    sum(won_official)::integer as won_official,
    sum(goals_for_official)::integer as goals_for_official,
    sum(goals_against_official)::integer as goals_against_official,
    sum(away_goals_official)::integer as away_goals_official
  from event
  group by
    slot,
    day
),
running as (
  select
    slot,
    day,
    lead(day) over so_far as next_day,
    sum(played) over so_far as played,
    sum(won) over so_far as won,
    sum(drawn) over so_far as drawn,
    sum(goals_for) over so_far as goals_for,
    sum(goals_against) over so_far as goals_against,
    sum(deduction) over so_far as deduction,
    sum(points_official) over so_far as points_official,
    sum(won_official) over so_far as won_official,
    sum(goals_for_official) over so_far as goals_for_official,
    sum(goals_against_official) over so_far as goals_against_official,
    sum(away_goals_official) over so_far as away_goals_official
  from event_day
  window so_far as (partition by slot order by day)
),
-- Each row stands until the team's next event: one row a team and match day.
grid as (
  select
    r.slot,
    unnest(range(r.day, coalesce(r.next_day, t.last_day + 1)))::integer as day,
    r.played::integer as played,
    r.won::integer as won,
    r.drawn::integer as drawn,
    r.goals_for::integer as goals_for,
    r.goals_against::integer as goals_against,
    (r.won * t.points_win + r.drawn * t.points_draw)::integer as points,
    r.deduction::integer as deduction,
    r.points_official::integer as points_official,
    r.won_official::integer as won_official,
    r.goals_for_official::integer as goals_for_official,
    r.goals_against_official::integer as goals_against_official,
    r.away_goals_official::integer as away_goals_official
  from running r
  -- slot is a key.
  join slot t
    on t.slot = r.slot
),
-- The plain table: points, goal difference, goals for, name.
ranked as (
  select
    g.slot,
    g.day,
    g.played,
    g.won,
    g.drawn,
    g.goals_for,
    g.goals_against,
    g.points,
    g.deduction,
    g.points_official,
    row_number() over (
      partition by g.day
      order by
        g.points desc,
        g.goals_for - g.goals_against desc,
        g.goals_for desc,
        g.slot
    ) as position
  from grid g
),
-- The official table, first by what it is ranked by and the tie-breakers before head-to-head: level teams share a place.
placed as (
  select
    g.slot,
    g.day,
    t.uses_head_to_head,
    t.criteria_after,
    [
      g.goals_for_official - g.goals_against_official,
      g.goals_for_official,
      g.won_official,
      g.away_goals_official
    ] as figures,
    rank() over (
      partition by g.day
      order by
        -- Points per game in millionths: whole numbers, and exact enough to tell any two fractions apart.
        if(
          t.ranked_by = 'points_per_game',
          g.points_official::bigint * 1000000 // greatest(g.played, 1),
          g.points_official
        ) desc,
        list_select(figures, t.criteria_before) desc
    ) as place
  from grid g
  -- slot is a key.
  join slot t
    on t.slot = g.slot
  where t.contested
),
level as (
  select
    p.slot,
    p.day,
    d.date,
    p.place
  from placed p
  -- day is a key.
  join match_day d
    on d.day = p.day
  where p.uses_head_to_head
  qualify count(*) over (partition by p.day, p.place) > 1
),
-- The matches up to the day among the teams that share a place.
head_to_head as (
  select
    a.slot,
    a.day,
    sum(o.points_official)::integer as points,
    sum(o.goals_for_official - o.goals_against_official)::integer as goal_difference,
    sum(o.goals_for_official)::integer as goals_for
  from level a
  -- Fans out on purpose, to each other team of the place and each match against it; the group folds it again.
  join level b
    on b.day = a.day
    and b.place = a.place
    and b.slot <> a.slot
  join outcome o
    on o.slot = a.slot
    and o.opponent = b.slot
    and o.date <= a.date
  group by
    a.slot,
    a.day
),
ranked_officially as (
  select
    p.slot,
    p.day,
    row_number() over (
      partition by p.day
      order by
        p.place,
        list_select(
          list_concat(
            p.figures,
            [coalesce(h.points, 0), coalesce(h.goal_difference, 0), coalesce(h.goals_for, 0)]
          ),
          p.criteria_after
        ) desc,
        p.slot
    ) as position
  from placed p
  -- One row a slot and day: its group.
  left join head_to_head h
    on h.slot = p.slot
    and h.day = p.day
)
select
  t.competition,
  t.season,
  d.date,
  t.team_id,
  t.team,
  r.played,
  r.won,
  r.drawn,
  r.played - r.won - r.drawn as lost,
  r.goals_for,
  r.goals_against,
  r.goals_for - r.goals_against as goal_difference,
  r.points,
  r.position::integer as position,
  r.deduction,
  r.points_official,
  coalesce(o.position, r.position)::integer as position_official,
  r.day = t.last_day as is_final
from ranked r
-- slot and day are keys of these two.
join slot t
  on t.slot = r.slot
join match_day d
  on d.day = r.day
-- One row a slot and day, like the left side.
left join ranked_officially o
  on o.slot = r.slot
  and o.day = r.day
