-- A match may be in several archives: of its copies the one with the highest revision counts, whole.
SELECT c.*
FROM claims AS c
SEMI JOIN (
  SELECT match_id, arg_min(_from_key, (_order, _from_key)) AS _from_key FROM own."core.match" GROUP BY match_id
) AS newest USING (match_id, _from_key)
