-- One row a driver and season: everything that the driver did in races and sprints, beside the championship's table.
with
-- Races, and sprints, of which only the points count here.
done as (
  select
    season,
    driver_id,
    count(*) filter (
      session = 'race' and position_text not in ('DNQ', 'DNPQ', 'DNS', 'DNP', 'EX')
    )::integer as starts,
    count(*) filter (session = 'race' and position = 1)::integer as wins,
    count(*) filter (session = 'race' and position <= 3)::integer as podiums,
    sum(points::decimal(9, 2))::double as points_scored
  from racing.result
  group by
    season,
    driver_id
)
select
  season,
  driver_id,
  p.name as driver,
  coalesce(d.starts, 0) as starts,
  coalesce(d.wins, 0) as wins,
  coalesce(d.podiums, 0) as podiums,
  coalesce(d.points_scored, 0.0) as points_scored,
  s.points as points_official,
  s.position as position_official
from done as d
full join racing.driver_standing as s using (season, driver_id) -- one row a driver and season on either side
join core.person as p on p.person_id = driver_id -- one row a person
