-- One row a match of a league or club cup file, parsed once for all mappings of this record set.
WITH placed AS (
  SELECT
    r.*,
    code_of(_key) AS competition,
    season_of(_key) AS season,
    -- 2015-16/en.1.json of 2016-08-28, records 0 to 9, the first day: "Play-Off um 1 Premierleague-Platz:".
    coalesce(round_name = 'Play-Off um 1 Premierleague-Platz:', false) AS headed_wrong,
    CASE
      WHEN round_name = 'Play-Off um 1 Premierleague-Platz:' THEN 'Matchday 1'
      ELSE coalesce(round, round_name)
    END AS said_round
  FROM raw AS r
),
phased AS (
  SELECT
    p.*,
    coalesce(c.kind, kind_by_code(competition)) AS competition_kind,
    c.country AS country,
    matchday(round_rest(said_round)) AS number,
    coalesce(stage, round_prefix(said_round)) AS said_phase
  FROM placed AS p
  LEFT JOIN lookup.competition AS c ON c.code = p.competition  -- codes are unique in the list
),
named AS (
  SELECT
    p.* EXCLUDE (round_name),
    CASE
      WHEN said_phase IS NULL AND regexp_full_match(said_round, 'Group [A-Z0-9]+') THEN said_round
      WHEN said_phase IS NULL AND number IS NOT NULL THEN 'Regular'
      WHEN said_phase IS NULL THEN 'Finals'
      ELSE said_phase
    END AS phase,
    CASE WHEN regexp_full_match(said_round, 'Group [A-Z0-9]+') THEN said_round
         ELSE round_name(round_rest(said_round)) END AS round_said_once
  FROM phased AS p
),
kinded AS (
  SELECT
    n.*,
    CASE
      WHEN phase LIKE 'Group%' OR (phase = 'League' AND competition_kind <> 'league') THEN 'group'
      WHEN phase LIKE 'Qualif%' THEN 'qualification'
      WHEN competition_kind <> 'league' THEN 'knockout'
      -- Unlabelled, or half a season of its own: these count in the table. What carries another label (Championship,
      -- Relegation, Europe, Playoffs …) is a phase of its own.
      WHEN number IS NOT NULL
        AND regexp_full_match(phase, 'Regular|League|Apertura|Clausura|Opening|Closing|[12]° Semestre|Torneo .*')
        THEN 'regular'
      ELSE 'playoff'
    END AS phase_kind
  FROM named AS n
),
dated AS (
  SELECT
    k.*,
    wrong_year(date, season, competition_kind, phase_kind, number) AS dated_wrong
  FROM kinded AS k
),
scored AS (
  SELECT
    d.* EXCLUDE (status, ft, et, p, ht, date),
    date AS said_date,
    CASE WHEN dated_wrong THEN (date + INTERVAL 1 YEAR)::DATE ELSE date END AS date,
    CASE WHEN status = 'canceled' THEN 'cancelled' ELSE status END AS status,
    coalesce(ft, pair(score1, score2)) AS said_ft,
    ht AS said_ht,
    et AS said_et,
    p AS said_p
  FROM dated AS d
)
SELECT
  s.* EXCLUDE (said_ft, said_ht, said_et, said_p),
  _key || '#' || _at AS match,
  team_ref(team1, competition, season, date) AS home,
  team_ref(team2, competition, season, date) AS away,
  -- Fixtures that were called off have no result, whatever stands there.
  CASE WHEN status IN ('cancelled', 'postponed', 'abandoned') THEN NULL ELSE said_ft END AS ft,
  -- Half-time is left out of matches without a goal (2010-11/at.1.json 2): no goal by the end is none by half-time.
  CASE
    WHEN status IN ('cancelled', 'postponed', 'abandoned', 'awarded') THEN NULL
    ELSE coalesce(said_ht, CASE WHEN said_ft = [0, 0] THEN [0, 0] END)
  END AS ht,
  -- Extra time was played in this match even where it decided a tie of two legs (2011-12/uefa.cl.json 110: 3-1, 4-1).
  CASE WHEN status IN ('cancelled', 'postponed', 'abandoned') THEN NULL ELSE said_et END AS et,
  -- A shoot-out has a winner: 4-4 (2024-25/uefa.cl.json 169 and 174) cannot be, and is not published.
  CASE WHEN said_p[1] <> said_p[2] THEN said_p END AS p,
  said_p[1] = said_p[2] AS impossible_shootout,
  said_p AS said_p
FROM scored AS s
