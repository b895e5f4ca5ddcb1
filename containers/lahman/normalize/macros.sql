-- The league "NA", the National Association of 1871 to 1875, was read as a missing value before the tables became Parquet:
-- all 50 team seasons and 737 batting rows without a league are of these years (Teams, Batting). Later ones are unknown.
CREATE OR REPLACE MACRO league_of(league, season) AS
  CASE WHEN league IS NULL AND season BETWEEN 1871 AND 1875 THEN 'NA' ELSE league END;
CREATE OR REPLACE MACRO league_repair(league, season) AS
  CASE WHEN league IS NULL AND season BETWEEN 1871 AND 1875 THEN {
    'rule': 'league NA lost',
    'field': 'league',
    'was': NULL::VARCHAR,
    'becomes': 'NA',
    'reason': 'The National Association was taken for a missing value upstream.'
  } END;
-- A part of a date that upstream does not know is 0 or missing (deathMonth, deathDay of People).
CREATE OR REPLACE MACRO month_of(value) AS CASE WHEN value BETWEEN 1 AND 12 THEN value::SMALLINT END;
CREATE OR REPLACE MACRO day_of(value) AS CASE WHEN value BETWEEN 1 AND 31 THEN value::SMALLINT END;
