-- What the mappings of international_results share.
CREATE OR REPLACE MACRO slug_of(tournament) AS
  CASE tournament WHEN 'FIFA World Cup' THEN 'worldcup' ELSE 'intl.' || kebab(tournament) END;
CREATE OR REPLACE MACRO season_of(date) AS year(date)::VARCHAR;
-- (date, home, away) is no key: 1974-02-17 Tahiti-New Caledonia stands twice. The first keeps the plain name.
CREATE OR REPLACE MACRO match_ref(date, home, away) AS date::VARCHAR || '|' || home || '|' || away;
CREATE OR REPLACE MACRO result_of(mine, other) AS
  CASE WHEN mine > other THEN 'won' WHEN mine < other THEN 'lost' WHEN mine = other THEN 'drawn' END;
