-- What the mappings of f1db share. Keys are paths below the archive's root: src/data/seasons/2024/races/01-bahrain/race.yml.

CREATE OR REPLACE MACRO season_of(key) AS split_part(key, '/', 4)::INTEGER;
-- A race's folder is its id among f1db's files: results and race.yml lie in it. The id that never changes stands in race.yml.
CREATE OR REPLACE MACRO race_of(key) AS split_part(key, '/', 4) || '/' || split_part(key, '/', 6);
CREATE OR REPLACE MACRO round_of(key) AS split_part(split_part(key, '/', 6), '-', 1)::INTEGER;

-- A place is a number; DNF, DSQ and the like are why there is none.
CREATE OR REPLACE MACRO place(position) AS try_cast(position AS INTEGER);
-- "+1 lap", "+2 laps": how far behind the winner in whole laps; other gaps are times.
CREATE OR REPLACE MACRO laps_behind(gap) AS try_cast(regexp_extract(gap, '^[+]([0-9]+) laps?$', 1) AS INTEGER);
-- "1:42:12.390", "30:07.209", "+1:02.100", "+0.500" in seconds.
CREATE OR REPLACE MACRO seconds(said) AS
  CASE WHEN regexp_full_match(said, '[+]?([0-9]+:){0,2}[0-9]+[.][0-9]+')
    THEN list_reduce(
      list_transform(string_split(ltrim(said, '+'), ':'), lambda part: part::DECIMAL(12, 3)),
      lambda whole, part: (whole * 60 + part)::DECIMAL(12, 3)
    )::DOUBLE
  END;
-- "1,3-4,8": the first and the last round of a list of ranges.
CREATE OR REPLACE MACRO rounds_of(rounds) AS
  list_sort(list_distinct(flatten(list_transform(
    string_split(replace(rounds, ' ', ''), ','),
    lambda part: range(split_part(part, '-', 1)::INTEGER, coalesce(try_cast(split_part(part, '-', 2) AS INTEGER), split_part(part, '-', 1)::INTEGER) + 1)
  ))));
