SELECT
  match AS match_id,
  'football' AS sport,
  competition AS competition_id,
  competition || '|' || season AS season_id,
  competition || '|' || season || '|' || phase AS phase_id,
  round_said_once AS round,
  date,
  kickoff(date, time) AS kickoff_utc,
  NULL::VARCHAR AS venue_id,
  NULL::BOOLEAN AS neutral,
  coalesce(status, CASE WHEN ft IS NOT NULL OR et IS NOT NULL THEN 'played' ELSE 'scheduled' END) AS status,
  NULL::VARCHAR AS city,
  NULL::VARCHAR AS country,
  phase AS _stage,
  home AS _home,
  away AS _away,
  coalesce(et, ft)[1] || '-' || coalesce(et, ft)[2] AS _score,
  _record,
  CASE
    WHEN dated_wrong THEN {
      'rule': 'wrong year', 'field': 'date', 'was': said_date::VARCHAR, 'becomes': date::VARCHAR,
      'reason': 'the season is not yet at this round in that year'
    }
    WHEN impossible_shootout THEN {
      'rule': 'impossible shoot-out', 'field': 'score.p', 'was': said_p::VARCHAR, 'becomes': NULL,
      'reason': 'a shoot-out has a winner'
    }
    WHEN headed_wrong THEN {
      'rule': 'matchday headed as a play-off', 'field': 'round', 'was': 'Play-Off um 1 Premierleague-Platz:',
      'becomes': 'Matchday 1', 'reason': 'the ten matches of the first day of a league'
    }
  END AS _corrections
FROM records
