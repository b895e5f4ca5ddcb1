-- What the mappings of wyscout share. Quirks are cited with file and record (0-based).

-- Texts are escaped twice: `I. Konat\u00e9` has six characters for one (players.json 6), and blanks around some names.
CREATE OR REPLACE MACRO decoded(t) AS trim(
  CASE
    WHEN contains(t, '\u') THEN coalesce(
      TRY(('"' || t || '"')::JSON ->> '$'),
      TRY(('"' || replace(t, '"', '\"') || '"')::JSON ->> '$'),
      t
    )
    ELSE t
  END
);

-- "May 13, 2018 at 4:00:00 PM GMT+2": the day of the match as its own country counts it, up to an hour; `dateutc` is UTC.
CREATE OR REPLACE MACRO day_of(said) AS try_strptime(split_part(said, ' at ', 1), '%B %d, %Y')::DATE;

-- A competition that the reviewed list (lookup/competition.csv) does not know is still one.
CREATE OR REPLACE MACRO slug_of(slug, id) AS coalesce(slug, 'wyscout.' || id);

-- The season's label: the years of its first and its last day, or the year alone. A league of the list keeps its kind of
-- label while only its autumn is known.
CREATE OR REPLACE MACRO season_label(kind, first, last) AS
  CASE
    WHEN kind = 'split' AND month(first) < 7 THEN (year(first) - 1) || '-' || right(year(first)::VARCHAR, 2)
    WHEN kind = 'split' OR (kind IS NULL AND year(first) < year(last))
      THEN year(first) || '-' || right((year(first) + 1)::VARCHAR, 2)
    ELSE year(first)::VARCHAR
  END;

-- The score is that of 90 minutes; that of extra time counts on from it and is 0 where none was played.
CREATE OR REPLACE MACRO final_score(score, score_et, duration) AS
  CASE WHEN duration = 'Regular' THEN score ELSE greatest(score, score_et) END;

-- A minute or a count as text; "0" is no card, "null" nothing.
CREATE OR REPLACE MACRO counted(t) AS coalesce(try_cast(nullif(t, 'null') AS INTEGER), 0);
CREATE OR REPLACE MACRO minute_of(t) AS nullif(counted(t), 0);

CREATE OR REPLACE MACRO club_key(name) AS
  trim(regexp_replace(regexp_replace(lower(name), '^(fc|afc|cf) ', ''), ' (fc|afc|cf)$', ''));

CREATE OR REPLACE MACRO result_of(mine, other) AS
  CASE WHEN mine > other THEN 'won' WHEN mine < other THEN 'lost' WHEN mine = other THEN 'drawn' END;

-- Percent of the pitch in metres; two positions lie beyond the lines (2057974.json, y = 101).
CREATE OR REPLACE MACRO metres(percent, length) AS
  CASE WHEN percent IS NOT NULL THEN round(least(greatest(percent, 0), 100) * length / 100, 2) END;
