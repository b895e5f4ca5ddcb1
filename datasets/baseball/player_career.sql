-- One row a player: the sums of all seasons and stints, and the rates that follow from them.
-- A sum is null only where no stint has the count; rates are made of these sums, never of other rates.
with
appeared as (
  select person_id, season from baseball.batting_season
  union
  select person_id, season from baseball.pitching_season
  union
  select person_id, season from baseball.fielding_season
),
played as (
  select
    person_id,
    min(season) as first_season,
    max(season) as last_season,
    count(*)::integer as seasons
  from appeared
  group by person_id
),
batting as (
  select
    person_id,
    sum(games)::integer as games,
    sum(at_bats)::integer as at_bats,
    sum(runs)::integer as runs,
    sum(hits)::integer as hits,
    sum(doubles)::integer as doubles,
    sum(triples)::integer as triples,
    sum(home_runs)::integer as home_runs,
    sum(runs_batted_in)::integer as runs_batted_in,
    sum(stolen_bases)::integer as stolen_bases,
    sum(caught_stealing)::integer as caught_stealing,
    sum(walks)::integer as walks,
    sum(strikeouts)::integer as strikeouts,
    sum(intentional_walks)::integer as intentional_walks,
    sum(hit_by_pitch)::integer as hit_by_pitch,
    sum(sacrifice_hits)::integer as sacrifice_hits,
    sum(sacrifice_flies)::integer as sacrifice_flies,
    sum(grounded_into_double_plays)::integer as grounded_into_double_plays
  from baseball.batting_season
  group by person_id
),
pitching as (
  select
    person_id,
    sum(wins)::integer as wins,
    sum(losses)::integer as losses,
    sum(games)::integer as games,
    sum(games_started)::integer as games_started,
    sum(complete_games)::integer as complete_games,
    sum(shutouts)::integer as shutouts,
    sum(saves)::integer as saves,
    sum(outs_pitched)::integer as outs_pitched,
    sum(hits)::integer as hits,
    sum(earned_runs)::integer as earned_runs,
    sum(runs)::integer as runs,
    sum(home_runs)::integer as home_runs,
    sum(walks)::integer as walks,
    sum(strikeouts)::integer as strikeouts
  from baseball.pitching_season
  group by person_id
),
honoured as (
  select
    person_id,
    min(season) as hall_of_fame_year
  from baseball.hall_of_fame
  where inducted
  group by person_id
)
select
  a.person_id,
  p.name as player,
  a.first_season,
  a.last_season,
  a.seasons,
  b.games,
  b.at_bats,
  b.runs,
  b.hits,
  b.doubles,
  b.triples,
  b.home_runs,
  b.runs_batted_in,
  b.stolen_bases,
  b.caught_stealing,
  b.walks,
  b.strikeouts,
  b.intentional_walks,
  b.hit_by_pitch,
  b.sacrifice_hits,
  b.sacrifice_flies,
  b.grounded_into_double_plays,
  b.hits / nullif(b.at_bats, 0) as batting_average,
  (coalesce(b.hits, 0) + b.walks + coalesce(b.hit_by_pitch, 0))
    / nullif(b.at_bats + b.walks + coalesce(b.hit_by_pitch, 0) + coalesce(b.sacrifice_flies, 0), 0) as on_base_percentage,
  (b.hits + b.doubles + 2 * b.triples + 3 * b.home_runs) / nullif(b.at_bats, 0) as slugging,
  i.wins as pitching_wins,
  i.losses as pitching_losses,
  i.games as pitching_games,
  i.games_started as pitching_games_started,
  i.complete_games as pitching_complete_games,
  i.shutouts as pitching_shutouts,
  i.saves as pitching_saves,
  i.outs_pitched as pitching_outs_pitched,
  i.hits as pitching_hits,
  i.earned_runs as pitching_earned_runs,
  i.runs as pitching_runs,
  i.home_runs as pitching_home_runs,
  i.walks as pitching_walks,
  i.strikeouts as pitching_strikeouts,
  27 * i.earned_runs / nullif(i.outs_pitched, 0) as earned_run_average,
  h.hall_of_fame_year
from played a
-- One person an id; below one row a person, by their grouping.
join core.person p
  on p.person_id = a.person_id
left join batting b
  on b.person_id = a.person_id
left join pitching i
  on i.person_id = a.person_id
left join honoured h
  on h.person_id = a.person_id
