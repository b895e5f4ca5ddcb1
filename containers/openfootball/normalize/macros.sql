-- What the mappings of openfootball share. Quirks are cited with file and record (0-based).

-- "N.N." and "Sieger EF" (2024-25/au.1.json 171, 175); "2A", "W74", "L101", "3A/B/C/D/F" (2026/worldcup.json of 2026-06-21).
CREATE OR REPLACE MACRO is_placeholder(name) AS
  regexp_full_match(name, 'N\.N\.|TBD|Sieger .*|Winner .*|Loser .*|[0-9][A-Z](/[A-Z])*|[WL][0-9]+');

-- Keys are <season>/<code>.json; the code of the Champions League was "cl" until 2020.
CREATE OR REPLACE MACRO season_of(key) AS split_part(key, '/', 1);
CREATE OR REPLACE MACRO code_of(key) AS
  CASE regexp_extract(key, '/([^/]+)\.json$', 1)
    WHEN 'cl' THEN 'uefa.cl'
    ELSE regexp_extract(key, '/([^/]+)\.json$', 1)
  END;

-- A league or not, where the reviewed list (lookup/competition.csv) does not know the code: "xx.1", "xx.2" are leagues.
CREATE OR REPLACE MACRO kind_by_code(code) AS
  CASE WHEN regexp_full_match(code, '[a-z]+\.[0-9]+|mls') THEN 'league' ELSE 'cup' END;

-- Rounds: "Matchday 5", "5. Round", "Jornada 5" and "5^ Giornata" (old files of Spain and Italy), "Regular, Matchday 5", "Finals, Semifinals", "Group A".
CREATE OR REPLACE MACRO round_prefix(round) AS
  CASE WHEN contains(round, ', ') THEN regexp_extract(round, '^(.*), [^,]*$', 1) END;
CREATE OR REPLACE MACRO round_rest(round) AS
  CASE WHEN contains(round, ', ') THEN regexp_extract(round, ', ([^,]*)$', 1) ELSE round END;
CREATE OR REPLACE MACRO matchday(round) AS
  try_cast(coalesce(
    nullif(regexp_extract(round, '^(?:Matchday|Gameweek|Round|Week|Spieltag|Runde|Jornada|Journée|Giornata|Rodada|Fecha|Speelronde|Speeldag|Kolejka|Kolo|Hafta) ([0-9]+)$', 1), ''),
    nullif(regexp_extract(round, '^([0-9]+)[.^ªºa°]? (?:Matchday|Gameweek|Round|Week|Spieltag|Runde|Jornada|Journée|Giornata|Rodada|Fecha|Speelronde|Speeldag|Kolejka|Kolo|Hafta)$', 1), '')
  ) AS INTEGER);
-- One spelling for one thing: Quarterfinals, Quarter-final, Viertelfinale; Match for third place, Third-place play-off.
CREATE OR REPLACE MACRO round_name(round) AS
  CASE
    WHEN matchday(round) IS NOT NULL THEN 'Matchday ' || matchday(round)
    WHEN regexp_full_match(lower(round), 'quarter-?finals?|viertelfinale') THEN 'Quarter-finals'
    WHEN regexp_full_match(lower(round), 'semi-?finals?|halbfinale') THEN 'Semi-finals'
    WHEN regexp_full_match(lower(round), '(match for )?third[- ]place( match| play-off)?') THEN 'Third-place match'
    ELSE round
  END;

-- A season is "2019-20" or a calendar year. Nothing of 2019-20 is played before July 2019, and no league is beyond its
-- 15th round in that July: what is dated so carries the first year for the second. 2019-20/en.1.json 314 (round 32,
-- "2019-07-01") and 194 more of 2019-20; 2025-26/en.3.json 276 (round 24, "2025-01-01") and 275 more.
CREATE OR REPLACE MACRO wrong_year(date, season, kind, phase_kind, number) AS
  regexp_full_match(season, '[0-9]{4}-[0-9]{2}')
  AND year(date) = left(season, 4)::INTEGER
  AND (
    month(date) < 7
    OR (month(date) = 7 AND coalesce(number > 15, kind = 'league' AND phase_kind <> 'qualification'))
  );

-- Kick-off in UTC from "18:00 UTC+3", "20:45 CET", "19:45 UTC±0"; null where no zone is given.
CREATE OR REPLACE MACRO utc_offset(time) AS
  CASE
    WHEN regexp_matches(time, ' CEST$') THEN 2
    WHEN regexp_matches(time, ' CET$') THEN 1
    WHEN regexp_matches(time, ' UTC[+-][0-9]+$') THEN try_cast(regexp_extract(time, 'UTC([+-][0-9]+)$', 1) AS INTEGER)
    WHEN regexp_matches(time, ' (UTC(±0)?|GMT)$') THEN 0
  END;
CREATE OR REPLACE MACRO kickoff(date, time) AS
  ((date + try_cast(lpad(regexp_extract(time, '^([0-9]{1,2}:[0-9]{2})', 1), 5, '0') || ':00' AS TIME))
    - to_hours(utc_offset(time))) AT TIME ZONE 'UTC';

-- Clubs: "Chelsea FC (ENG)" carries a country, "Chelsea FC" and "Chelsea" are the same club within one country.
CREATE OR REPLACE MACRO country_code(name) AS nullif(regexp_extract(name, ' \(([A-Z]{3})\)$', 1), '');
CREATE OR REPLACE MACRO without_country(name) AS regexp_replace(name, ' \([A-Z]{3}\)$', '');
CREATE OR REPLACE MACRO club_key(name) AS
  trim(regexp_replace(regexp_replace(lower(without_country(name)), '^(fc|afc|cf) ', ''), ' (fc|afc|cf)$', ''));

CREATE OR REPLACE MACRO pair(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN [a, b] END;
CREATE OR REPLACE MACRO result_of(mine, other) AS
  CASE WHEN mine > other THEN 'won' WHEN mine < other THEN 'lost' WHEN mine = other THEN 'drawn' END;
