"""What profiling counted in the real files of international_results, and what became of it in the tables."""

import pytest

pytestmark = pytest.mark.feeds
WIDE = "FROM football.match_wide WHERE list_contains(sources, 'international_results')"
GOALS = (
    "FROM football.goal JOIN football.match_wide USING (match_id) WHERE list_contains(sources, 'international_results')"
)


def test_every_result_is_a_match(published):
    assert published(f"SELECT count(*), sum(home_goals + away_goals)::INT {WIDE}") == [(49_520, 145_570)]


def test_r01_scorers_and_minutes_that_nobody_knows_are_null(published):
    assert published(f"SELECT count(*) {GOALS} AND scorer IS NULL") == [(44,)]
    assert published(f"SELECT count(*) {GOALS} AND minute IS NULL") == [(254,)]
    assert published("SELECT count(*) FROM core.name WHERE name = 'NA'") == [(0,)]


def test_r05_the_pair_that_met_twice_on_a_day_has_both_scores(published):
    rows = published(
        f"SELECT home_goals, away_goals {WIDE} AND date = '1974-02-17' AND home_team = 'Tahiti' ORDER BY ALL"
    )
    assert rows == [(1, 2), (2, 1)]


def test_r06_teams_that_play_twice_on_a_day_keep_both(published):
    rows = published(
        "SELECT count(*), max(matches) FROM (SELECT count(*) AS matches "
        "FROM football.team_match JOIN core.team USING (team_id) "
        "WHERE kind = 'national' GROUP BY team_id, date HAVING count(*) > 1)"
    )
    assert rows == [(139, 3)]


def test_r08_all_former_names_are_names(published):
    rows = published(
        "SELECT count(DISTINCT name) FROM core.name WHERE kind = 'team' AND source = 'international_results' "
        "AND name IN ('Zaïre', 'Soviet Union', 'Ceylon', 'Malaya', 'Ireland', 'Irish Free State')"
    )
    assert rows == [(6,)]


def test_r10_neutral_places(published):
    assert published(f"SELECT count(*) {WIDE} AND neutral") == [(13_156,)]


def test_r11_the_one_shootout_without_a_match_is_listed(published):
    rows = published("SELECT source_id FROM core.unlinked WHERE kind = 'match' AND reason LIKE 'named, but%'")
    assert rows == [("2011-06-29|Saare County|Åland Islands",)]


def test_r12_shootouts_after_matches_that_were_not_level(published):
    rows = published(
        "SELECT count(*) FROM core.participation JOIN football.match_wide USING (match_id) WHERE shootout_won "
        "AND result <> 'drawn' AND list_contains(sources, 'international_results')"
    )
    assert rows == [(37,)]


def test_r14_goals_are_known_of_some_matches_and_then_of_all_of_the_match(published):
    assert published(f"SELECT count(DISTINCT match_id) {GOALS}") == [(15_540,)]
    wrong = published(
        f"SELECT count(*) FROM (SELECT match_id {GOALS} GROUP BY match_id, home_goals, away_goals "
        "HAVING count(*) <> home_goals + away_goals)"
    )
    assert wrong == [(0,)]


def test_r15_own_goals_and_penalties(published):
    assert published(f"SELECT count(*) FILTER (own_goal), count(*) FILTER (penalty) {GOALS}") == [(936, 3_266)]
    assert published(f"SELECT count(*) {GOALS} AND own_goal AND penalty") == [(0,)]


def test_r16_minutes(published):
    assert published(f"SELECT max(minute), count(*) FILTER (minute = 90) {GOALS}") == [(122, 2_077)]


def test_r17_goals_that_look_the_same_are_kept(published):
    assert published(f"SELECT count(*) {GOALS}") == [(47_914,)]


def test_r19_cities_with_a_comma(published):
    assert published(f"SELECT count(*) {WIDE} AND city = 'Washington, D.C.'") == [(64,)]


def test_r20_the_highest_score(published):
    assert published(f"SELECT max(greatest(home_goals, away_goals)) {WIDE}") == [(31,)]


def test_r24_cities_that_lay_in_several_countries(published):
    rows = published(f"SELECT count(*) FROM (SELECT city {WIDE} GROUP BY city HAVING count(DISTINCT country) > 1)")
    assert rows == [(111,)]


def test_world_cups_are_known_to_both_sources_and_linked(published):
    rows = published(
        "SELECT count(*) FILTER (len(sources) = 2), count(*) FILTER (sources = ['openfootball']), count(*) "
        "FROM football.match_wide WHERE competition = 'worldcup'"
    )
    # 64 matches of 2014 are in international_results only, Sweden-Austria 1938 in openfootball only.
    assert rows == [(1_004, 1, 1_069)]
