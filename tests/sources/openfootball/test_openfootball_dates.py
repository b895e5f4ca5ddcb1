"""Quirks Q14 to Q17: dates that carry the wrong year, times that are missing, rows that are not in order."""

import pytest

FEEDS = {
    "openfootball": {
        "league/2019-20/en.1.json": [
            ("Matchday 1", "2019-08-09", "Liverpool FC", "Norwich City FC", {"ht": [4, 0], "ft": [4, 1]}),
            ("Matchday 32", "2019-07-01", "Norwich City FC", "Liverpool FC", {"ht": [0, 0], "ft": [0, 4]}),
            ("Matchday 38", "2020-07-26", "Liverpool FC", "Newcastle United FC", [3, 1]),
        ],
        "league/2019-20/en.2.json": [
            ("Finals, Semifinals", "2019-07-26", "Swansea City AFC", "Brentford FC", [1, 0]),
        ],
        "league/2019-20/be.1.json": [("Matchday 1", "2019-07-26", "KRC Genk", "KV Kortrijk", [2, 1])],
        "league/2019-20/uefa.cl.json": [
            ("Qualifying, Preliminary Round", "2019-07-09", "FC Dinamo Tbilisi (GEO)", "FC Saburtalo (GEO)", [1, 2]),
        ],
        "league/2025-26/en.3.json": [
            ("23. Round", "2025-12-29", "Barnsley", "Bolton Wanderers", [1, 0]),
            ("24. Round", "2025-01-01", "Bolton Wanderers", "Northampton Town", [2, 2]),
            ("46. Round", "2025-05-02", "Northampton Town", "Barnsley"),
        ],
        "league/2018-19/ch.1.json": [
            ("Matchday 1", "2018-07-21", "FC Basel", "FC St. Gallen", [1, 2], {"time": "19:00"}),
            ("Matchday 21", "2019-02-09", "FC St. Gallen", "FC Basel", [1, 1]),
            ("Matchday 22", "2019-02-16", "FC Basel", "FC Zürich", [2, 1], {"time": "9:30"}),
        ],
        "league/2018-19/ar.1.json": [
            ("Matchday 1", "2018-08-10", "Lanús", "Defensa y Justicia", [1, 1]),
            ("Matchday 2", "2018-11-20", "Lanús", "Tigre", [1, 1]),
            ("Matchday 3", "2018-08-25", "Defensa y Justicia", "Lanús", [0, 1]),
        ],
    }
}  # fmt: skip


@pytest.fixture(scope="session")
def dates(published):
    def read(key):
        return published(
            "SELECT date::text FROM core.match JOIN core.match_origin USING (match_id) "
            f"WHERE key = '{key}' ORDER BY split_part(record, ' ', 2)::int"
        )

    return read


def test_q14_matches_after_the_break_of_2020_are_not_a_year_early(dates, published):
    assert dates("2019-20/en.1.json") == [("2019-08-09",), ("2020-07-01",), ("2020-07-26",)]
    assert dates("2019-20/en.2.json") == [("2020-07-26",)]
    assert published("SELECT record, was, becomes FROM core.correction WHERE key = '2019-20/en.1.json'") == [
        ("league_match 1", "2019-07-01", "2020-07-01")
    ]


def test_q14_seasons_that_did_begin_in_july_are_left_alone(dates):
    assert dates("2019-20/be.1.json") == [("2019-07-26",)]
    assert dates("2019-20/uefa.cl.json") == [("2019-07-09",)]


def test_q15_the_second_half_of_a_season_is_not_dated_in_the_first_year(dates, published):
    assert dates("2025-26/en.3.json") == [("2025-12-29",), ("2026-01-01",), ("2026-05-02",)]
    rows = published("SELECT rule, count(*) FROM core.correction WHERE key = '2025-26/en.3.json' GROUP BY ALL")
    assert rows == [("wrong year", 2)]


def test_q16_a_missing_time_or_one_without_a_leading_zero_is_no_drift(dates, published):
    assert dates("2018-19/ch.1.json") == [("2018-07-21",), ("2019-02-09",), ("2019-02-16",)]
    assert published("SELECT outcome, count FROM core.account WHERE key = '2018-19/ch.1.json'") == [("used", 3)]


def test_q17_what_is_known_before_a_match_follows_dates_not_the_order_of_rows(published):
    rows = published(
        "SELECT date::text, played_before, points_before FROM football.team_match AS t "
        "JOIN core.team USING (team_id) WHERE competition = 'ar.1' AND name = 'Lanús' ORDER BY date"
    )
    assert rows == [("2018-08-10", 0, 0), ("2018-08-25", 1, 1), ("2018-11-20", 2, 4)]


def test_q18_leagues_give_local_times_without_a_zone_so_no_instant_is_known(published):
    rows = published("SELECT DISTINCT kickoff_utc::text FROM football.match_wide WHERE competition = 'ch.1'")
    assert rows == [(None,)]
