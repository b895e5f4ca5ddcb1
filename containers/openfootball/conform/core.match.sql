-- A match without a score up to the newest day of which the source knows a result is one whose result is unknown.
SELECT
  * REPLACE (
    CASE
      WHEN status = 'scheduled' AND date <= (SELECT max(date) FROM claims WHERE status IN ('played', 'awarded')) THEN 'unknown'
      ELSE status
    END AS status
  )
FROM claims
