SELECT
  game AS match_id,
  unnest([home_club, visitor_club]) AS participant_id,
  'team' AS participant_kind,
  unnest(['home', 'away']) AS side,
  unnest([home_score, visitor_score]) AS score,
  NULL::INTEGER AS score_90,
  NULL::INTEGER AS score_ht,
  NULL::INTEGER AS shootout,
  NULL::BOOLEAN AS shootout_won,
  NULL::BOOLEAN AS extra_time,
  unnest(
    CASE forfeit
      WHEN 'H' THEN ['won', 'lost']
      WHEN 'V' THEN ['lost', 'won']
      WHEN 'T' THEN [NULL, NULL]
      ELSE [result_of(home_score, visitor_score), result_of(visitor_score, home_score)]
    END
  ) AS result,
  NULL::INTEGER AS rank,
  _record
FROM records
