-- League tables on every match date. The work is done on small integers: a slot is one team of one season, a day is
-- one match date of one season; texts are joined at the end. Official columns differ from the plain ones by
-- adjustments, rulings and the declared order of tie-breakers.
with
-- The declared rule of each league season; a rule of the competition itself goes before the general one (*).
declared as (
  select
    s.season_id,
    c.slug as competition,
    s.label as season,
    r.points_win,
    r.points_draw,
    r.ranked_by,
    -- Tie-breakers as places in the lists of figures below: 1 to 4 in that of `official`,
    -- 5 to 8, less 4, in that of `head_to_head`.
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
            'head_to_head_goals_for',
            'head_to_head_away_goals_for'
          ],
          name
        ),
        error('football.rule: ' || name || ' is no tie-breaker')
      )
    ) as criteria
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
season_rule as (
  select
    d.season_id,
    d.competition,
    d.season,
    d.points_win,
    d.points_draw,
    d.ranked_by,
    list_filter(d.criteria, lambda c: c > 4) as among_level,
    coalesce(list_position(d.criteria, among_level[1]), len(d.criteria) + 1) as first_among_level,
    list_slice(d.criteria, 1, first_among_level - 1) as criteria_before,
    list_slice(d.criteria, first_among_level + len(among_level), len(d.criteria)) as criteria_after,
    -- Sums with these weights order like lists of the figures: none reaches 2048, and up to 2 ** 53 doubles are whole.
    list_transform(
      [1, 2, 3, 4],
      lambda figure: coalesce(4096.0 ** (4 - list_position(criteria_before, figure)), 0)
    ) as weights_before,
    list_transform(
      [1, 2, 3, 4],
      lambda figure: coalesce(4096.0 ** (4 - list_position(criteria_after, figure)), 0)
    ) as weights_after,
    -- With others between them it would not be clear what counts where head-to-head does not.
    if(
      d.criteria <> list_concat(criteria_before, among_level, criteria_after),
      error('football.rule: the head_to_head tie-breakers of ' || d.competition || ' do not stand together'),
      list_transform(among_level, lambda c: c - 4)
    ) as criteria_among_level
  from declared d
),
-- Every fixture of a regular phase; a cancelled one has no result, but stands in the list all the same.
fixture as (
  select
    m.season_id,
    m.date,
    h.participant_id as home_team_id,
    a.participant_id as away_team_id,
    m.status = 'cancelled' as cancelled,
    m.status in ('played', 'awarded') and h.score is not null and a.score is not null as has_result,
    has_result or (not cancelled and u.home_points is not null) as settled,
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
  where coalesce(p.kind, 'regular') = 'regular'
),
match_day as (
  select
    d.season_id,
    d.date,
    row_number() over (order by d.season_id, d.date)::integer as day
  from (select distinct season_id, date from fixture where settled) d
),
season_span as (
  select
    season_id,
    min(day) as first_day,
    max(day) as last_day
  from match_day
  group by season_id
),
-- Slots are numbered by name within the season, so that their order is the last tie-breaker. Cancelled fixtures make
-- none: a team that was expelled before its first match must not appear.
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
    s.weights_before,
    s.criteria_among_level,
    s.weights_after,
    len(s.criteria_among_level) > 0 as uses_head_to_head,
    d.first_day,
    d.last_day,
    row_number() over (order by t.season_id, n.name, t.team_id)::integer as slot
  from (
    select season_id, home_team_id as team_id
    from fixture
    where not cancelled
    union
    select season_id, away_team_id
    from fixture
    where not cancelled
  ) t
  -- Keys of one row each: season_id (twice) and team_id. A season without a result has no span, and no table.
  join season_rule s
    on s.season_id = t.season_id
  join season_span d
    on d.season_id = t.season_id
  left join core.team n
    on n.team_id = t.team_id
),
-- Fixtures in slots and days; open ones have no day.
meeting as (
  select
    h.slot as home,
    a.slot as away,
    if(f.settled, d.day, null) as day,
    h.points_win,
    h.points_draw,
    h.uses_head_to_head,
    f.has_result,
    if(f.has_result, f.home_goals, 0) as home_goals,
    if(f.has_result, f.away_goals, 0) as away_goals,
    f.home_points_ruled is not null as ruled,
    coalesce(f.home_goals_ruled, f.home_goals) as home_goals_official,
    coalesce(f.away_goals_ruled, f.away_goals) as away_goals_official,
    f.home_points_ruled,
    f.away_points_ruled
  from fixture f
  -- One slot a season and team, twice; one day a season and date.
  join slot h
    on h.season_id = f.season_id
    and h.team_id = f.home_team_id
  join slot a
    on a.season_id = f.season_id
    and a.team_id = f.away_team_id
  left join match_day d
    on d.season_id = f.season_id
    and d.date = f.date
),
-- What a match gave each of its sides: by its stored result, and officially.
outcome as (
  select
    home as slot,
    away as opponent,
    day,
    ruled,
    has_result::integer as played,
    (has_result and home_goals > away_goals)::integer as won,
    (has_result and home_goals = away_goals)::integer as drawn,
    home_goals as goals_for,
    away_goals as goals_against,
    0 as away_goals_official,
    won * points_win + drawn * points_draw as points,
    coalesce(home_points_ruled, points) as points_official,
    home_goals_official as goals_for_official,
    away_goals_official as goals_against_official
  from meeting
  where day is not null
  union all
  select
    away,
    home,
    day,
    ruled,
    has_result::integer,
    (has_result and away_goals > home_goals)::integer as won,
    (has_result and away_goals = home_goals)::integer as drawn,
    away_goals,
    home_goals,
    away_goals_official,
    won * points_win + drawn * points_draw as points,
    coalesce(away_points_ruled, points),
    away_goals_official,
    home_goals_official
  from meeting
  where day is not null
),
-- Every team starts with nothing on the first match day.
event as (
  select
    slot,
    day,
    played,
    won,
    drawn,
    goals_for,
    goals_against,
    away_goals_official
  from outcome
  union all
  select
    slot,
    first_day,
    0,
    0,
    0,
    0,
    0,
    0
  from slot
),
-- A team has two matches on one day now and then: each of its rows then knows them all, and only the last has a next
-- day other than its own.
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
    sum(away_goals_official) over so_far as away_goals_official
  from event
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
    r.away_goals_official::integer as away_goals_official,
    (r.won * t.points_win + r.drawn * t.points_draw)::integer as points
  from running r
  -- slot is a key.
  join slot t
    on t.slot = r.slot
),
-- What authorities changed, on every match day from which it counts; few teams have any.
correction as (
  select
    c.slot,
    c.day,
    sum(c.deduction)::integer as deduction,
    sum(c.points)::integer as points,
    sum(c.won)::integer as won,
    sum(c.goals_for)::integer as goals_for,
    sum(c.goals_against)::integer as goals_against
  from (
    select
      t.slot,
      d.day,
      -a.points as deduction,
      a.points,
      0 as won,
      0 as goals_for,
      0 as goals_against
    from football.adjustment a
    -- One slot a team and season: competition and season name one season, season and team one slot.
    join slot t
      on t.competition = a.competition
      and t.season = a.season
      and t.team_id = a.team_id
    -- Fans out on purpose: all match days from the decision on, none if it was decided after the last one.
    join match_day d
      on d.season_id = t.season_id
      and d.date >= coalesce(a.decided_on, d.date)
    union all
    select
      o.slot,
      unnest(range(o.day, t.last_day + 1))::integer,
      0,
      o.points_official - o.points,
      (o.goals_for_official > o.goals_against_official)::integer - o.won,
      o.goals_for_official - o.goals_for,
      o.goals_against_official - o.goals_against
    from outcome o
    -- slot is a key.
    join slot t
      on t.slot = o.slot
    where o.ruled
  ) c
  group by
    c.slot,
    c.day
),
official as (
  select
    g.slot,
    g.day,
    g.played,
    g.won,
    g.drawn,
    g.goals_for,
    g.goals_against,
    g.points,
    coalesce(c.deduction, 0) as deduction,
    g.points + coalesce(c.points, 0) as points_official,
    t.uses_head_to_head,
    -- Points per game in millionths: whole numbers, and exact enough to tell any two fractions apart.
    if(
      t.ranked_by = 'points_per_game',
      points_official::bigint * 1000000 // greatest(g.played, 1),
      points_official
    ) as worth,
    [
      g.goals_for - g.goals_against + coalesce(c.goals_for - c.goals_against, 0),
      g.goals_for + coalesce(c.goals_for, 0),
      g.won + coalesce(c.won, 0),
      g.away_goals_official
    ]::double[] as figures,
    list_inner_product(figures, t.weights_before) as figures_before,
    list_inner_product(figures, t.weights_after) as figures_after
  from grid g
  -- slot is a key, and slot and day are one.
  join slot t
    on t.slot = g.slot
  left join correction c
    on c.slot = g.slot
    and c.day = g.day
),
-- The plain table (points, goal difference, goals for, name) and the official one, head-to-head not looked at yet:
-- teams that are level by everything declared before it share a place.
ranked as (
  select
    slot,
    day,
    played,
    won,
    drawn,
    goals_for,
    goals_against,
    points,
    deduction,
    points_official,
    uses_head_to_head,
    row_number() over (
      partition by day
      order by
        points desc,
        goals_for - goals_against desc,
        goals_for desc,
        slot
    )::integer as position,
    row_number() over (
      partition by day
      order by
        worth desc,
        figures_before desc,
        figures_after desc,
        slot
    )::integer as position_official,
    rank() over level::integer as place,
    count(*) over (level range between current row and current row) as teams
  from official
  window level as (
    partition by day
    order by
      worth desc,
      figures_before desc
  )
),
-- The day on which two teams have played all fixtures between them; null as long as one is open.
pairing as (
  select
    least(home, away) as one,
    greatest(home, away) as other,
    if(count(day) = count(*), max(day), null) as settled_day
  from meeting
  where uses_head_to_head
  group by
    one,
    other
),
-- Before its first two teams are done with each other, a season has no head-to-head.
season_pairing as (
  select
    t.season_id,
    min(p.settled_day) as first_day
  from pairing p
  -- slot is a key.
  join slot t
    on t.slot = p.one
  group by t.season_id
),
shared as (
  select
    r.slot,
    r.day,
    r.place,
    r.position_official
  from ranked r
  -- Keys of one row each: day and season_id.
  join match_day d
    on d.day = r.day
  join season_pairing p
    on p.season_id = d.season_id
    and p.first_day <= r.day
  where r.uses_head_to_head
    and r.teams > 1
),
-- Places whose teams have not met as often as the list of fixtures says: there head-to-head does not count yet. The
-- list is that of the whole season, whatever became of its later fixtures.
unsettled as (
  select distinct
    a.day,
    a.place
  from shared a
  -- Fans out on purpose, to each pair of a place; a pair has one row in pairing.
  join shared b
    on b.day = a.day
    and b.place = a.place
    and b.slot > a.slot
  join pairing p
    on p.one = a.slot
    and p.other = b.slot
  where coalesce(p.settled_day > a.day, true)
),
level as (
  select
    s.slot,
    s.day,
    s.place,
    s.position_official
  from shared s
  anti join unsettled u
    on u.day = s.day
    and u.place = s.place
),
-- The matches up to the day among the teams that share a place.
head_to_head as (
  select
    a.slot,
    a.day,
    [
      sum(o.points_official),
      sum(o.goals_for_official - o.goals_against_official),
      sum(o.goals_for_official),
      sum(o.away_goals_official)
    ] as figures
  from level a
  -- Fans out on purpose, to each other team of the place and each match against it; the group folds it again.
  join level b
    on b.day = a.day
    and b.place = a.place
    and b.slot <> a.slot
  join outcome o
    on o.slot = a.slot
    and o.opponent = b.slot
    and o.day <= a.day
  group by
    a.slot,
    a.day
),
decided as (
  select
    l.slot,
    l.day,
    l.place - 1 + row_number() over (
      partition by l.day, l.place
      order by
        list_select(coalesce(h.figures, [0, 0, 0, 0]), t.criteria_among_level) desc,
        l.position_official
    ) as position_official
  from level l
  -- Keys of one row each: slot, and slot and day; teams that never meet have no row.
  join slot t
    on t.slot = l.slot
  left join head_to_head h
    on h.slot = l.slot
    and h.day = l.day
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
  r.position,
  r.deduction,
  r.points_official,
  coalesce(o.position_official, r.position_official)::integer as position_official,
  r.day = t.last_day as is_final
from ranked r
-- slot and day are keys of these two.
join slot t
  on t.slot = r.slot
join match_day d
  on d.day = r.day
-- At most one row a slot and day.
left join decided o
  on o.slot = r.slot
  and o.day = r.day
