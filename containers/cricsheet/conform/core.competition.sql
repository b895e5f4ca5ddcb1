-- Events of men and of women may have one name.
SELECT
  * REPLACE (
    CASE
      WHEN min(gender) OVER (PARTITION BY competition_id) = max(gender) OVER (PARTITION BY competition_id) THEN gender
      ELSE 'mixed'
    END AS gender,
    min(kind) OVER (PARTITION BY competition_id) AS kind
  )
FROM claims
