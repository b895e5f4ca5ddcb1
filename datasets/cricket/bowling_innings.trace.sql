-- A bowler's figures are made of the deliveries that he bowled.
select
  d.match_id,
  d.innings,
  d.over,
  d.ball
from traced t
-- Fans out: every delivery of the bowler.
join cricket.delivery d
  on d.match_id = t.match_id
  and d.innings = t.innings
  and d.bowler_id = t.person_id
