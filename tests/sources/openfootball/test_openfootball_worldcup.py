"""Quirks Q18, Q22 and Q32 to Q42: files of the World Cup, its play-offs, squads and grounds, and of the Club World Cup."""

import pytest


def goal(name, minute, **more):
    return {"name": name, "minute": minute, **more}


FEEDS = {
    "openfootball": {
        "worldcup/1930/worldcup.json": [
            ("Group Stage", "1930-07-14", "Romania", "Peru", {"ht": [1, 0], "ft": [3, 1]},
             {"group": "Group 3", "ground": "Estadio Pocitos, Montevideo",
              "goals1": [goal("Desu", 3), goal("Barbu", 85), goal("Stanciu", 65, owngoal=True)],
              "goals2": [goal("de Souza", 74)]}),
            ("Group Stage", "1930-07-13", "United States", "Belgium", [3, 0], {"group": "Group 4"}),
        ],
        "worldcup/1938/worldcup.json": [
            ("First Round", "1938-06-05", "Sweden", "Austria", "absent", {"status": "canceled"}),
            ("First Round", "1938-06-05", "Cuba", "Romania", {"ht": [1, 1], "ft": [2, 2], "et": [3, 3]}),
        ],
        "worldcup/1950/worldcup.json": [("Final Round", "1950-07-16", "Uruguay", "Brazil", {"ht": [0, 0], "ft": [2, 1]})],
        "worldcup/1954/worldcup.json": [
            ("Group 2 Play-off", "1954-06-23", "West Germany", "Turkey", {"ht": [3, 1], "ft": [7, 2]}),
            ("Matchday 1", "1954-06-16", "Austria", "Scotland", {"ft": [1, 0], "et": [1, 0]}, {"group": "Group 3"}),
        ],
        "worldcup/1982/worldcup.json": [
            ("Matchday 1", "1982-06-13", "Argentina", "Belgium", [0, 1], {"group": "Group 3", "ground": "Camp Nou, Barcelona"}),
            ("Matchday 4", "1982-06-29", "Italy", "Argentina", [2, 1], {"group": "Group C"}),
            ("Final", "1982-07-11", "Italy", "West Germany", [3, 1], {"ground": "Estadio Santiago Bernabéu"}),
            ("Matchday 5", "1982-07-02", "West Germany", "Spain", [2, 1],
             {"group": "Group B", "ground": "Estadio Santiago Bernabéu, Madrid"}),
        ],
        "worldcup/2010/worldcup.json": [
            ("Matchday 1", "2010-06-11", "South Africa", "Mexico", [1, 1], {"time": "16:00", "group": "Group A"}),
        ],
        "worldcup/2018/worldcup.json": [
            ("Matchday 1", "2018-06-14", "Russia", "Saudi Arabia", [5, 0], {"time": "18:00 UTC+3", "group": "Group A"}),
            ("Matchday 5", "2018-06-18", "Tunisia", "England", {"ht": [1, 1], "ft": [1, 2]},
             {"group": "Group G", "goals1": [goal("Sassi", 35, penalty=True)],
              "goals2": [goal("Kane", 11), goal("Kane", 90, offset=1)]}),
            ("Matchday 11", "2018-06-24", "England", "Panama", {"ht": [1, 0], "ft": [1, 0]},
             {"group": "Group G", "goals1": [goal("Harry Kane", 22, penalty=True)], "goals2": []}),
            ("Matchday 13", "2018-06-26", "Denmark", "France", [0, 0], {"group": "Group C"}),
            ("Matchday 15", "2018-06-28", "Japan", "Poland", {"ht": [0, 1], "ft": [0, 1]},
             {"group": "Group H", "goals2": [goal("Bednarek", 59)]}),
            ("Matchday 2", "2018-06-15", "Morocco", "Iran", [0, 1],
             {"group": "Group B", "ground": "Saint Petersburg Stadium, Saint Petersburg",
              "goals2": [goal("Bouhaddouz", 90, offset=5, owngoal=True)]}),
            ("Matchday 14", "2018-06-26", "Nigeria", "Argentina", [1, 2],
             {"group": "Group D", "ground": "Saint Petersburg Stadium, St. Petersburg"}),
        ],
        "worldcup/2022/worldcup.json": [("Final", "2022-11-21", "USA", "Wales", [1, 1])],
        "worldcup/2026/worldcup.json": [
            ("Matchday 3", "2026-06-13", "Haiti", "Scotland", {"ht": [0, 1], "ft": [0, 2]},
             {"time": "21:00 UTC-4", "group": "Group C", "num": 5,
              "goals2": [goal("McGinn", "9"), goal("Adams", "90+4")]}),
            ("Round of 32", "2026-06-28", "2A", "2B", "absent", {"num": 73}),
            ("Final", "2026-07-19", "W101", "W102", "absent", {"num": 104}),
            ("Round of 32", "2026-06-29", "3A/B/C/D/F", "L101", "absent", {"num": 74}),
        ],
        "qualifying/2026/worldcup.quali_playoffs.json": [
            ("Path A, Semi-finals", "2026-03-26", "Italy", "Northern Ireland", "absent",
             {"time": "20:45 CET", "score": [2, 0]}),
            ("Path A, Final", "2026-03-31", "Bosnia & Herzegovina", "Italy", "absent",
             {"time": "20:45 CEST", "time_local": "20:45 CEST", "score": {"p": [4, 1], "et": [1, 1]}}),
            ("Path B, Final", "2026-03-31", "Ireland", "Poland", "absent",
             {"time": "19:45 UTC±0", "score": {"et": [2, 1]}}),
            ("Intercontinental, Final", "2026-03-31", "DR Congo", "Jamaica", "absent",
             {"time": "15:00 UTC-6", "score": {"et": [1, 0]}}),
        ],
        "clubworldcup/2025/clubworldcup.json": [
            ("Qualification Play-off", "2025-05-31", "Los Angeles FC (USA)", "CF América (MEX)",
             {"ht": [0, 1], "ft": [1, 1], "et": [2, 1]}, {"time": "19:30"}),
            ("Group D", "2025-06-16", "Chelsea FC (ENG)", "Los Angeles FC (USA)", [2, 0]),
        ],
        "squads/2026/worldcup.squads.json": [
            {"name": "Argentina", "players": [
                {"number": 23, "pos": "GK", "name": "Emiliano Martínez", "date_of_birth": "1992-09-02"}]},
            {"name": "Uruguay", "players": [
                {"number": 8, "pos": "MF", "name": "Emiliano Martínez", "date_of_birth": "1999-08-17"}]},
        ],
        "teams/2026/worldcup.teams.json": [
            {"name": "South Korea", "name_normalised": "Korea Republic", "continent": "Asia", "flag_unicode": "\\U0001F1F0"},
            {"name": "Turkey", "name_normalised": "Türkiye", "fifa_code": "TUR"},
        ],
        "teams/2018/worldcup.teams.json": {"name": "World Cup 2018", "teams": [{"name": "Panama", "code": "PAN"}]},
        "groups/2022/worldcup.groups.json": {
            "name": "World Cup 2022", "groups": [{"name": "Group B", "teams": ["England", "United States"]}]},
        "stadiums/2018/worldcup.stadiums.json": {
            "name": "World Cup 2018", "stadiums": [
                {"key": "luzhniki", "name": "Luzhniki Stadium", "city": "Moscow (1)", "capacity": 78011, "timezone": "UTC+3"}]},
    },
    "international_results": {
        "results/results.csv": [
            ("2018-07-03", "Colombia", "England", 0, 1, "FIFA World Cup", "Moscow", "Russia", "TRUE"),
            ("2022-11-15", "United States", "Republic of Ireland", 1, 0, "Friendly", "St. Paul", "United States", "FALSE"),
        ],
        "goalscorers/goalscorers.csv": [
            ("2018-07-03", "Colombia", "England", "England", "Harry Kane", 57, "FALSE", "TRUE"),
        ],
    },
}  # fmt: skip
CUP = "FROM football.match_wide WHERE competition = 'worldcup'"


@pytest.mark.parametrize(
    ("date", "home", "instant"),
    [
        ("2010-06-11", "South Africa", None),
        ("2018-06-14", "Russia", "2018-06-14 15:00:00+00"),
        ("2026-06-13", "Haiti", "2026-06-14 01:00:00+00"),
        ("2026-03-26", "Italy", "2026-03-26 19:45:00+00"),
        ("2026-03-31", "Bosnia%", "2026-03-31 18:45:00+00"),
        ("2026-03-31", "%Ireland", "2026-03-31 19:45:00+00"),
        ("2026-03-31", "DR Congo", "2026-03-31 21:00:00+00"),
        ("2025-05-31", "Los Angeles%", None),
    ],
)
def test_q18_an_instant_is_known_only_where_the_zone_is(published, date, home, instant):
    where = f"date = '{date}' AND home_team LIKE '{home}'"
    assert published(f"SELECT kickoff_utc::text FROM football.match_wide WHERE {where}") == [(instant,)]


def test_q22_sides_that_a_draw_has_still_to_fill_are_passed_over(published):
    rows = published("SELECT outcome, rule, count FROM core.account WHERE key = '2026/worldcup.json' ORDER BY ALL")
    assert rows == [("passed over", "placeholder side", 3), ("used", "", 1), ("used", "", 2)]


def test_q32_a_score_is_a_list_or_lacks_the_score_at_ninety_minutes(published):
    rows = published(
        "SELECT home_goals, away_goals, home_goals_90, home_shootout, decided_by FROM football.match_wide "
        "WHERE competition = 'intl.fifa-world-cup-qualification' AND season = '2026' ORDER BY date, home_goals, home_shootout"
    )
    assert rows == [
        (2, 0, 2, None, "regular"),
        (1, 1, None, 4, "shootout"),
        (1, 0, None, None, "extra_time"),
        (2, 1, None, None, "extra_time"),
    ]


def goals_of(published, date, home):
    return published(
        "SELECT goal_no, scorer, minute, added_minute, own_goal, penalty FROM football.goal JOIN football.match_wide "
        f"USING (match_id) WHERE date = '{date}' AND home_team = '{home}' ORDER BY goal_no"
    )


def test_q33_a_minute_is_a_number_with_an_offset_or_a_text(published):
    assert goals_of(published, "2018-06-18", "Tunisia") == [
        (1, "Kane", 11, None, False, False),
        (2, "Sassi", 35, None, False, True),
        (3, "Kane", 90, 1, False, False),
    ]
    assert goals_of(published, "2026-06-13", "Haiti") == [
        (1, "McGinn", 9, None, False, False),
        (2, "Adams", 90, 4, False, False),
    ]
    assert goals_of(published, "2018-06-26", "Denmark") == []


def test_q34_goals_are_numbered_in_order_of_time_whatever_the_order_of_the_list(published):
    numbered = goals_of(published, "1930-07-14", "Romania")
    assert [(n, scorer, own) for n, scorer, _, _, own, _ in numbered] == [
        (1, "Desu", False), (2, "Stanciu", True), (3, "de Souza", False), (4, "Barbu", False)
    ]  # fmt: skip
    profits = published("SELECT name FROM football.goal JOIN core.team USING (team_id) WHERE scorer = 'Stanciu'")
    assert profits == [("Romania",)]


def test_q35_one_scorer_under_two_names_has_all_his_goals(published):
    rows = published(
        "SELECT goals, penalties FROM football.scorer WHERE competition = 'worldcup' AND scorer LIKE '%Kane'"
    )
    assert rows == [(4, 2)]


def test_q36_a_match_that_was_called_off_is_none_even_with_one_l(published):
    rows = published(f"SELECT home_team, status, home_goals, decided_by {CUP} AND season = '1938' ORDER BY home_team")
    assert rows == [("Cuba", "played", 3, "extra_time"), ("Sweden", "cancelled", None, None)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("USA", "United States"),
        ("Bosnia & Herzegovina", "Bosnia-Herzegovina"),
        ("Turkey", "Türkiye"),
        ("Ireland", "Republic of Ireland"),
    ],
)
def test_q37_names_of_one_country_over_the_years_are_one_team(published, one, other):
    rows = published(
        "SELECT count(DISTINCT entity_id) FROM core.name JOIN core.team ON team_id = entity_id WHERE team.kind = 'national' "
        f"AND (name.name = '{other}' OR source = 'openfootball' AND name.name = '{one}')"
    )
    assert rows == [(1,)]


def test_q38_spellings_of_one_ground_are_one_venue(published):
    rows = published(
        "SELECT count(DISTINCT venue_id) FROM core.match JOIN core.venue USING (venue_id) "
        "WHERE date IN ('2018-06-15', '2018-06-26')"
    )
    assert rows == [(1,)]
    assert published("SELECT count(DISTINCT venue_id) FROM core.match WHERE date IN ('1982-07-11', '1982-07-02')") == [
        (1,)
    ]
    assert published("SELECT name, city FROM core.venue WHERE name = 'Luzhniki Stadium'") == [
        ("Luzhniki Stadium", "Moscow")
    ]


@pytest.mark.parametrize(
    ("season", "home", "phase", "kind"),
    [
        ("1930", "Romania", "Group 3", "group"),
        ("1950", "Uruguay", "Final Round", "group"),
        ("1954", "Austria", "Group 3", "group"),
        ("1954", "%Germany", "Finals", "playoff"),
        ("1982", "Argentina", "Group 3", "group"),
        ("2018", "Russia", "Group A", "group"),
    ],
)
def test_q39_groups_are_numbers_or_letters_and_a_final_round_is_one(published, season, home, phase, kind):
    rows = published(
        "SELECT p.name, p.kind FROM core.match JOIN core.phase AS p USING (phase_id) JOIN core.participation USING (match_id) "
        "JOIN core.team AS t ON t.team_id = participant_id JOIN core.season AS s ON s.season_id = p.season_id "
        f"WHERE s.label = '{season}' AND side = 'home' AND t.name LIKE '{home}'"
    )
    assert rows == [(phase, kind)]


def test_q39_extra_time_in_a_group_match_is_extra_time(published):
    rows = published(f"SELECT home_goals, decided_by {CUP} AND season = '1954' AND home_team = 'Austria'")
    assert rows == [(1, "extra_time")]


def test_q40_lists_at_the_top_are_read_and_two_players_of_one_name_stay_two(published):
    rows = published(
        "SELECT birth_year, birth_date::text FROM core.person WHERE name = 'Emiliano Martínez' ORDER BY ALL"
    )
    assert rows == [(1992, "1992-09-02"), (1999, "1999-08-17")]
    roles = published(
        "SELECT role, shirt FROM core.membership JOIN core.person USING (person_id) "
        "WHERE name = 'Emiliano Martínez' ORDER BY shirt"
    )
    assert roles == [("MF", 8), ("GK", 23)]


def test_q41_the_play_off_before_the_club_world_cup_is_its_qualification(published):
    rows = published(
        "SELECT p.name, p.kind, count(*) FROM core.match JOIN core.phase AS p USING (phase_id) "
        "JOIN core.competition AS c USING (competition_id) WHERE slug = 'clubworldcup' GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [("Group D", "group", 1), ("Qualification", "qualification", 1)]


def test_q42_half_time_that_contradicts_the_goals_is_published_as_it_stands(published):
    rows = published(f"SELECT home_goals_ht, away_goals_ht {CUP} AND date = '2018-06-28'")
    assert rows == [(0, 1)]


def test_goals_of_a_match_that_was_set_aside_are_left_out_and_listed(world):
    made = world()
    good = [
        {"round": f"Matchday {n}", "date": "1934-05-27", "team1": f"A{n}", "team2": f"B{n}", "score": {"ft": [1, 0]}}
        for n in range(250)
    ]
    bad = {**good[0], "date": "27 May", "goals1": [goal("Schiavio", 18)]}
    made.land("openfootball", {"worldcup/1934/worldcup.json": {"name": "World Cup 1934", "matches": [bad, *good]}})
    made.tables()
    assert made.sql("SELECT count(*) FROM football.match_wide") == [(250,)]
    assert made.sql("SELECT count(*) FROM football.goal") == [(0,)]
    assert made.sql("SELECT source_id, reason FROM core.unlinked WHERE kind = 'match'") == [
        ("1934/worldcup.json#0", "named, but no record describes it")
    ]
    rows = made.sql("SELECT records, outcome, rule, count FROM core.account ORDER BY ALL")
    assert rows == [
        ("cup_goal", "used", "", 1),
        ("cup_match", "set aside", "value: date", 1),
        ("cup_match", "used", "", 250),
    ]
