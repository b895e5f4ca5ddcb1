-- Forfeits: to the visitors (V), to the home team (H), or to nobody (T: no decision).
SELECT
  *,
  home || strftime(date, '%Y%m%d') || number AS game,
  year(date) AS season,
  club_of(visitor, year(date)) AS visitor_club,
  club_of(home, year(date)) AS home_club
FROM raw
