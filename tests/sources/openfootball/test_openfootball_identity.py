"""Quirks Q19 to Q26: rows that stand twice, names that change, placeholders, and fixtures that only look alike."""

import pytest

#: Two spellings of one club, in leagues of one country.
SAME = [
    ("en.2", "Leicester City", "Leicester City FC"),
    ("en.2", "Tottenham Hotspur", "Tottenham Hotspur FC"),
    ("en.2", "Hull City", "Hull City AFC"),
    ("de.1", "Bayern München", "FC Bayern München"),
    ("de.1", "Bor. Mönchengladbach", "Borussia Mönchengladbach"),
    ("es.1", "Atlético Madrid", "Club Atlético de Madrid"),
    ("es.1", "CD Alavés", "Deportivo Alavés"),
    ("fr.1", "Stade Rennais", "Stade Rennais FC 1901"),
    ("nl.1", "PSV Eindhoven", "PSV"),
    ("pt.1", "Sporting CP", "Sporting Clube de Portugal"),
    ("at.1", "LASK Linz", "LASK"),
    ("tr.1", "Gazişehir Gaziantep FK", "Gaziantep FK"),
    ("br.1", "Botafogo RJ", "Botafogo FR"),
]
#: Names that are much alike and are two clubs.
DISTINCT = [
    ("de.3", "Bayern München", "Bayern München II"),
    ("es.1", "Sevilla FC", "Sevilla Atlético"),
    ("at.2", "RB Salzburg", "Austria Salzburg"),
    ("en.2", "West Ham United", "West Bromwich Albion"),
    ("en.4", "Forest Green Rovers", "Nottingham Forest"),
    ("br.2", "Botafogo FR", "Botafogo SP"),
    ("pt.1", "Sporting CP", "Sporting Braga"),
]


def against_a_third(pairs, first):
    """Both clubs of every pair meet a third one, a season a pair: nothing but the name says whether they are one."""
    files = {}
    for year, (code, one, other) in enumerate(pairs, start=first):
        season = f"{year}" if code.startswith("br") else f"{year}-{(year + 1) % 100:02}"
        files[f"league/{season}/{code}.json"] = [
            ("Matchday 1", f"{year}-09-01", one, f"Third of {code}", [1, 0]),
            ("Matchday 2", f"{year}-10-01", other, f"Third of {code}", [1, 0]),
        ]
    return files


FEEDS = {
    "openfootball": {
        **against_a_third(SAME, 1970),
        **against_a_third(DISTINCT, 1990),
        "league/2025-26/en.4.json": [
            ("24. Round", "2026-01-01", "Bromley", "Walsall", [1, 0]),
            ("24. Round", "2026-01-01", "Barrow", "Accrington Stanley"),
            ("24. Round", "2026-01-01", "Bromley", "Walsall", [1, 0]),
            ("24. Round", "2026-01-01", "Barrow", "Accrington Stanley"),
        ],
        "league/2024-25/en.3.json": [("1. Round", "2024-08-10", "AFC", "Bolton Wanderers", [1, 1])],
        "league/2022-23/en.3.json": [("1. Round", "2022-08-10", "AFC Wimbledon", "Bolton Wanderers", [1, 1])],
        "league/2024-25/au.1.json": [
            ("Matchday 1", "2024-10-18", "Melbourne City", "Perth Glory", [1, 0]),
            ("Finals, Semifinals", "2025-05-16", "Sieger EF", "Melbourne City"),
            ("Finals, Semifinals", "2025-05-16", "Auckland FC", "Sieger EF"),
            ("Finals, Final", "2025-05-31", "N.N.", "N.N."),
        ],
        "league/2020-21/en.1.json": [("Matchday 1", "2020-09-14", "Chelsea FC", "Swansea City AFC", [1, 0])],
        "league/2020-21/fr.1.json": [("Matchday 1", "2020-08-23", "AS Monaco FC", "Stade de Reims", [2, 2])],
        "league/2020-21/uefa.cl.json": [
            ("Group E", "2020-10-20", "Chelsea FC (ENG)", "Sevilla FC (ESP)", [0, 0]),
            ("Group F", "2020-10-20", "AS Monaco (FRA)", "Zenit (RUS)", [1, 0]),
            ("Group F", "2020-10-27", "Zenit (RUS)", "AS Monaco FC (MCO)", [1, 0]),
        ],
        "league/2025/copa.l.json": [
            ("Group A", "2025-04-01", "Club Nacional de Football (URU)", "Club Nacional (PAR)", [1, 0]),
        ],
        "league/2015-16/at.1.json": [
            ("Matchday 1", "2015-07-25", "SV Ried", "FK Austria Wien", [0, 1]),
            ("Matchday 19", "2015-12-05", "SV Ried", "FK Austria Wien", [2, 2]),
        ],
        "league/2019-20/mx.1.json": [
            ("Apertura Playoffs, Semifinals", "2019-12-08", "Club Necaxa", "CF Monterrey", [1, 2]),
            ("Apertura Playoffs, Semifinals", "2019-12-08", "CF Monterrey", "Club Necaxa", [1, 0]),
            ("Apertura, Matchday 1", "2019-07-20", "CF Monterrey", "Club Necaxa", [1, 0]),
        ],
        "league/2018-19/sco.1.json": [
            ("Matchday 1", "2018-08-04", "Celtic", "Livingston", [3, 1]),
            ("Matchday 33", "2019-04-06", "Livingston", "Celtic", [0, 0]),
        ],
    }
}  # fmt: skip
IDS = "SELECT count(DISTINCT entity_id), count(*) FROM core.name WHERE kind = 'team' AND source = 'openfootball'"


def test_q19_a_row_that_stands_twice_is_one_match_of_two_records(published):
    rows = published(
        "SELECT home_team, home_goals, list(record ORDER BY record) FROM football.match_wide AS w "
        "JOIN core.match_origin AS o USING (match_id) WHERE competition = 'en.4' AND season = '2025-26' "
        "GROUP BY w.match_id, home_team, home_goals ORDER BY home_team"
    )
    assert rows == [
        ("Barrow", None, ["league_match 1", "league_match 3"]),
        ("Bromley", 1, ["league_match 0", "league_match 2"]),
    ]


@pytest.mark.parametrize(("code", "one", "other"), SAME, ids=lambda name: name)
def test_q20_q21_two_names_of_one_club_are_one_team(published, code, one, other):
    assert published(f"{IDS} AND name IN ('{one}', '{other}')") == [(1, 2)]


@pytest.mark.parametrize(("code", "one", "other"), DISTINCT, ids=lambda name: name)
def test_q21_names_that_are_much_alike_can_be_two_clubs(published, code, one, other):
    assert published(f"{IDS} AND name IN ('{one}', '{other}')") == [(2, 2)]


def test_q20_a_name_cut_to_its_first_word_is_read_in_its_season_only(world):
    made = world()
    row = {"round": "1. Round", "date": "2025-08-02", "team1": "AFC", "team2": "Bolton Wanderers", "score": {}}
    whole = {**row, "team1": "AFC Wimbledon", "round": "2. Round"}
    made.land("openfootball", {"league/2025-26/en.3.json": {"name": "x", "matches": [row, whole]}})
    made.land("openfootball", {"league/2024-25/en.3.json": {"name": "x", "matches": [row, whole]}})
    claims = made.rows(made.normalize("openfootball"), "openfootball/core.team")
    cut = {(row["team_id"], row["_from_key"]) for row in claims if row["_name"] == "AFC"}
    assert cut == {("AFC@en.3/2025-26", "2025-26/en.3.json"), ("AFC", "2024-25/en.3.json")}


def test_q22_placeholders_are_passed_over_by_name_and_become_no_team(published):
    rows = published("SELECT outcome, rule, count FROM core.account WHERE key = '2024-25/au.1.json' ORDER BY outcome")
    assert rows == [("passed over", "placeholder side", 3), ("used", "", 1)]
    assert (
        published("SELECT * FROM core.name WHERE name IN ('Sieger EF', 'N.N.', '2A', 'W74', 'L101', '3A/B/C/D/F')")
        == []
    )


def test_q23_a_country_behind_the_name_is_no_part_of_it(published):
    assert published(f"{IDS} AND name IN ('Chelsea FC', 'Chelsea FC (ENG)')") == [(1, 2)]
    rows = published(
        "SELECT home_team FROM football.match_wide WHERE competition = 'uefa.cl' AND date = '2020-10-20' ORDER BY 1"
    )
    assert rows == [("AS Monaco FC",), ("Chelsea FC",)]


def test_q23_one_club_can_carry_the_codes_of_two_countries(published):
    assert published(f"{IDS} AND name IN ('AS Monaco (FRA)', 'AS Monaco FC (MCO)', 'AS Monaco FC')") == [(1, 3)]


def test_q23_equal_names_with_two_countries_are_two_clubs(published):
    assert published(f"{IDS} AND name LIKE 'Club Nacional%'") == [(2, 2)]


def test_q24_a_pair_that_meets_twice_at_one_ground_plays_two_matches(published):
    rows = published(
        "SELECT round, home_goals FROM football.match_wide WHERE competition = 'at.1' AND season = '2015-16' ORDER BY date"
    )
    assert rows == [("Matchday 1", 0), ("Matchday 19", 2)]


def test_q25_a_team_that_stands_twice_on_one_day_keeps_both_and_neither_is_before_the_other(published):
    rows = published(
        "SELECT side, played_before, form_5 FROM football.team_match JOIN core.team USING (team_id) "
        "WHERE competition = 'mx.1' AND date = '2019-12-08' AND name = 'CF Monterrey' ORDER BY side"
    )
    assert rows == [("away", 1, 3), ("home", 1, 3)]


def test_q26_a_season_that_stops_early_ends_where_its_matches_end(published):
    rows = published(
        "SELECT date::text, team, played, points FROM football.standing "
        "WHERE competition = 'sco.1' AND season = '2018-19' AND is_final ORDER BY position"
    )
    assert rows == [("2019-04-06", "Celtic", 2, 4), ("2019-04-06", "Livingston", 2, 1)]
