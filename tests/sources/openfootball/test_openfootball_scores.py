"""Quirks Q5 to Q13: half-time left out, ties of two legs, shoot-outs, rulings, and scores that are not there."""

import pytest

FEEDS = {
    "openfootball": {
        "league/2010-11/at.1.json": [
            ("Matchday 1", "2010-07-17", "Left out", "Goalless", [0, 0]),
            ("Matchday 1", "2010-07-17", "Kept", "Goalless", {"ht": [0, 0], "ft": [0, 0]}),
            ("Matchday 1", "2010-07-18", "Known", "Beaten", {"ht": [1, 0], "ft": [2, 0]}),
            ("Matchday 2", "2010-07-24", "Unknown", "Beaten", [2, 1]),
            ("Matchday 2", "2010-07-24", "Ruled", "Goalless", [0, 0], {"status": "awarded"}),
        ],
        "league/2011-12/uefa.cl.json": [
            ("Knockout, Round of 16", "2012-03-14", "Chelsea FC (ENG)", "SSC Napoli (ITA)", {"ft": [3, 1], "et": [4, 1]}),
            ("Knockout, Round of 16", "2012-03-07", "APOEL FC (CYP)", "Olympique Lyon (FRA)",
             {"ht": [1, 0], "ft": [1, 0], "et": [1, 0], "p": [4, 3]}),
            ("Knockout, Final", "2012-05-19", "FC Bayern München (GER)", "Chelsea FC (ENG)",
             {"ht": [0, 0], "ft": [1, 1], "et": [1, 1], "p": [3, 4]}),
        ],
        "league/2020-21/mx.1.json": [
            ("Playoffs, Reclasificación", "2020-11-21", "Club León", "Puebla FC", {"ht": [1, 0], "ft": [2, 2], "p": [4, 3]}),
        ],
        "league/2024-25/uefa.cl.json": [
            ("Finals, Round of 16", "2025-03-11", "Liverpool FC (ENG)", "Paris Saint-Germain FC (FRA)",
             {"ht": [0, 1], "ft": [0, 1], "et": [0, 1], "p": [4, 4]}),
        ],
        "league/2018-19/be.1.json": [
            ("Matchday 30", "2019-03-17", "Standard", "Lokeren", [5, 0], {"status": "awarded"}),
            ("Matchday 29", "2019-03-10", "Lokeren", "Standard", {"ht": [0, 1], "ft": [0, 2]}),
        ],
        "league/2016-17/fr.1.json": [
            ("Matchday 33", "2017-04-16", "SC Bastia", "Olympique Lyonnais", [0, 0], {"status": "awarded"}),
            ("Matchday 34", "2017-04-23", "Olympique Lyonnais", "AS Monaco", {"ht": [0, 2], "ft": [1, 2]}),
        ],
        "league/2024-25/es.1.json": [
            ("Matchday 1", "2024-08-15", "Athletic Club", "Getafe CF", {"ht": [1, 0], "ft": [1, 1]}),
            ("Matchday 38", "2025-05-24", "Getafe CF", "Athletic Club"),
        ],
        "league/2026-27/es.1.json": [("Matchday 38", "2027-05-30", "Getafe CF", "Athletic Club")],
        "league/2019-20/en.4.json": [
            ("Matchday 1", "2019-08-03", "Swindon Town", "Exeter City", {"ht": [1, 0], "ft": [2, 0]}),
            ("Matchday 2", "2019-08-10", "Exeter City", "Crewe Alexandra", [1, 1]),
            ("Matchday 46", "2020-04-25", "Crewe Alexandra", "Swindon Town", None, {"status": "cancelled"}),
            ("Matchday 46", "2020-04-25", "Exeter City", "Swindon Town", [0, 0], {"status": "cancelled"}),
        ],
        "league/2025-26/en.2.json": [
            ("Matchday 1", "2025-08-09", "Hull City AFC", "Oxford United FC", [1, 0]),
            ("Matchday 2", "2025-08-16", "Oxford United FC", "Hull City AFC", None, {"status": "postponed"}),
            ("Matchday 3", "2025-08-23", "Oxford United FC", "Millwall FC", [1, 0], {"status": "abandoned"}),
        ],
        "league/2019-20/fr.1.json": [
            ("Matchday 1", "2019-08-10", "Olympique Lyonnais", "RC Lens", {"ht": [1, 0], "ft": [1, 0]}),
            ("Matchday 2", "2019-08-17", "RC Lens", "Stade Brestois 29", {"ht": [2, 0], "ft": [2, 0]}),
            ("Matchday 3", "2019-08-24", "RC Lens", "Olympique Lyonnais", None, {"status": "cancelled"}),
            ("Matchday 4", "2019-08-31", "Stade Brestois 29", "RC Lens", {"ht": [1, 0], "ft": [1, 0]}),
        ],
    }
}  # fmt: skip


@pytest.fixture(scope="session")
def wide(published):
    def read(competition, season, home, columns):
        where = f"competition = '{competition}' AND season = '{season}' AND home_team LIKE '{home}%'"
        rows = published(f"SELECT {columns} FROM football.match_wide WHERE {where} ORDER BY date")
        assert len(rows) == 1, rows
        return rows[0]

    return read


HALF_TIME = "home_goals_ht, away_goals_ht"


def test_q05_half_time_left_out_of_goalless_matches_is_goalless(wide):
    assert wide("at.1", "2010-11", "Left out", HALF_TIME) == (0, 0)
    assert wide("at.1", "2010-11", "Kept", HALF_TIME) == (0, 0)
    assert wide("at.1", "2010-11", "Known", HALF_TIME) == (1, 0)


def test_q06_half_time_that_nobody_wrote_down_is_unknown_and_a_ruling_has_none(wide):
    assert wide("at.1", "2010-11", "Unknown", HALF_TIME) == (None, None)
    assert wide("at.1", "2010-11", "Ruled", HALF_TIME) == (None, None)


def test_q07_what_decides_a_tie_of_two_legs_does_not_decide_the_match(published, wide):
    score = "home_goals_90, away_goals_90, home_goals, away_goals, decided_by, winner_team_id = home_team_id"
    assert wide("uefa.cl", "2011-12", "Chelsea", score) == (3, 1, 4, 1, "extra_time", True)
    lost_on_kicks = wide("uefa.cl", "2011-12", "APOEL", f"{score}, home_shootout, away_shootout")
    assert lost_on_kicks == (1, 0, 1, 0, "extra_time", True, 4, 3)
    final = wide("uefa.cl", "2011-12", "%Bayern", f"{score}, home_shootout, away_shootout")
    assert final == (1, 1, 1, 1, "shootout", False, 3, 4)
    results = published(
        "SELECT result FROM core.participation JOIN core.match USING (match_id) WHERE date = '2012-05-19' ORDER BY side"
    )
    assert results == [("drawn",), ("drawn",)]


def test_q08_a_shootout_straight_after_ninety_minutes(wide):
    columns = "home_goals, away_goals, decided_by, winner_team_id = home_team_id, home_shootout, away_shootout"
    assert wide("mx.1", "2020-21", "Club León", columns) == (2, 2, "shootout", True, 4, 3)


def test_q09_an_impossible_shootout_is_set_aside_and_the_match_stays(published, wide):
    columns = "status, home_goals, away_goals, home_shootout, away_shootout, winner_team_id = away_team_id"
    assert wide("uefa.cl", "2024-25", "Liverpool", columns) == ("played", 0, 1, None, None, True)
    rows = published(
        "SELECT record, field, was, becomes FROM core.correction "
        "WHERE rule = 'impossible shoot-out' AND key = '2024-25/uefa.cl.json'"
    )
    assert rows == [("league_match 0", "score.p", "[4, 4]", None)]


def test_q10_an_awarded_match_counts_in_tables_but_not_in_goal_times(published, wide):
    columns = f"status, home_goals, away_goals, decided_by, {HALF_TIME}"
    assert wide("be.1", "2018-19", "Standard", columns) == ("awarded", 5, 0, "awarded", None, None)
    table = published(
        "SELECT team, played, points, goals_for FROM football.standing "
        "WHERE competition = 'be.1' AND season = '2018-19' AND is_final ORDER BY position"
    )
    assert table == [("Standard", 2, 6, 7), ("Lokeren", 2, 0, 0)]


def test_q10_a_ruling_that_the_feed_stores_wrong_changes_only_the_official_columns(published, wide):
    assert wide("fr.1", "2016-17", "SC Bastia", "home_goals, away_goals, decided_by") == (0, 0, "awarded")
    lyon = published(
        "SELECT points, points_official FROM football.standing WHERE competition = 'fr.1' AND season = '2016-17' "
        "AND is_final AND team = 'Olympique Lyonnais'"
    )
    assert lyon == [(1, 3)]


def test_q11_an_empty_score_is_unknown_in_the_past_scheduled_in_the_future_and_never_goalless(wide):
    columns = "status, home_goals, home_goals_ht, winner_team_id"
    assert wide("es.1", "2024-25", "Getafe", columns) == ("unknown", None, None, None)
    assert wide("es.1", "2026-27", "Getafe", columns) == ("scheduled", None, None, None)


def test_q12_a_cancelled_fixture_is_no_result_and_enters_no_table(published):
    rows = published(
        "SELECT status, home_goals, away_goals_ht, count(*) FROM football.match_wide "
        "WHERE competition = 'en.4' AND date = '2020-04-25' GROUP BY ALL"
    )
    assert rows == [("cancelled", None, None, 2)]
    table = published(
        "SELECT team, played, points FROM football.standing "
        "WHERE competition = 'en.4' AND season = '2019-20' AND is_final ORDER BY position"
    )
    assert table == [("Swindon Town", 1, 3), ("Crewe Alexandra", 1, 1), ("Exeter City", 2, 1)]


@pytest.mark.parametrize(
    ("home", "date", "status"), [("Oxford", "2025-08-16", "postponed"), ("Oxford", "2025-08-23", "abandoned")]
)
def test_q12_neither_do_postponed_and_abandoned_ones(published, home, date, status):
    rows = published(
        f"SELECT status, home_goals, decided_by FROM football.match_wide "
        f"WHERE competition = 'en.2' AND date = '{date}' AND home_team LIKE '{home}%'"
    )
    assert rows == [(status, None, None)]


def test_q13_a_season_that_was_stopped_is_ranked_by_points_per_match_where_that_was_ruled(published):
    table = published(
        "SELECT team, played, points, position, position_official FROM football.standing "
        "WHERE competition = 'fr.1' AND season = '2019-20' AND is_final ORDER BY position_official"
    )
    assert [row[:3] for row in table] == [("Olympique Lyonnais", 1, 3), ("Stade Brestois 29", 2, 3), ("RC Lens", 3, 3)]
    assert {row[0]: row[3] for row in table} == {"Olympique Lyonnais": 1, "RC Lens": 2, "Stade Brestois 29": 3}
