-- Every match with a result, seen from each of its two sides, with what was known of the side before the match's date.
-- "Before" is strictly before the date: two matches of a team on one day do not see each other, whatever their order.
with
-- The declared rule of each season; a rule of the competition itself goes before the general one (*).
season_rule as (
  select
    s.season_id,
    c.slug as competition,
    s.label as season,
    r.points_win,
    r.points_draw,
    row_number() over (order by s.season_id)::integer as season_no
  from core.season s
  -- One competition a season: competition_id is its key.
  join core.competition c
    on c.competition_id = s.competition_id
  -- Several rules may hold for a season; qualify keeps one of them.
  left join football.rule r
    on r.competition in (c.slug, '*')
    and s.label between r.first_season and r.last_season
  where c.sport = 'football'
  qualify row_number() over (partition by s.season_id order by r.competition = '*', r.first_season desc) = 1
),
-- Windows over small numbers are several times faster than over texts.
team as (
  select
    team_id,
    row_number() over (order by team_id)::integer as team_no
  from core.team
  where sport = 'football'
),
-- Matches are numbered in order of time.
played as (
  select
    m.match_id,
    m.date,
    row_number() over (order by m.date, m.kickoff_utc, m.match_id)::integer as match_no,
    s.season_no,
    s.points_win,
    s.points_draw,
    h.score as home_goals,
    a.score as away_goals,
    hn.team_no as home_no,
    an.team_no as away_no
  from core.match m
  -- Keys of one row each: season_id, and below team_id.
  join season_rule s
    on s.season_id = m.season_id
  -- A football match has one home and one away side.
  join core.participation h
    on h.match_id = m.match_id
    and h.side = 'home'
  join core.participation a
    on a.match_id = m.match_id
    and a.side = 'away'
  join team hn
    on hn.team_id = h.participant_id
  join team an
    on an.team_id = a.participant_id
  where m.status in ('played', 'awarded')
    and h.score is not null
    and a.score is not null
),
side as (
  select
    match_no,
    date,
    season_no,
    home_no as team_no,
    away_no as opponent_no,
    true as home,
    home_goals as goals_for,
    away_goals as goals_against,
    case
      when home_goals > away_goals then points_win
      when home_goals = away_goals then points_draw
      else 0
    end as points,
    case
      when home_goals > away_goals then 3
      when home_goals = away_goals then 1
      else 0
    end as form
  from played
  union all
  select
    match_no,
    date,
    season_no,
    away_no,
    home_no,
    false,
    away_goals,
    home_goals,
    case
      when away_goals > home_goals then points_win
      when away_goals = home_goals then points_draw
      else 0
    end,
    case
      when away_goals > home_goals then 3
      when away_goals = home_goals then 1
      else 0
    end
  from played
),
-- The few matches before which the team played on the same date already.
again as (
  select
    s.match_no,
    s.team_no,
    count(*) as earlier_today
  from side s
  -- Fans out on purpose, to each earlier match of the date; the group counts them.
  join side e
    on e.team_no = s.team_no
    and e.date = s.date
    and e.match_no < s.match_no
  group by
    s.match_no,
    s.team_no
),
history as (
  select
    s.match_no,
    s.date,
    s.season_no,
    s.team_no,
    s.opponent_no,
    s.home,
    s.goals_for,
    s.goals_against,
    s.points,
    count(*) over in_season as played_before,
    sum(s.points) over in_season as points_before,
    sum(s.goals_for) over in_season as goals_for_before,
    sum(s.goals_against) over in_season as goals_against_before,
    lag(s.date, 1 + coalesce(g.earlier_today, 0)) over life as last_date,
    sum(s.form) over (
      life
      rows between 5 + coalesce(g.earlier_today, 0) preceding and 1 + coalesce(g.earlier_today, 0) preceding
    ) as form_5,
    count(*) over against as h2h_played_before,
    count(*) filter (s.goals_for > s.goals_against) over against as h2h_won_before
  from side s
  -- One row a match and team.
  left join again g
    on g.match_no = s.match_no
    and g.team_no = s.team_no
  window
    -- "exclude group" leaves out the rows of the same date, this one included.
    in_season as (
      partition by s.season_no, s.team_no
      order by s.date
      range between unbounded preceding and current row exclude group
    ),
    against as (
      partition by s.team_no, s.opponent_no
      order by s.date
      range between unbounded preceding and current row exclude group
    ),
    life as (partition by s.team_no order by s.match_no)
),
-- Tables in small numbers.
placed as (
  select
    s.season_no,
    n.team_no,
    t.date,
    t.position
  from football.standing t
  -- Competition and season name one season; team_id is a key.
  join season_rule s
    on s.competition = t.competition
    and s.season = t.season
  join team n
    on n.team_id = t.team_id
),
-- For each date of a season's matches the last date with a table before it.
table_date as (
  select
    d.season_no,
    d.date,
    max(d.table_date) over (
      partition by d.season_no
      order by d.date
      rows between unbounded preceding and 1 preceding
    ) as table_date
  from (
    select
      e.season_no,
      e.date,
      max(e.table_date) as table_date
    from (
      select
        season_no,
        date,
        date as table_date
      from placed
      where position = 1 -- one row a table
      union all
      select
        season_no,
        date,
        null
      from played
    ) e
    group by
      e.season_no,
      e.date
  ) d
)
select
  m.match_id,
  t.team_id,
  s.competition,
  s.season,
  h.date,
  o.team_id as opponent_id,
  if(h.home, 'home', 'away') as side,
  h.goals_for,
  h.goals_against,
  case
    when h.goals_for > h.goals_against then 'won'
    when h.goals_for = h.goals_against then 'drawn'
    else 'lost'
  end as result,
  h.points,
  h.played_before::integer as played_before,
  coalesce(h.points_before, 0)::integer as points_before,
  coalesce(h.goals_for_before, 0)::integer as goals_for_before,
  coalesce(h.goals_against_before, 0)::integer as goals_against_before,
  p.position as position_before,
  h.form_5::integer as form_5,
  (h.date - h.last_date)::integer as rest_days,
  h.h2h_played_before::integer as h2h_played_before,
  h.h2h_won_before::integer as h2h_won_before
from history h
-- Keys of one row each: match_no, season_no, team_no (twice), season_no and date.
join played m
  on m.match_no = h.match_no
join season_rule s
  on s.season_no = h.season_no
join team t
  on t.team_no = h.team_no
join team o
  on o.team_no = h.opponent_no
join table_date d
  on d.season_no = h.season_no
  and d.date = h.date
-- One row a season, date and team: the grain of standing.
left join placed p
  on p.season_no = h.season_no
  and p.date = d.table_date
  and p.team_no = h.team_no
