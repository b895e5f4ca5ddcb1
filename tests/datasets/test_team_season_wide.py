"""A team's season, wide: payroll, players, percentages, and who led in home runs."""

import pytest


def only(rows, *columns):
    """These columns of the only row."""
    (row,) = rows
    return tuple(row[column] for column in columns)


RECORD = {"wins": 116, "losses": 46, "games": 162, "runs": 927, "runs_against": 627}


def test_all_of_the_team_is_passed_on(baseball):
    world = baseball()
    known = {**RECORD, "league": "AL", "division": "W", "rank": 1, "home_runs": 169, "attendance": 3507326}
    world.team("Mariners", 2001, **known, world_series_won=False)
    found = world.build("baseball.team_season_wide")
    assert only(found, "team", "team_code", "franchise_id", *known, "world_series_won") == (
        "Mariners",
        "Mariners",
        "Mariners",
        *known.values(),
        False,
    )


@pytest.mark.parametrize(
    ("record", "winning", "pythagorean"),
    [
        (RECORD, 116 / 162, 927**2 / (927**2 + 627**2)),
        ({**RECORD, "games": 165}, 116 / 162, 927**2 / (927**2 + 627**2)),
        ({"wins": 0, "losses": 0, "runs": 0, "runs_against": 0}, None, None),
        ({"wins": None, "losses": 3, "runs": None, "runs_against": 4}, None, None),
        ({"wins": 1, "losses": 0, "runs": 99_999, "runs_against": 0}, 1.0, 1.0),
    ],
)
def test_percentages_follow_from_decisions_and_runs(baseball, record, winning, pythagorean):
    world = baseball()
    world.team("Mariners", 2001, **record)
    found = world.build("baseball.team_season_wide")
    assert only(found, "winning_percentage", "pythagorean_percentage") == (winning, pythagorean)


def test_players_are_those_who_batted_pitched_or_fielded(baseball):
    world = baseball()
    world.team("Mariners", 2001)
    world.stint("batting", "Ann", 2001, "Mariners", 1)
    world.stint("batting", "Ann", 2001, "Mariners", 3)
    world.stint("pitching", "Bea", 2001, "Mariners")
    world.stint("fielding", "Cleo", 2001, "Mariners", position="C")
    world.stint("fielding", "Cleo", 2001, "Mariners", position="P")
    world.stint("batting", "Dora", 2001, "Reds")
    world.stint("batting", "Eve", 2000, "Mariners")
    assert only(world.build("baseball.team_season_wide"), "players") == (3,)


def test_a_team_without_rows_of_players_has_unknown_players(baseball):
    world = baseball()
    world.team("Mariners", 2001)
    columns = ("players", "payroll", "leading_home_runs", "leading_home_run_hitter")
    assert only(world.build("baseball.team_season_wide"), *columns) == (None, None, None, None)


def test_a_payroll_is_what_the_team_paid_in_that_season(baseball):
    world = baseball()
    world.team("Yankees", 2013)
    world.pay("Ann", 2013, "Yankees", 2_000_000_000)
    world.pay("Bea", 2013, "Yankees", 1_000_000_000)
    world.pay("Ann", 2013, "Reds", 5)
    world.pay("Ann", 2012, "Yankees", 7)
    assert only(world.build("baseball.team_season_wide"), "payroll") == (3_000_000_000,)


def test_the_leader_hit_most_over_all_stints_with_the_team(baseball):
    world = baseball()
    world.team("Athletics", 1997)
    world.stint("batting", "Ann", 1997, "Athletics", 1, home_runs=20)
    world.stint("batting", "Ann", 1997, "Cardinals", 2, home_runs=24)
    world.stint("batting", "Ann", 1997, "Athletics", 3, home_runs=5)
    world.stint("batting", "Bea", 1997, "Athletics", home_runs=24)
    world.stint("batting", "Cleo", 1997, "Athletics", home_runs=None)
    found = world.build("baseball.team_season_wide")
    assert only(found, "leading_home_runs", "leading_home_run_hitter") == (25, "Ann")


def test_of_level_hitters_the_first_by_name_leads(baseball):
    world = baseball()
    world.team("Athletics", 1875)
    for player in ("Zoe", "Bea", "Ann"):
        world.stint("batting", player, 1875, "Athletics", home_runs=0 if player == "Ann" else 3)
    assert only(world.build("baseball.team_season_wide"), "leading_home_run_hitter") == ("Bea",)


def test_a_franchise_under_several_names_has_each_season_once(baseball):
    world = baseball()
    for season, name in ((1954, "Philadelphia Athletics"), (1955, "Kansas City Athletics")):
        world.team("Athletics", season, team=name)
    found = world.build("baseball.team_season_wide")
    assert [(row["season"], row["team"]) for row in found] == [
        (1954, "Philadelphia Athletics"),
        (1955, "Kansas City Athletics"),
    ]


def test_without_baseball_there_are_no_rows(baseball):
    assert baseball().build("baseball.team_season_wide") == []
