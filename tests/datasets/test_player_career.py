"""A player's career: sums of all seasons, rates of these sums, and the year of the Hall of Fame."""


def only(rows, *columns):
    """These columns of the only row."""
    (row,) = rows
    return tuple(row[column] for column in columns)


def test_seasons_and_stints_add_up(baseball):
    world = baseball()
    for season, stint, hits in ((2000, 1, 10), (2001, 1, 20), (2001, 2, 30)):
        world.stint("batting", "Ann", season, f"Team {stint}", stint, at_bats=100, hits=hits)
        world.stint("pitching", "Ann", season, f"Team {stint}", stint, outs_pitched=27, earned_runs=hits // 10)
    found = world.build("baseball.player_career")
    assert only(found, "first_season", "last_season", "seasons", "hits", "at_bats") == (2000, 2001, 2, 60, 300)
    assert only(found, "batting_average", "pitching_earned_runs", "earned_run_average") == (60 / 300, 6, 27 * 6 / 81)


def test_years_without_a_game_are_not_seasons(baseball):
    world = baseball()
    for season in (1949, 1964, 1976, 1980):
        world.stint("batting", "Minnie", season, "White Sox", games=1)
    assert only(world.build("baseball.player_career"), "first_season", "last_season", "seasons") == (1949, 1980, 4)


def test_a_season_of_fielding_alone_counts(baseball):
    world = baseball()
    world.stint("batting", "Ann", 1901, "Boston", games=1, hits=None)
    world.stint("fielding", "Ann", 1902, "Boston", position="P", games=1)
    assert only(world.build("baseball.player_career"), "last_season", "seasons", "games", "hits") == (1902, 2, 1, None)


def test_a_career_is_the_sum_of_the_rows_of_its_seasons(baseball):
    world = baseball()
    world.stint("batting", "Ann", 1901, "Boston", at_bats=4, hits=1, walks=None, strikeouts=2, home_runs=1)
    world.stint("batting", "Ann", 1902, "Boston", at_bats=5, hits=2, walks=1, strikeouts=None, home_runs=0)
    counts = ("at_bats", "hits", "walks", "strikeouts", "home_runs")
    seasons = world.build("baseball.player_season")
    assert only(world.build("baseball.player_career"), *counts) == (9, 3, 1, 2, 1)
    assert [sum(row[c] or 0 for row in seasons) for c in counts] == [9, 3, 1, 2, 1]


def test_the_year_of_the_hall_of_fame_is_that_of_the_induction(baseball):
    world = baseball()
    for player in ("Ruth", "Rose", "Minnie", "Joe"):
        world.stint("batting", player, 1950, "Boston", games=1)
    world.vote("Ruth", 1936, inducted=True)
    world.vote("Rose", 1992, inducted=False)
    world.vote("Minnie", 2021, inducted=False)
    world.vote("Minnie", 2022, "Veterans", inducted=True)
    world.vote("Joe", 2007, "Veterans", inducted=None)
    world.vote("Buck", 2022, "Veterans", inducted=True)
    found = {row["player"]: row["hall_of_fame_year"] for row in world.build("baseball.player_career")}
    assert found == {"Ruth": 1936, "Rose": None, "Minnie": 2022, "Joe": None}


def test_without_baseball_there_are_no_rows(baseball):
    assert baseball().build("baseball.player_career") == []
