-- A row of a table is made of the matches of its team in the season's regular phase, up to its date.
select
  m.match_id
from traced t
-- One competition a slug.
join core.competition c
  on c.slug = t.competition
-- One season a competition and label.
join core.season s
  on s.competition_id = c.competition_id
  and s.label = t.season
-- Fans out: every match so far.
join core.match m
  on m.season_id = s.season_id
  and m.date <= t.date
-- One phase a match.
left join core.phase x
  on x.phase_id = m.phase_id
-- One side of a match is the team.
join core.participation p
  on p.match_id = m.match_id
  and p.participant_id = t.team_id
where coalesce(x.kind, 'regular') = 'regular'
