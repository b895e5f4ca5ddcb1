-- A match's starters, substitutes who came on, and others who were booked or scored; who only sat there did not appear.
-- Who is in no line-up came on as a substitute, if at all.
WITH judged AS (
  SELECT
    *,
    bool_or(started) OVER of_person AS begun,
    count(minute_on) OVER of_person > 0
      OR max(goals) OVER of_person > 0
      OR count(yellow_minute) OVER of_person + count(red_minute) OVER of_person > 0 AS appeared
  FROM claims
  WINDOW of_person AS (PARTITION BY match_id, person_id)
)
SELECT * EXCLUDE (begun, appeared) REPLACE (coalesce(begun, false) AS started) FROM judged WHERE begun OR appeared
