-- What the mappings of cricsheet share. Quirks are cited with the file.

-- The match is known by the name of its file: there is no id inside.
CREATE OR REPLACE MACRO match_of(key) AS regexp_extract(key, '([^/]+)\.json$', 1);
-- Teams have no ids; India's women and men are two teams of one name.
CREATE OR REPLACE MACRO gender_of(said) AS CASE said WHEN 'male' THEN 'men' WHEN 'female' THEN 'women' END;
CREATE OR REPLACE MACRO team_of(name, said) AS name || '|' || gender_of(said);
-- "retired hurt" and "retired not out" end a batter's stay, but are no wicket.
CREATE OR REPLACE MACRO is_wicket(kind) AS kind NOT IN ('retired hurt', 'retired not out');
-- "Super 12", "Group Stage", "League" are groups; finals, eliminators, qualifiers, play-offs for a place are not.
CREATE OR REPLACE MACRO is_group_stage(stage) AS
  coalesce(regexp_full_match(lower(stage), '(super|group|league|pool|preliminary|first round|second round|round).*'), false);
CREATE OR REPLACE MACRO group_name(said) AS CASE WHEN regexp_full_match(said, '[A-Z]|[0-9]+') THEN 'Group ' || said ELSE said END;
-- Two sides that meet are a series ("India tour of England", "Women's Ashes"); nothing in the files says what an event is.
CREATE OR REPLACE MACRO kind_of(event, team_type) AS
  CASE
    WHEN team_type = 'club' THEN 'league'
    WHEN regexp_matches(event, '\btour of\b|\bSeries$|\bAshes\b') THEN 'series'
    ELSE 'tournament'
  END;
