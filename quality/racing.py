"""What must hold of racing beyond what the contracts of its datasets imply.

Critical is what cannot be, or what was made wrongly; a warning is about what a source may yet mend: standings that do not
add up while a season is on.
"""

from collections.abc import Iterator

from fieldhouse.stages.audit.checks import Look, check, no_rows

#: Datasets without rows that are no mistake, and why.
MAY_BE_EMPTY = {
    "racing.driver_season": "the lake's sources may know no racing; every_result_is_in_its_season finds what is lost",
}
#: From this season on all results count, so that what is scored is what is official.
ALL_COUNT = 1991


@check("racing.result")
def places_of_a_race_are_counted() -> Iterator[Look]:
    """The list of a session's entries is numbered from 1 without a gap, and its positions begin at 1."""
    yield no_rows("""
        SELECT match_id, season, round, session, min(place) AS first, max(place) AS last, count(*) AS entries
        FROM {batch}
        GROUP BY match_id, season, round, session
        HAVING min(place) <> 1
          OR max(place) <> count(*)
          OR count(DISTINCT place) <> count(*)
          OR coalesce(min(position), 1) <> 1
    """)


@check("racing.result")
def only_shared_cars_share_a_place() -> Iterator[Look]:
    """Two drivers of one session have the same position only in one car, which has a constructor and a number."""
    yield no_rows("""
        SELECT match_id, season, round, session, position, count(*) AS drivers
        FROM {batch}
        WHERE position IS NOT NULL
        GROUP BY match_id, season, round, session, position
        HAVING count(*) > 1 AND (NOT bool_or(shared_car) OR count(DISTINCT constructor_id) > 1)
    """)


@check("racing.result")
def a_place_says_its_number() -> Iterator[Look]:
    """A position is the number that its text says, and a text that is none has no position."""
    yield no_rows("""
        SELECT match_id, driver_id, position, position_text
        FROM {batch}
        WHERE coalesce(position::VARCHAR, '') <> CASE WHEN position_text SIMILAR TO '[0-9]+' THEN position_text ELSE '' END
    """)


@check("racing.result")
def a_race_has_its_row() -> Iterator[Look]:
    """Every result is of a race that is known, in its season and round."""
    yield no_rows("""
        SELECT r.match_id, r.season, r.round
        FROM {batch} AS r
        LEFT JOIN racing.race AS k ON k.match_id = r.match_id
        WHERE k.match_id IS NULL OR (k.season, k.round) <> (r.season, r.round)
    """)


@check("racing.race")
def rounds_are_counted() -> Iterator[Look]:
    """The rounds of a season are numbered from 1 without a gap."""
    yield no_rows("""
        SELECT season, min(round) AS first, max(round) AS last, count(*) AS races
        FROM {batch}
        GROUP BY season
        HAVING min(round) <> 1 OR max(round) <> count(*) OR count(DISTINCT round) <> count(*)
    """)


@check("racing.driver_standing")
def one_driver_leads() -> Iterator[Look]:
    """A season's table has one leader, whom nobody outscores."""
    yield no_rows("""
        SELECT season, count(*) FILTER (position = 1) AS leaders
        FROM {batch}
        GROUP BY season
        HAVING count(*) FILTER (position = 1) <> 1
          OR max(points) FILTER (position IS NOT NULL) > max(points) FILTER (position = 1)
    """)


@check("racing.driver_season")
def every_result_is_in_its_season() -> Iterator[Look]:
    """Who was entered for a race, or stands in a table, has the row of that season."""
    yield no_rows("""
        SELECT season, driver_id
        FROM (SELECT season, driver_id FROM racing.result UNION SELECT season, driver_id FROM racing.driver_standing)
        ANTI JOIN {batch} USING (season, driver_id)
    """)


@check("racing.driver_season")
def wins_are_the_winners() -> Iterator[Look]:
    """All wins of a season together are its winning drivers, shared cars included."""
    yield no_rows("""
        SELECT season, wins, winners
        FROM (SELECT season, sum(wins) AS wins FROM {batch} GROUP BY season)
        LEFT JOIN (
          SELECT season, count(*) AS winners FROM racing.result WHERE session = 'race' AND position = 1 GROUP BY season
        ) USING (season)
        WHERE wins <> coalesce(winners, 0)
    """)


@check("racing.driver_season")
def more_never_counts_than_was_scored() -> Iterator[Look]:
    """Points that count were scored."""
    yield no_rows("""
        SELECT season, driver, points_scored, points_official
        FROM {batch}
        WHERE points_official > points_scored + 0.005
    """)


@check("racing.driver_season", severity="warning")
def all_points_count() -> Iterator[Look]:
    """From 1991 on every driver's official points are those scored, sprints included; before, only the best results counted."""
    yield no_rows(f"""
        SELECT season, driver, points_scored, points_official
        FROM {{batch}}
        WHERE season >= {ALL_COUNT} AND abs(coalesce(points_official, 0) - points_scored) > 0.005
    """)
