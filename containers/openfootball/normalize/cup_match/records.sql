-- One row a match of a World Cup, Club World Cup or qualifying play-off file, parsed once for all mappings of the set.
WITH placed AS (
  SELECT
    r.* EXCLUDE (round_name),
    CASE
      WHEN _key LIKE '%/clubworldcup.json' THEN 'clubworldcup'
      WHEN _key LIKE '%/worldcup.quali_playoffs.json' THEN 'intl.fifa-world-cup-qualification'
      ELSE 'worldcup'
    END AS competition,
    coalesce(round, round_name) AS said_round
  FROM raw AS r
),
named AS (
  SELECT
    p.*,
    -- Internationals' seasons are calendar years, so a qualifying play-off of March 2026 belongs to 2026.
    CASE WHEN competition LIKE 'intl.%' THEN year(date)::VARCHAR ELSE season_of(_key) END AS season,
    -- The group is in its own field, in the round of the Club World Cup ("Group A"), or in neither.
    coalesce("group", CASE WHEN regexp_full_match(said_round, 'Group [A-Z0-9]+') THEN said_round END) AS said_group,
    round_name(said_round) AS round_said_once,
    CASE WHEN status = 'canceled' THEN 'cancelled' ELSE status END AS said_status,
    coalesce(ft, pair(score1, score2), score_list) AS said_ft,
    coalesce(ht, pair(score1i, score2i)) AS said_ht,
    coalesce(et, pair(score1et, score2et)) AS said_et,
    coalesce(p, pair(score1p, score2p)) AS said_p
  FROM placed AS p
)
SELECT
  n.* EXCLUDE (status, ft, ht, et, p, ground),
  _key || '#' || _at AS match,
  competition = 'clubworldcup' AS clubs,
  CASE
    WHEN competition LIKE 'intl.%' THEN regexp_extract(said_round, '^(.*), [^,]*$', 1)
    WHEN said_round LIKE 'Qualif%' THEN 'Qualification'
    WHEN said_group IS NOT NULL THEN said_group
    WHEN said_round = 'Final Round' THEN 'Final Round'
    ELSE 'Finals'
  END AS phase,
  CASE
    WHEN competition LIKE 'intl.%' OR said_round LIKE 'Qualif%' THEN 'qualification'
    WHEN said_group IS NOT NULL OR said_round = 'Final Round' THEN 'group'
    WHEN regexp_matches(said_round, 'Group .* Play-off') THEN 'playoff'
    ELSE 'knockout'
  END AS phase_kind,
  team_ref(team1, competition, season, date) AS home,
  team_ref(team2, competition, season, date) AS away,
  said_status AS status,
  coalesce(ground, CASE WHEN stadium IS NOT NULL THEN concat_ws(', ', stadium, city) END) AS ground,
  CASE WHEN said_status IN ('cancelled', 'postponed', 'abandoned') THEN NULL ELSE said_ft END AS ft,
  CASE WHEN said_status IS NULL THEN coalesce(said_ht, CASE WHEN said_ft = [0, 0] THEN [0, 0] END) END AS ht,
  CASE WHEN said_status IN ('cancelled', 'postponed', 'abandoned') THEN NULL ELSE said_et END AS et,
  CASE WHEN said_p[1] <> said_p[2] THEN said_p END AS p,
  CASE WHEN timezone LIKE 'UTC%' THEN time || ' ' || timezone ELSE time END AS zoned_time
FROM named AS n
