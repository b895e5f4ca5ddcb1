"""What profiling counted in the real files of openfootball, quirk by quirk, and what became of it in the tables."""

import collections
import itertools

import pytest

pytestmark = pytest.mark.feeds
WIDE = "FROM football.match_wide"


def scored(row):
    return bool(row["score"])


def test_q02_the_copied_league_is_in_the_feed_and_not_in_the_tables(published, rows):
    assert [(r["date"], r["team1"], r["score"]) for r in rows["2019-20/ru.2"]] == [
        (r["date"], r["team1"], r["score"]) for r in rows["2019-20/ru.1"]
    ]
    assert published(
        f"SELECT competition, count(*) {WIDE} WHERE competition LIKE 'ru._' AND season = '2019-20' GROUP BY ALL"
    ) == [("ru.1", 240)]


def test_q04_a_season_runs_into_the_next_year(published):
    assert published(
        f"SELECT count(*) {WIDE} WHERE competition = 'br.1' AND season = '2020' AND year(date) = 2021"
    ) == [(112,)]
    assert published("SELECT end_date::text FROM core.season WHERE label = '2020' AND start_date = '2020-08-08'") == [
        ("2021-02-25",)
    ]


def test_q05_half_time_left_out_of_goalless_matches_is_goalless(published, rows):
    every = [r for file in rows.values() for r in file if scored(r)]
    assert sum("ht" not in r["score"] and r["score"].get("ft") == [0, 0] for r in every) >= 5_322
    unknown = published(
        f"SELECT count(*) {WIDE} WHERE status = 'played' AND home_goals_90 + away_goals_90 = 0 AND home_goals_ht IS NULL"
    )
    assert unknown == [(0,)]


def test_q06_half_time_that_is_not_in_the_feed_is_null(published):
    rows = published(
        f"SELECT competition || ' ' || season, count(*)::INT {WIDE} WHERE status = 'played' AND home_goals_ht IS NULL "
        "AND competition NOT LIKE 'intl.%' AND competition NOT LIKE '%worldcup' GROUP BY ALL"
    )
    found = dict(rows)
    assert found.get("co.1 2025") == 1
    assert 150 <= found["en.3 2025-26"] + found["en.2 2025-26"] <= 161
    assert set(found) == {"co.1 2025", "en.2 2025-26", "en.3 2025-26"}


def test_q07_a_shootout_of_a_tie_does_not_decide_a_match_that_was_won(published):
    rows = published(
        f"SELECT count(*)::INT, count(*) FILTER (decided_by = 'shootout')::INT {WIDE} "
        "WHERE home_shootout IS NOT NULL AND home_goals <> away_goals"
    )
    assert rows == [(12, 0)]  # 14 in the feed, of which two are the impossible ones of Q9
    apoel = published(
        f"SELECT winner_team_id = home_team_id, home_shootout {WIDE} WHERE date = '2012-03-07' AND home_team LIKE 'APOEL%'"
    )
    assert apoel == [(True, 4)]


def test_q08_q09_of_sixty_shootouts_two_are_impossible_and_set_aside(published, rows):
    shootouts = [r for file in rows.values() for r in file if "p" in r["score"]]
    assert len(shootouts) == 60
    published_ = published(
        f"SELECT count(*)::INT {WIDE} WHERE home_shootout IS NOT NULL AND competition <> 'worldcup' "
        "AND competition NOT LIKE 'intl.%'"
    )
    assert published_ == [(58,)]
    rows_ = published("SELECT record FROM core.correction WHERE rule = 'impossible shoot-out' ORDER BY record")
    assert rows_ == [("league_match 169",), ("league_match 174",)]


@pytest.mark.parametrize(
    ("status", "number"), [("cancelled", 584), ("awarded", 26), ("postponed", 20), ("abandoned", 1)]
)
def test_q10_q12_status(published, rows, status, number):
    assert sum(r.get("status") == status for file in rows.values() for r in file) == number
    # The copied file and the round that stands twice hold none of them that counts twice.
    found = published(f"SELECT count(*)::INT {WIDE} WHERE status = '{status}' AND competition <> 'worldcup'")
    copied = sum(r.get("status") == status for r in rows["2019-20/ru.2"])
    assert found == [(number - copied,)]


def test_q11_past_matches_without_a_score_are_unknown(published):
    found = dict(
        published(f"SELECT competition || ' ' || season, count(*)::INT {WIDE} WHERE status = 'unknown' GROUP BY ALL")
    )
    expected = {
        "es.1 2024-25": 10, "dz.1 2024-25": 69, "eg.1 2024-25": 42, "mls 2025": 346, "br.2 2025": 323, "jp.1 2025": 244,
        "uefa.cl 2024-25": 1,
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == expected
    assert published(
        f"SELECT count(*) {WIDE} WHERE status IN ('unknown', 'scheduled', 'cancelled') AND home_goals IS NOT NULL"
    ) == [(0,)]


def test_q12_cancelled_matches_of_2019_20_are_in_no_table(published):
    rows = published(
        f"SELECT competition, count(*)::INT {WIDE} WHERE status = 'cancelled' AND season = '2019-20' "
        "GROUP BY ALL ORDER BY 2 DESC"
    )
    assert rows == [
        ("en.4", 112), ("en.3", 106), ("fr.1", 101), ("fr.2", 100), ("nl.1", 74), ("mx.1", 63), ("sco.1", 19), ("be.1", 8)
    ]  # fmt: skip


def test_q13_teams_of_a_stopped_season_played_unequal_numbers(published):
    rows = published(
        "SELECT competition, min(played)::INT, max(played)::INT FROM football.standing WHERE is_final AND season = '2019-20' "
        "AND competition IN ('fr.1', 'en.3') GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [("en.3", 34, 36), ("fr.1", 27, 28)]


def test_q14_q15_wrong_years_are_repaired_and_listed(published):
    rows = published(
        "SELECT key, count(*)::INT FROM core.correction WHERE rule = 'wrong year' GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [
        ("2019-20/at.1.json", 12), ("2019-20/at.2.json", 40), ("2019-20/en.1.json", 66), ("2019-20/en.2.json", 77),
        ("2025-26/en.3.json", 276),
    ]  # fmt: skip
    july = "date BETWEEN '2019-07-01' AND '2019-07-31'"
    assert published(f"SELECT count(*) {WIDE} WHERE season = '2019-20' AND {july} AND competition LIKE 'en.%'") == [
        (0,)
    ]


def test_q17_rows_step_back_in_date_and_tables_do_not(published, rows):
    steps = sum(a["date"] > b["date"] for file in rows.values() for a, b in itertools.pairwise(file))
    assert steps == 502
    shrinking = published(
        "SELECT count(*) FROM (SELECT played - lag(played) OVER "
        "(PARTITION BY competition, season, team_id ORDER BY date) AS step FROM football.standing) WHERE step < 0"
    )
    assert shrinking == [(0,)]


def test_q18_instants_are_known_for_those_matches_whose_zone_is(published):
    rows = published(
        f"SELECT season, count(kickoff_utc)::INT, count(*)::INT {WIDE} WHERE competition = 'worldcup' "
        "AND season IN ('2010', '2018', '2022', '2026') GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [("2010", 0, 64), ("2018", 64, 64), ("2022", 0, 64), ("2026", 104, 104)]


def test_q19_a_round_that_stands_twice_is_counted_once(published, rows):
    assert len(rows["2025-26/en.4"]) == 564
    assert published(f"SELECT count(*) {WIDE} WHERE competition = 'en.4' AND season = '2025-26'") == [(552,)]


@pytest.mark.parametrize(("code", "names"), [("en.2", 33), ("en.3", 48)])
def test_q20_the_names_of_a_file_are_twenty_four_clubs(published, rows, code, names):
    said = {side for r in rows[f"2025-26/{code}"] for side in (r["team1"], r["team2"])}
    assert len(said) == names
    clubs = f"SELECT count(DISTINCT home_team_id) {WIDE} WHERE competition = '{code}' AND season = '2025-26'"
    assert published(clubs) == [(24,)]
    # Every pair meets twice, once at either ground: no fixture is lost or doubled by a wrong link.
    pairs = "SELECT count(DISTINCT (home_team_id, away_team_id)), count(*)"
    assert published(f"{pairs} {WIDE} WHERE competition = '{code}' AND season = '2025-26'") == [(552, 552)]


def test_q22_placeholders_are_no_teams(published):
    assert published("SELECT count(*) FROM core.name WHERE name IN ('N.N.', 'Sieger EF')") == [(0,)]


def test_q26_seasons_have_as_many_matches_as_the_feed_has(published, rows):
    told = dict(
        published(
            f"SELECT season || '/' || competition, count(*)::INT {WIDE} "
            "WHERE competition IN ('sco.1', 'ar.1', 'ma.1') GROUP BY ALL"
        )
    )
    assert told == {file: len(r) for file, r in rows.items() if file.split("/")[1] in ("sco.1", "ar.1", "ma.1")}


def test_q27_no_round_keeps_two_spellings(published):
    rows = published(
        f"SELECT DISTINCT round {WIDE} WHERE regexp_matches(round, '^[0-9]+\\. (Round|Runde)|, Matchday|^Quarterfinal')"
    )
    assert rows == []


def test_q28_playoffs_are_outside_the_table_of_the_second_division(published):
    rows = published(
        "SELECT season, max(played)::INT FROM football.standing WHERE competition = 'en.2' AND is_final "
        "AND season IN ('2021-22', '2022-23', '2024-25') GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [("2021-22", 46), ("2022-23", 46), ("2024-25", 46)]


def test_q29_austrias_stages_share_their_matchdays(published):
    rows = published(
        f"SELECT stage, count(*)::INT {WIDE} WHERE competition = 'at.1' AND season = '2018-19' "
        "AND round = 'Matchday 23' GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [("Playoffs - Championship", 3), ("Playoffs - Relegation", 3)]


def test_q33_q34_goals_are_those_of_the_score_and_in_order(published):
    disorder = published(
        "SELECT count(*) FROM (SELECT minute < lag(minute) OVER (PARTITION BY match_id ORDER BY goal_no) AS back "
        "FROM football.goal) WHERE back"
    )
    assert disorder == [(0,)]


@pytest.mark.parametrize(("season", "scorer", "goals"), [("2018", "Harry Kane", 6), ("2022", "Kylian Mbappé", 8)])
def test_q35_scorers_have_all_their_goals(published, season, scorer, goals):
    rows = published(
        f"SELECT goals FROM football.scorer WHERE competition = 'worldcup' AND season = '{season}' AND scorer = '{scorer}'"
    )
    assert rows == [(goals,)]


def test_q36_the_walkover_of_1938_has_no_result_and_no_partner(published):
    rows = published(f"SELECT status, home_goals, sources {WIDE} WHERE date = '1938-06-05' AND home_team = 'Sweden'")
    assert rows == [("cancelled", None, ["openfootball"])]


def test_q40_all_players_of_the_squads_are_members(published):
    assert published("SELECT count(*) FROM core.membership") == [(1_248,)]
    assert published(
        "SELECT count(*) FROM core.person WHERE name = 'Emiliano Martínez' AND birth_date IS NOT NULL"
    ) == [(2,)]


def test_q41_the_club_world_cup_has_63_matches_and_a_play_off(published):
    rows = published(
        "SELECT p.kind = 'qualification', count(*)::INT FROM core.match JOIN core.phase AS p USING (phase_id) "
        "JOIN core.competition AS c USING (competition_id) WHERE slug = 'clubworldcup' GROUP BY ALL ORDER BY ALL"
    )
    assert rows == [(False, 63), (True, 1)]


def test_q42_the_check_finds_the_six_half_times_that_the_goals_contradict(real_lake, published):
    from fieldhouse.lake import open_store, releases

    audit = releases.read(open_store(str(real_lake))).audit
    (found,) = (note for note in audit["football"]["notes"] if note.get("rule") == "half_time_follows_from_goals")
    assert found["unexpected"] == 6
    rows = published(
        f"SELECT home_team, home_goals_ht, away_goals_ht {WIDE} WHERE competition = 'worldcup' "
        "AND (date = '2018-06-28' AND home_team IN ('Japan', 'Senegal') OR date = '2022-12-09' AND home_team = 'Netherlands') "
        "ORDER BY date, home_team"
    )
    assert rows == [("Japan", 0, 1), ("Senegal", 0, 1), ("Netherlands", 1, 0)]


def test_no_team_of_a_league_meets_itself(published):
    assert published(f"SELECT count(*) {WIDE} WHERE home_team_id = away_team_id") == [(0,)]


def test_files_of_one_league_have_as_many_clubs_as_its_tables_have(published, rows):
    """Wrong links would make a season's table shorter, missing ones longer."""
    told = dict(
        published(
            "SELECT season || '/' || competition, count(DISTINCT team_id)::INT "
            "FROM football.standing WHERE is_final GROUP BY ALL"
        )
    )
    for code, clubs in {"en.1": 20, "es.1": 20, "de.1": 18, "en.2": 24}.items():
        seasons = [file for file in rows if file.endswith(f"/{code}")]
        sizes = collections.Counter(told[file] for file in seasons)
        assert set(sizes) == {clubs}, (code, sizes)


#: Names of one club over the seasons, as the feed has them: old, new.
RENAMED = """
Manchester City|Manchester City FC; Wigan Athletic|Wigan Athletic FC; Stoke City|Stoke City FC; Reading|Reading FC
Swansea City|Swansea City AFC; Huddersfield Town|Huddersfield Town AFC; Watford|Watford FC; Millwall|Millwall FC
Bayern München|FC Bayern München; Bayer Leverkusen|Bayer 04 Leverkusen; Werder Bremen|SV Werder Bremen
Bor. Mönchengladbach|Borussia Mönchengladbach; 1899 Hoffenheim|TSG 1899 Hoffenheim; VfL Bochum|VfL Bochum 1848
FC St. Pauli|FC St. Pauli 1910; SpVgg Greuther Fürth|SpVgg Greuther Fürth 1903; Real Madrid|Real Madrid CF
Atlético Madrid|Club Atlético de Madrid; Espanyol Barcelona|RCD Espanyol de Barcelona; RC Celta|RC Celta de Vigo
CD Alavés|Deportivo Alavés; Rayo Vallecano|Rayo Vallecano de Madrid; Real Betis|Real Betis Balompié
Real Sociedad|Real Sociedad de Fútbol; Paris Saint-Germain|Paris Saint-Germain FC; RC Lens|Racing Club de Lens
Olympique Marseille|Olympique de Marseille; Stade Rennais|Stade Rennais FC 1901; AS Monaco|AS Monaco FC
Havre AC|Le Havre AC; RC Strasbourg|RC Strasbourg Alsace; sc Heerenveen|SC Heerenveen; FC Twente|FC Twente '65
PSV Eindhoven|PSV; AZ Alkmaar|AZ; NEC Nijmegen|NEC; Feyenoord|Feyenoord Rotterdam; Willem II|Willem II Tilburg
SL Benfica|Sport Lisboa e Benfica; Sporting CP|Sporting Clube de Portugal; Sporting Braga|Sporting Clube de Braga
GD Estoril|GD Estoril Praia; LASK Linz|LASK; FC Trenkwalder Admira|FC Admira Wacker; WSC Hertha|FC Hertha Wels
SC Magna Wiener Neustadt|1. Wiener Neustädter SC; Atiker Konyaspor|Konyaspor; Shanghai SIPG|Shanghai Port FC
Tianjin Teda|Tianjin Jinmen Tiger; Henan Jianye|Henan FC; Atlético Mineiro|CA Mineiro; Bahia BA|EC Bahia
Botafogo RJ|Botafogo FR; Flamengo RJ|CR Flamengo; Ceará CE|Ceará SC; Grêmio Porto Alegre|Grêmio FBPA
Internacional|SC Internacional; Sport Recife PE|SC Recife; Red Bull Bragantino|RB Bragantino; AS Monaco FC (MCO)|AS Monaco (FRA)
"""
PAIRS = [tuple(pair.strip().split("|")) for pair in RENAMED.replace("\n", ";").split(";") if pair.strip()]
APART = [
    ("West Ham United", "West Bromwich Albion"), ("Forest Green Rovers", "Nottingham Forest"),
    ("Austria Salzburg", "RB Salzburg"), ("Botafogo SP", "Botafogo FR"), ("FC Bayern München", "Bayern München II"),
    ("Sevilla FC", "Sevilla Atlético"), ("FC Barcelona", "FC Barcelona B"), ("FK Austria Wien", "Austria Wien II"),
]  # fmt: skip
CLUBS = (
    "SELECT name, list(DISTINCT entity_id) FROM core.name WHERE kind = 'team' AND source = 'openfootball' GROUP BY name"
)


def test_q21_names_of_one_club_over_the_seasons_are_one_team(published):
    entity = dict(published(CLUBS))
    wrong = [(old, new) for old, new in PAIRS if old in entity and new in entity and entity[old] != entity[new]]
    assert wrong == []
    assert sum(old in entity and new in entity for old, new in PAIRS) > 50


def test_q21_clubs_with_names_much_alike_are_apart(published):
    entity = dict(published(CLUBS))
    assert [(a, b) for a, b in APART if a in entity and b in entity and set(entity[a]) & set(entity[b])] == []
