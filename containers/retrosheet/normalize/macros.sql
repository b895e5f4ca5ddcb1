-- A code is a club's for good, but for PH4: the Athletics to 1890, and from 1891 the Quakers, who took their name
-- (Lahman's Teams, PHA and PHQ).
CREATE OR REPLACE MACRO club_of(code, season) AS CASE WHEN code = 'PH4' AND season >= 1891 THEN 'PH4@1891' ELSE code END;
-- All-star teams are in no list of teams in some seasons (TEAM1959).
CREATE OR REPLACE MACRO side_name(code) AS
  CASE code WHEN 'ALS' THEN 'American League All-Stars' WHEN 'NLS' THEN 'National League All-Stars' ELSE code END;
CREATE OR REPLACE MACRO side_kind(code) AS CASE WHEN code IN ('ALS', 'NLS') THEN 'club' ELSE 'franchise' END;
-- The file of a series names it: 1981ALD1.EVE. All others are of the regular season.
CREATE OR REPLACE MACRO series_of(key) AS coalesce(nullif(regexp_extract(key, '/[0-9]{4}([A-Z0-9]+)\.EVE$', 1), ''), 'regular');
CREATE OR REPLACE MACRO result_of(own, other) AS
  CASE WHEN own > other THEN 'won' WHEN own < other THEN 'lost' WHEN own = other THEN 'drawn' END;
