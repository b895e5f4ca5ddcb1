"""Quirks R1 to R24: NA, renames, matches that look like duplicates, goals, and countries of the day."""

import pytest


def result(date, home, away, score, tournament="Friendly", city="Somewhere", country="Nowhere", neutral="FALSE"):
    return (date, home, away, *(score or ("NA", "NA")), tournament, city, country, neutral)


def scored(date, home, away, team, scorer, minute, own_goal="FALSE", penalty="FALSE"):
    return (date, home, away, team, scorer, minute, own_goal, penalty)


GHANA = ("1963-11-26", "Ghana", "Ethiopia")
FEEDS = {
    "international_results": {
        "results/results.csv": [
            result("1872-11-30", "Scotland", "England", (0, 0), city="Glasgow", country="Scotland"),
            # R2: fixtures that are still to come, one of them of sides that are not known
            result("2026-12-20", "Brazil", "Argentina", None),
            result("2026-12-21", "NA", "NA", None, "Copa América"),
            # R4: names of older commits beside today's
            result("1990-02-03", "China PR", "Burma", (1, 0)),
            result("2025-02-03", "China", "Myanmar", (0, 0)),
            # R5, R6
            result("1974-02-17", "Tahiti", "New Caledonia", (2, 1)),
            result("1974-02-17", "Tahiti", "New Caledonia", (1, 2)),
            result("1890-03-15", "England", "Northern Ireland", (9, 1), "British Home Championship"),
            result("1890-03-15", "Wales", "England", (1, 3), "British Home Championship"),
            # R7, R9, R10
            result("1974-06-22", "German DR", "Germany", (1, 0), "FIFA World Cup", "Hamburg", "German DR"),
            result("1939-08-30", "Japan", "Russia", (3, 0), city="Hsinking", country="Manchuria", neutral="TRUE"),
            result("1998-12-30", "Catalonia", "Spain", (0, 1), city="Barcelona", country="Spain", neutral="FALSE"),
            # R8
            result(
                "1990-06-19", "Yugoslavia", "United Arab Emirates", (4, 1), "FIFA World Cup", "Bologna", "Italy", "TRUE"
            ),
            result("1998-06-14", "Serbia", "Iran", (1, 0), "FIFA World Cup", "Saint-Étienne", "France", "TRUE"),
            # R12, R13
            result("2005-11-16", "Australia", "Uruguay", (1, 0), "FIFA World Cup qualification"),
            result("1994-07-17", "Brazil", "Italy", (0, 0), "FIFA World Cup", "Pasadena", "United States", "TRUE"),
            # R14 to R18
            result(*GHANA, (2, 0), "African Cup of Nations"),
            result("2018-06-15", "Morocco", "Iran", (0, 1), "FIFA World Cup"),
            result("1970-06-21", "Brazil", "Italy", (1, 0), "FIFA World Cup"),
            result("2024-11-19", "Brazil", "Uruguay", (1, 1), "FIFA World Cup qualification"),
            result("1998-09-05", "Vietnam", "Laos", (2, 0), "ASEAN Championship"),
            result("1999-08-01", "Uruguay", "Mexico", (2, 0), "Copa América"),
            # R19, R20
            result(
                "1996-01-16", "El Salvador", "United States", (0, 2), "Gold Cup", "Washington, D.C.", "United States"
            ),
            result(
                "2013-11-19",
                "Sápmi",
                "Åland Islands",
                (1, 0),
                "International Tournament of Peoples, Cultures and Tribes",
            ),
            result("2001-04-11", "Australia", "American Samoa", (31, 0), "FIFA World Cup qualification"),
            result("1900-01-01", "Curaçao", "São Tomé and Príncipe", (9, 0)),
            # R21
            result("1930-05-29", "Japan", "China", (3, 3)),
            result("1930-05-30", "Japan", "China", (3, 3), "Far Eastern Championship Games"),
            # R22
            result(
                "2022-06-01",
                "Argentina",
                "Italy",
                (3, 0),
                "CONMEBOL–UEFA Cup of Champions",
                "London",
                "England",
                "TRUE",
            ),
            result("2022-12-20", "Thailand", "Malaysia", (3, 0), "Inter Games Football Tournament"),
            result("2024-12-20", "Thailand", "Malaysia", (1, 0), "Inter Games"),
            result("2003-01-01", "Fiji", "Tonga", (1, 0), "Prime Minister's Cup"),
            # R23, R24
            result("2006-11-20", "Tibet", "Northern Cyprus", (0, 3), "FIFI Wild Cup"),
            result("1924-06-14", "Republic of Ireland", "Wales", (1, 0), city="Dublin", country="Irish Free State"),
            result("1948-05-30", "Republic of Ireland", "Spain", (1, 2), city="Dublin", country="Éire"),
        ],
        "goalscorers/goalscorers.csv": [
            scored(*GHANA, "Ghana", "Edward Acquah", "NA"),
            scored(*GHANA, "Ghana", "Edward Acquah", "NA"),
            scored("2018-06-15", "Morocco", "Iran", "Iran", "Aziz Bouhaddouz", 90, own_goal="TRUE"),
            scored("1970-06-21", "Brazil", "Italy", "Brazil", "Gérson", 66),
            scored("2024-11-19", "Brazil", "Uruguay", "Brazil", "Gerson", 62),
            scored("1998-09-05", "Vietnam", "Laos", "Vietnam", "Nguyễn Hồng Sơn", 20),
            scored("1998-09-05", "Vietnam", "Laos", "Vietnam", "Nguyen Hong Son", 60),
            scored("1999-08-01", "Uruguay", "Mexico", "Uruguay", "NA", 122),
            scored("1999-08-01", "Uruguay", "Mexico", "Uruguay", "Gerson", 3, penalty="TRUE"),
        ],
        "shootouts/shootouts.csv": [
            ("2005-11-16", "Australia", "Uruguay", "Australia", ""),
            ("1994-07-17", "Brazil", "Italy", "Brazil", "Italy"),
            ("2011-06-29", "Saare County", "Åland Islands", "Saare County", ""),
        ],
        "former_names/former_names.csv": [
            ("Northern Ireland", "Ireland", "1882-02-18", "1954-11-08"),
            ("DR Congo", "Zaïre", "1971-10-27", "1997-05-17"),
        ],
    }
}
WIDE = "FROM football.match_wide WHERE"
ENTITIES = "SELECT count(DISTINCT entity_id) FROM core.name WHERE source = 'international_results'"


def goals(published, date):
    return published(
        "SELECT goal_no, scorer, minute, own_goal FROM football.goal JOIN core.match USING (match_id) "
        f"WHERE date = '{date}' ORDER BY goal_no"
    )


def test_r01_na_is_a_missing_scorer_or_minute_and_never_a_name(published):
    assert goals(published, "1963-11-26")[0] == (1, "Edward Acquah", None, False)
    assert goals(published, "1999-08-01") == [(1, "Gerson", 3, False), (2, None, 122, False)]
    assert published("SELECT * FROM core.name WHERE name = 'NA'") == []


def test_r02_fixtures_to_come_are_scheduled_and_those_without_sides_are_passed_over(published):
    assert published(f"SELECT status, home_goals {WIDE} date = '2026-12-20'") == [("scheduled", None)]
    assert published(f"SELECT count(*) {WIDE} date = '2026-12-21'") == [(0,)]
    rows = published("SELECT outcome, count FROM core.account WHERE key = 'results.csv' AND rule = 'sides not known'")
    assert rows == [("passed over", 1)]


@pytest.mark.parametrize(("old", "new"), [("China PR", "China"), ("Burma", "Myanmar")])
def test_r04_a_team_that_a_later_commit_renames_stays_the_same(published, old, new):
    assert published(f"{ENTITIES} AND kind = 'team' AND name IN ('{old}', '{new}')") == [(1,)]


def test_r05_the_same_sides_twice_on_one_day_with_two_scores_are_two_matches(published):
    assert published(f"SELECT home_goals, away_goals {WIDE} date = '1974-02-17' ORDER BY ALL") == [(1, 2), (2, 1)]


def test_r06_one_team_can_play_twice_on_one_day(published):
    rows = published(
        "SELECT goals_for, rest_days IS NULL OR rest_days > 0 FROM football.team_match JOIN core.team USING (team_id) "
        "WHERE date = '1890-03-15' AND name = 'England' ORDER BY goals_for"
    )
    assert rows == [(3, True), (9, True)]


def test_r07_teams_have_todays_names_and_countries_those_of_the_day(published):
    assert published(f"SELECT home_team, country, neutral {WIDE} date = '1974-06-22'") == [
        ("German DR", "German DR", False)
    ]
    assert published(f"{ENTITIES} AND kind = 'team' AND name IN ('Germany', 'German DR', 'West Germany')") == [(2,)]


def test_r08_a_former_name_is_a_name_and_links_nothing(published):
    rows = published(
        "SELECT t.name FROM core.name AS n JOIN core.team AS t ON team_id = entity_id "
        "WHERE n.source = 'international_results' AND n.name = 'Ireland' ORDER BY ALL"
    )
    assert rows == [("Northern Ireland",)]
    assert published(f"{ENTITIES} AND kind = 'team' AND name IN ('Yugoslavia', 'Serbia')") == [(2,)]


def test_r09_a_country_that_is_no_team_becomes_none(published):
    assert published("SELECT * FROM core.name WHERE name = 'Manchuria'") == []
    assert published(f"SELECT country, neutral {WIDE} date = '1939-08-30'") == [("Manchuria", True)]


def test_r10_neutral_is_what_the_feed_says_even_in_the_country_of_the_away_side(published):
    assert published(f"SELECT country, neutral {WIDE} date = '1998-12-30'") == [("Spain", False)]


def test_r11_a_shootout_without_a_match_is_listed_and_makes_none(published):
    rows = published(
        "SELECT source_id, reason FROM core.unlinked WHERE kind = 'match' AND source_id LIKE '2011-06-29|%'"
    )
    assert rows == [("2011-06-29|Saare County|Åland Islands", "named, but no record describes it")]
    assert published(f"SELECT count(*) {WIDE} date = '2011-06-29'") == [(0,)]


def test_r12_a_shootout_after_a_match_that_was_won_decides_the_tie_not_the_match(published):
    rows = published(f"SELECT decided_by, winner_team_id = home_team_id {WIDE} date = '2005-11-16'")
    assert rows == [("regular", True)]
    won = published(
        "SELECT shootout_won, result FROM core.participation JOIN core.match USING (match_id) "
        "WHERE date = '2005-11-16' ORDER BY side"
    )
    assert won == [(False, "lost"), (True, "won")]


def test_r13_a_level_final_score_is_decided_by_the_shootout_and_nothing_says_extra_time(published):
    columns = "home_goals, home_goals_90, home_shootout, decided_by, winner_team_id = home_team_id"
    assert published(f"SELECT {columns} {WIDE} date = '1994-07-17'") == [(0, None, None, "shootout", True)]


def test_r14_friendlies_have_results_without_goals(published):
    assert goals(published, "1930-05-29") == []
    assert published(f"SELECT home_goals {WIDE} date = '1930-05-29'") == [(3,)]


def test_r15_an_own_goal_profits_the_other_side_and_its_scorer_has_no_goal(published):
    rows = published(
        "SELECT t.name, p.name, own_goal FROM football.goal JOIN core.match USING (match_id) "
        "JOIN core.team AS t USING (team_id) LEFT JOIN core.person AS p "
        "ON person_id = scorer_id WHERE date = '2018-06-15' AND scorer LIKE '%Bouhaddouz'"
    )
    assert rows == [("Iran", "Aziz Bouhaddouz", True)]
    assert published("SELECT * FROM football.scorer WHERE scorer LIKE '%Bouhaddouz'") == []


def test_r16_minutes_end_with_extra_time(published):
    assert max(minute for _, _, minute, _ in goals(published, "1999-08-01")) == 122


def test_r17_equal_rows_are_as_many_goals(published):
    assert goals(published, "1963-11-26") == [(1, "Edward Acquah", None, False), (2, "Edward Acquah", None, False)]


def test_r18_two_spellings_of_one_player_are_one_person(published):
    assert published("SELECT goals FROM football.scorer WHERE scorer LIKE 'Nguy%Son' OR scorer LIKE 'Nguy%Sơn'") == [
        (2,)
    ]


def test_r18_names_that_differ_in_an_accent_or_in_the_team_can_be_several_players(published):
    # Gérson of 1970, Gerson of 2024, and a namesake of another team.
    assert published(f"{ENTITIES} AND kind = 'person' AND name IN ('Gérson', 'Gerson')") == [(3,)]


def test_r19_commas_within_quotes_and_letters_beyond_ascii_are_text(published):
    assert published(f"SELECT city {WIDE} date = '1996-01-16'") == [("Washington, D.C.",)]
    assert published(f"SELECT competition, home_team {WIDE} date = '2013-11-19'") == [
        ("intl.international-tournament-of-peoples-cultures-and-tribes", "Sápmi")
    ]
    assert published(f"SELECT home_team, away_team {WIDE} date = '1900-01-01'") == [
        ("Curaçao", "São Tomé and Príncipe")
    ]


def test_r20_scores_are_numbers_and_rows_need_no_order(published):
    rows = published(f"SELECT home_goals {WIDE} date IN ('2001-04-11', '1900-01-01') ORDER BY home_goals DESC")
    assert rows == [(31,), (9,)]


def test_r21_the_same_score_on_the_next_day_is_kept(published):
    rows = published(f"SELECT date::text, competition {WIDE} home_team = 'Japan' AND date < '1931-01-01' ORDER BY date")
    assert rows == [("1930-05-29", "intl.friendly"), ("1930-05-30", "intl.far-eastern-championship-games")]


def test_r22_a_tournament_whose_spelling_changed_between_commits_is_one_competition(published):
    rows = published(
        "SELECT count(DISTINCT competition_id) FROM core.match JOIN core.participation USING (match_id) "
        "JOIN core.team ON team_id = participant_id WHERE name = 'Thailand'"
    )
    assert rows == [(1,)]


def test_r22_dashes_and_apostrophes_do_not_enter_slugs(published):
    assert published(f"SELECT competition {WIDE} date IN ('2022-06-01', '2003-01-01') ORDER BY ALL") == [
        ("intl.conmebol-uefa-cup-of-champions",), ("intl.prime-ministers-cup",)
    ]  # fmt: skip


def test_r23_sides_outside_fifa_are_national_teams_like_others(published):
    assert published("SELECT kind FROM core.team WHERE name IN ('Sápmi', 'Tibet', 'Catalonia')") == [("national",)] * 3


def test_r24_one_city_can_lie_in_several_countries(published):
    assert published(f"SELECT country {WIDE} city = 'Dublin' ORDER BY date") == [("Irish Free State",), ("Éire",)]
