SELECT
  *,
  year(date) AS season,
  series_of(_key) AS series,
  club_of(visitor, year(date)) AS visitor_club,
  club_of(home, year(date)) AS home_club
FROM raw
