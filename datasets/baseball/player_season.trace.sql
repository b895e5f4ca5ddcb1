-- A row is made of all that is known of the player in that season, whatever the team.
select
  person_id,
  season
from traced
