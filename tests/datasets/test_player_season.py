"""A player's season: sums over stints, rates of sums, age, teams and leagues, pay and awards."""

import pytest


def only(rows, *columns):
    """These columns of the only row."""
    (row,) = rows
    return tuple(row[column] for column in columns)


def test_stints_of_a_season_add_up_over_teams_and_leagues(baseball):
    world = baseball()
    world.stint("batting", "Manny", 2008, "Dodgers", 2, league="NL", games=53, at_bats=187, hits=74, home_runs=17)
    world.stint("batting", "Manny", 2008, "Red Sox", 1, league="AL", games=100, at_bats=365, hits=109, home_runs=20)
    rows = world.build("baseball.player_season")
    assert only(rows, "player", "games", "home_runs") == ("Manny", 153, 37)
    assert only(rows, "teams", "leagues") == (["team:Dodgers", "team:Red Sox"], ["AL", "NL"])
    assert only(rows, "batting_average") == (183 / 552,)


def test_a_team_that_a_player_comes_back_to_is_listed_once(baseball):
    world = baseball()
    for stint, team in enumerate(("Diamondbacks", "Reds", "Diamondbacks"), start=1):
        world.stint("batting", "Sergio", 2022, team, stint, league="NL", games=1)
    assert only(world.build("baseball.player_season"), "teams", "leagues", "games") == (
        ["team:Diamondbacks", "team:Reds"],
        ["NL"],
        3,
    )


def test_a_count_is_unknown_only_where_no_stint_records_it(baseball):
    world = baseball()
    world.stint("batting", "Ross", 1875, "Boston", 1, hits=3, strikeouts=None, walks=None)
    world.stint("batting", "Ross", 1875, "Hartford", 2, hits=4, strikeouts=1, walks=None)
    assert only(world.build("baseball.player_season"), "hits", "strikeouts", "walks") == (7, 1, None)


def test_what_is_recorded_as_zero_stays_zero(baseball):
    world = baseball()
    world.stint("batting", "Ross", 1875, "Boston", at_bats=0, hits=0, strikeouts=0)
    found = only(world.build("baseball.player_season"), "hits", "strikeouts", "batting_average", "slugging")
    assert found == (0, 0, None, None)


def test_who_only_pitched_or_fielded_has_a_row_too(baseball):
    world = baseball()
    world.stint("pitching", "Pia", 1901, "Boston", league="AL", games=2, outs_pitched=9, strikeouts=4)
    world.stint("fielding", "Flo", 1901, "Boston", league="AL", position="SS", games=7)
    flo, pia = world.build("baseball.player_season")
    assert (flo["player"], flo["games"], flo["pitching_games"], flo["teams"]) == ("Flo", None, None, ["team:Boston"])
    assert (pia["player"], pia["games"], pia["pitching_games"], pia["pitching_strikeouts"]) == ("Pia", None, 2, 4)


def test_an_earned_run_average_is_that_of_the_sums(baseball):
    world = baseball()
    world.stint("pitching", "CC", 2008, "Indians", 1, outs_pitched=367, earned_runs=52, earned_run_average=3.83)
    world.stint("pitching", "CC", 2008, "Brewers", 2, outs_pitched=392, earned_runs=24, earned_run_average=1.65)
    assert only(world.build("baseball.player_season"), "earned_run_average") == (27 * 76 / 759,)


def test_without_an_out_there_is_no_earned_run_average(baseball):
    world = baseball()
    world.stint("pitching", "Doc", 1979, "Astros", outs_pitched=0, earned_runs=4)
    assert only(world.build("baseball.player_season"), "pitching_earned_runs", "earned_run_average") == (4, None)


BATTING = {"at_bats": 10, "hits": 4, "walks": 2, "doubles": 1, "triples": 1, "home_runs": 1}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"hit_by_pitch": 1, "sacrifice_flies": 2}, 7 / 15),
        ({"hit_by_pitch": None, "sacrifice_flies": None}, 6 / 12),
        ({"hit_by_pitch": 1, "sacrifice_flies": None}, 7 / 13),
        ({"walks": None, "hit_by_pitch": 1}, None),
        ({"at_bats": None}, None),
        ({"at_bats": 0, "hits": 0, "walks": 0, "doubles": 0, "triples": 0, "home_runs": 0}, None),
        ({"at_bats": 0, "hits": 0, "walks": 2, "doubles": 0, "triples": 0, "home_runs": 0}, 1.0),
    ],
)
def test_what_is_not_recorded_counts_as_nothing_on_base_but_walks_and_at_bats_do_not(baseball, told, expected):
    world = baseball()
    world.stint("batting", "Ross", 1955, "Boston", **{**BATTING, **told})
    assert only(world.build("baseball.player_season"), "on_base_percentage") == (expected,)


def test_slugging_counts_bases(baseball):
    world = baseball()
    world.stint("batting", "Babe", 1920, "Yankees", **BATTING)
    assert only(world.build("baseball.player_season"), "slugging") == ((1 + 2 + 3 + 4) / 10,)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ({"birth_year": 1994, "birth_month": 6, "birth_day": 30}, 30),
        ({"birth_year": 1994, "birth_month": 7, "birth_day": 1}, 29),
        ({"birth_year": 1994, "birth_month": 12, "birth_day": None}, 30),
        ({"birth_year": 1994, "birth_month": None, "birth_day": None}, 30),
        ({"birth_year": 1994, "birth_month": None, "birth_day": 5}, 30),
        ({"birth_year": None, "birth_month": 7, "birth_day": 5}, None),
    ],
)
def test_age_counts_to_30_june_by_the_year_alone_where_the_day_is_unknown(baseball, born, age):
    world = baseball()
    world.player("Shohei", **born)
    world.stint("batting", "Shohei", 2024, "Dodgers", games=159)
    assert only(world.build("baseball.player_season"), "age") == (age,)


def test_pay_of_all_teams_adds_up_and_no_row_is_not_zero(baseball):
    world = baseball()
    for season in (2008, 2009, 2010):
        world.stint("batting", "Manny", season, "Dodgers", games=1)
    world.pay("Manny", 2008, "Red Sox", 18_929_923)
    world.pay("Manny", 2008, "Dodgers", 7_000_000_000)
    world.pay("Manny", 2010, "Dodgers", 0)
    assert [row["salary"] for row in world.build("baseball.player_season")] == [7_018_929_923, None, 0]


def test_awards_are_named_once_and_sorted(baseball):
    world = baseball()
    world.stint("batting", "Aaron", 2017, "Yankees", games=155)
    for ordinal in (1, 2, 3):
        world.award("Aaron", "Rookie of the Month", 2017, ordinal)
    world.award("Aaron", "All-Star", 2017)
    world.award("Aaron", "Most Valuable Player", 2022)
    assert only(world.build("baseball.player_season"), "awards") == (["All-Star", "Rookie of the Month"],)


def test_nothing_won_and_no_league_known_are_empty_lists(baseball):
    world = baseball()
    world.stint("batting", "Ross", 1955, "Boston", games=1, league=None)
    assert only(world.build("baseball.player_season"), "awards", "leagues") == ([], [])


def test_an_award_or_pay_alone_makes_no_season(baseball):
    world = baseball()
    world.stint("batting", "Ross", 1955, "Boston", games=1)
    world.award("Ross", "Comeback", 1956)
    world.pay("Ross", 1956, "Boston", 5)
    assert [row["season"] for row in world.build("baseball.player_season")] == [1955]


def test_players_of_one_name_stay_apart(baseball):
    world = baseball()
    world.put("core.person", person_id="person:John 2", name="John Sullivan")
    world.put("core.person", person_id="person:John Sullivan", name="John Sullivan")
    world.stint("batting", "John Sullivan", 1965, "Boston", home_runs=1)
    world.stint("batting", "John 2", 1965, "Boston", home_runs=2)
    found = [(row["person_id"], row["home_runs"]) for row in world.build("baseball.player_season")]
    assert found == [("person:John 2", 2), ("person:John Sullivan", 1)]


def test_without_baseball_there_are_no_rows(baseball):
    assert baseball().build("baseball.player_season") == []
