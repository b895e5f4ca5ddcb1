-- A scorer's row is made of the goals that count for its key in the season.
select
  g.match_id,
  g.goal_no
from traced t
-- One competition a slug.
join core.competition c
  on c.slug = t.competition
-- One season a competition and label.
join core.season s
  on s.competition_id = c.competition_id
  and s.label = t.season
-- Fans out: every match of the season.
join core.match m
  on m.season_id = s.season_id
-- Fans out: every goal of the key.
join football.goal g
  on g.match_id = m.match_id
  and not g.own_goal
  and coalesce(g.scorer_id, g.team_id || '|' || g.scorer) = t.scorer_key
