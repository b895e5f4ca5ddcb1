-- One wide row a football match, played or not, with what was known of both sides before it.
with
-- Both sides of a match in one row.
paired as (
  select
    m.match_id,
    m.competition_id,
    m.season_id,
    m.phase_id,
    m.round,
    m.date,
    m.kickoff_utc,
    m.venue_id,
    m.neutral,
    m.city,
    m.country,
    m.status,
    h.participant_id as home_team_id,
    a.participant_id as away_team_id,
    h.score as home_goals,
    a.score as away_goals,
    h.score_90 as home_goals_90,
    a.score_90 as away_goals_90,
    h.score_ht as home_goals_ht,
    a.score_ht as away_goals_ht,
    h.shootout as home_shootout,
    a.shootout as away_shootout,
    m.status in ('played', 'awarded') and h.score is not null and a.score is not null as has_result,
    h.extra_time or a.extra_time as extra_time,
    -- Who won the shoot-out: by its score, else by what the source says of the winner. It decides a level match only:
    -- after the second leg of a tie it decides the tie, whatever the match ended with.
    case
      when h.score <> a.score then null
      when h.shootout > a.shootout or (h.shootout is null and h.shootout_won) then 'home'
      when h.shootout < a.shootout or (h.shootout is null and a.shootout_won) then 'away'
    end as shootout_winner
  from core.match m
  -- A football match has one home and one away side.
  join core.participation h
    on h.match_id = m.match_id
    and h.side = 'home'
  join core.participation a
    on a.match_id = m.match_id
    and a.side = 'away'
  where m.sport = 'football'
),
sources as (
  select
    match_id,
    list(source order by source) as sources
  from (select distinct match_id, source from core.match_source)
  group by match_id
)
select
  m.match_id,
  c.slug as competition,
  s.label as season,
  if(p.name = 'Regular', null, p.name) as stage,
  m.round,
  m.date,
  m.kickoff_utc,
  m.home_team_id,
  m.away_team_id,
  ht.name as home_team,
  awt.name as away_team,
  m.home_goals,
  m.away_goals,
  m.home_goals_90,
  m.away_goals_90,
  m.home_goals_ht,
  m.away_goals_ht,
  m.home_shootout,
  m.away_shootout,
  m.status,
  case
    when not m.has_result then null
    when m.status = 'awarded' then 'awarded'
    when m.shootout_winner is not null then 'shootout'
    when m.extra_time then 'extra_time'
    else 'regular'
  end as decided_by,
  case
    when not m.has_result then null
    when m.home_goals > m.away_goals or m.shootout_winner = 'home' then m.home_team_id
    when m.home_goals < m.away_goals or m.shootout_winner = 'away' then m.away_team_id
  end as winner_team_id,
  m.neutral,
  coalesce(m.city, v.city) as city,
  coalesce(m.country, v.country) as country,
  o.sources,
  hb.played_before as home_played_before,
  hb.points_before as home_points_before,
  hb.goals_for_before as home_goals_for_before,
  hb.goals_against_before as home_goals_against_before,
  hb.position_before as home_position_before,
  hb.form_5 as home_form_5,
  hb.rest_days as home_rest_days,
  hb.h2h_played_before as home_h2h_played_before,
  hb.h2h_won_before as home_h2h_won_before,
  ab.played_before as away_played_before,
  ab.points_before as away_points_before,
  ab.goals_for_before as away_goals_for_before,
  ab.goals_against_before as away_goals_against_before,
  ab.position_before as away_position_before,
  ab.form_5 as away_form_5,
  ab.rest_days as away_rest_days,
  ab.h2h_played_before as away_h2h_played_before,
  ab.h2h_won_before as away_h2h_won_before
from paired m
-- Each of these joins is by the other table's key, so it cannot fan out.
join core.competition c
  on c.competition_id = m.competition_id
join core.season s
  on s.season_id = m.season_id
join core.team ht
  on ht.team_id = m.home_team_id
join core.team awt
  on awt.team_id = m.away_team_id
left join core.phase p
  on p.phase_id = m.phase_id
left join core.venue v
  on v.venue_id = m.venue_id
left join sources o
  on o.match_id = m.match_id
-- team_match has one row a match and side, none without a result.
left join football.team_match hb
  on hb.match_id = m.match_id
  and hb.side = 'home'
left join football.team_match ab
  on ab.match_id = m.match_id
  and ab.side = 'away'
