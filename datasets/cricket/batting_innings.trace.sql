-- A batter's innings is made of the deliveries at which he stood at either end, or was out.
select
  d.match_id,
  d.innings,
  d.over,
  d.ball
from traced t
-- Fans out: every delivery of the batter's stay.
join cricket.delivery d
  on d.match_id = t.match_id
  and d.innings = t.innings
where t.person_id in (d.batter_id, d.non_striker_id)
  or list_contains(d.players_out, t.person_id)
