"""Baseball's checks: silent about an honest season, and each speaks of what it is for."""

import pytest

from fieldhouse import settings
from fieldhouse.stages.audit import quality

#: Two seasons of two teams; Ann bats and pitches for both in 2001, Bea for Ajax alone. Only what the checks read.
WORLD = """
CREATE SCHEMA baseball;
CREATE TABLE baseball.team_season AS
  FROM (VALUES
    ('a', 2001, 'Ajax', 'AJX', 'AL', 3, 2, 1, 20, 10, 5, true), ('b', 2001, 'Brest', 'BRE', 'NL', 3, 1, 2, 10, 20, 1, false),
    ('a', 2002, 'Ajax', 'AJX', 'AL', 3, 1, 2, 9, 12, 2, NULL), ('b', 2002, 'Brest', 'BRE', 'NL', 4, 2, 1, 12, 9, 0, NULL))
  AS team(team_id, season, team, team_code, league, games, wins, losses, runs, runs_against, home_runs, world_series_won);
CREATE TABLE baseball.batting_season AS
  FROM (VALUES
    ('ann', 2001, 1, 'a', 'AL', 2, 10, 8, 6, 1, 1, 2, 3, 2, 3, 1),
    ('ann', 2001, 2, 'b', 'NL', 3, 12, 10, 7, NULL, 0, 1, 4, 1, NULL, NULL),
    ('bea', 2001, 1, 'a', 'AL', 3, 14, 12, 9, 1, 1, 3, 9, 4, 2, 0),
    ('bea', 2002, 1, 'a', 'AL', 3, 12, 9, 6, 0, 0, 2, 5, 1, 1, 0),
    ('ann', 2002, 1, 'b', 'NL', 4, 16, 12, 4, 0, 0, 0, 2, 0, 1, 0))
  AS batting(person_id, season, stint, team_id, league, games, at_bats, runs, hits, doubles, triples, home_runs,
    runs_batted_in, strikeouts, walks, intentional_walks);
CREATE TABLE baseball.pitching_season AS
  FROM (VALUES
    ('ann', 2001, 1, 'a', 'AL', 1, 0, 2, 1, 1, 1, 1, 27, 6, 3, 3, 1, 9, 3.0),
    ('ann', 2001, 2, 'b', 'NL', 0, 0, 1, 0, 0, 0, 0, 0, 2, 2, 1, 0, 0, NULL))
  AS pitching(person_id, season, stint, team_id, league, wins, losses, games, games_started, complete_games, shutouts,
    saves, outs_pitched, hits, runs, earned_runs, home_runs, strikeouts, earned_run_average);
CREATE TABLE baseball.fielding_season AS
  FROM (VALUES ('ann', 2001, 1, 'P', 'a', 'AL', 2, 1, 27, 4), ('bea', 2001, 1, 'SS', 'a', 'AL', 3, 3, 81, 20))
  AS fielding(person_id, season, stint, position, team_id, league, games, games_started, outs_played, putouts);
CREATE TABLE baseball.salary AS
  FROM (VALUES ('ann', 2001, 'a', 'AL', 100), ('ann', 2001, 'b', 'NL', 200), ('bea', 2001, 'a', 'AL', 50))
  AS salary(person_id, season, team_id, league, salary);
CREATE TABLE baseball.award AS
  FROM (VALUES ('ann', 'Pitcher of the Month', 2001, 'AL', 1), ('ann', 'Pitcher of the Month', 2001, 'AL', 2))
  AS award(person_id, award, season, league, ordinal);
CREATE TABLE baseball.hall_of_fame AS
  FROM (VALUES ('ann', 2010, 'Writers', 10, 8, 7, false, NULL), ('ann', 2011, 'Writers', 10, 8, 9, true, 'Runner-up'))
  AS hall_of_fame(person_id, season, voted_by, ballots, needed, votes, inducted, needed_note);
CREATE TABLE baseball.player_season AS
  FROM (VALUES
    ('ann', 2001, 'Ann', 20, 5, 22, 18, 13, 3, 3, 1, 27, 9, 300, ['Pitcher of the Month']),
    ('ann', 2002, 'Ann', 21, 4, 16, 12, 4, 0, 1, NULL, NULL, NULL, NULL, []),
    ('bea', 2001, 'Bea', 30, 3, 14, 12, 9, 3, 2, NULL, NULL, NULL, 50, []),
    ('bea', 2002, 'Bea', 31, 3, 12, 9, 6, 2, 1, NULL, NULL, NULL, NULL, []))
  AS player(person_id, season, player, age, games, at_bats, runs, hits, home_runs, walks, pitching_wins,
    pitching_outs_pitched, pitching_strikeouts, salary, awards);
CREATE TABLE baseball.player_career AS
  FROM (VALUES
    ('ann', 'Ann', 2001, 2002, 2, 9, 38, 30, 17, 3, 4, 1, 27, 9, 2011),
    ('bea', 'Bea', 2001, 2002, 2, 6, 26, 21, 15, 5, 3, NULL, NULL, NULL, NULL))
  AS career(person_id, player, first_season, last_season, seasons, games, at_bats, runs, hits, home_runs, walks,
    pitching_wins, pitching_outs_pitched, pitching_strikeouts, hall_of_fame_year);
CREATE TABLE baseball.team_season_wide AS
  FROM (VALUES
    ('a', 2001, 'Ajax', 150, 3, 'Bea'), ('b', 2001, 'Brest', 200, 1, 'Ann'),
    ('a', 2002, 'Ajax', NULL, 2, 'Bea'), ('b', 2002, 'Brest', NULL, 0, 'Ann'))
  AS wide(team_id, season, team, payroll, leading_home_runs, leading_home_run_hitter);
CREATE SCHEMA core;
CREATE TABLE core.phase AS FROM (VALUES ('r', 'regular'), ('w', 'playoff')) AS phase(phase_id, kind);
CREATE TABLE core.match AS
  FROM (VALUES ('g1', 'r', DATE '2001-05-01', 'baseball'), ('g2', 'r', DATE '2001-05-02', 'baseball'),
    ('g3', 'r', DATE '2001-05-03', 'baseball'), ('g4', 'w', DATE '2001-10-01', 'baseball'))
  AS match(match_id, phase_id, date, sport);
CREATE TABLE core.participation AS
  FROM (VALUES ('g1', 'a', 'home', 10, 'won'), ('g1', 'b', 'away', 2, 'lost'), ('g2', 'a', 'home', 8, 'won'),
    ('g2', 'b', 'away', 3, 'lost'), ('g3', 'a', 'away', 2, 'lost'), ('g3', 'b', 'home', 5, 'won'),
    ('g4', 'a', 'home', 1, 'won'), ('g4', 'b', 'away', 0, 'lost'))
  AS participation(match_id, participant_id, side, score, result);
CREATE TABLE baseball.game_play AS
  FROM (VALUES ('g1', 1, 1, 0, 2), ('g1', 2, 1, 1, 4), ('g1', 3, 2, 0, 0), ('g1', 4, 2, 1, 4), ('g1', 5, 2, 1, 2),
    ('g4', 1, 1, 0, 0), ('g4', 2, 1, 1, 1))
  AS play(match_id, play_no, inning, half, runs);
"""
STATED = quality.load(settings.home(), "baseball")
BATTING = "UPDATE baseball.batting_season SET {} WHERE person_id = 'bea' AND season = 2002"
PITCHING = "UPDATE baseball.pitching_season SET {} WHERE stint = 1"
FIELDING = "UPDATE baseball.fielding_season SET {} WHERE position = 'SS'"
TEAM = "UPDATE baseball.team_season SET {} WHERE team_id = 'a' AND season = 2002"
SEASON = "UPDATE baseball.player_season SET {} WHERE person_id = 'bea' AND season = 2002"
CAREER = "UPDATE baseball.player_career SET {} WHERE person_id = 'bea'"
WIDE = "UPDATE baseball.team_season_wide SET {} WHERE team_id = 'a' AND season = 2001"
#: Six more years like 2002, in which Ajax has one run more than its players.
YEARS = """
INSERT INTO baseball.team_season BY NAME
  SELECT * EXCLUDE (year) REPLACE (
    year AS season,
    if(team_id = 'a', 10, runs) AS runs,
    if(team_id = 'b', 10, runs_against) AS runs_against)
  FROM baseball.team_season
  CROSS JOIN range(2003, 2009) AS years(year)
  WHERE season = 2002;
INSERT INTO baseball.batting_season BY NAME
  SELECT * EXCLUDE (year) REPLACE (year AS season) FROM baseball.batting_season CROSS JOIN range(2003, 2009) AS years(year)
  WHERE season = 2002;
INSERT INTO baseball.player_season BY NAME
  SELECT * EXCLUDE (year) REPLACE (year AS season) FROM baseball.player_season CROSS JOIN range(2003, 2009) AS years(year)
  WHERE season = 2002;
INSERT INTO baseball.team_season_wide BY NAME
  SELECT * EXCLUDE (year) REPLACE (year AS season) FROM baseball.team_season_wide CROSS JOIN range(2003, 2009) AS years(year)
  WHERE season = 2002;
UPDATE baseball.player_career
  SET last_season = 2008, seasons = 8, games = 33, at_bats = 134, runs = 102, hits = 41, walks = 10
  WHERE person_id = 'ann';
UPDATE baseball.player_career
  SET last_season = 2008, seasons = 8, games = 24, at_bats = 98, runs = 75, hits = 51,
    home_runs = 17, walks = 9
  WHERE person_id = 'bea';
"""
PLAY = "UPDATE baseball.game_play SET {} WHERE match_id = 'g1' AND play_no = 5"
#: Six games like the first, in each of which a play too many scores.
MORE_GAMES = """
INSERT INTO baseball.game_play BY NAME
  SELECT * EXCLUDE (n) REPLACE ('more ' || n AS match_id, if(play_no = 5, 3, runs) AS runs)
  FROM baseball.game_play CROSS JOIN range(6) AS more(n) WHERE match_id = 'g1';
INSERT INTO core.participation BY NAME
  SELECT * EXCLUDE (n) REPLACE ('more ' || n AS match_id)
  FROM core.participation CROSS JOIN range(6) AS more(n) WHERE match_id = 'g1';
"""
#: The three games of 2001 again in each of YEARS.
GAMES_OF_YEARS = """
INSERT INTO core.match BY NAME
  SELECT * EXCLUDE (year) REPLACE (match_id || ' ' || year AS match_id, make_date(year, 5, 1) AS date)
  FROM core.match CROSS JOIN range(2003, 2009) AS years(year) WHERE phase_id = 'r';
INSERT INTO core.participation BY NAME
  SELECT * EXCLUDE (year) REPLACE (match_id || ' ' || year AS match_id)
  FROM core.participation CROSS JOIN range(2003, 2009) AS years(year) WHERE match_id <> 'g4';
"""
CASES = {
    "a play is missing": (PLAY.format("play_no = 6"), {"plays_are_numbered": 1}),
    "an inning is missing": (PLAY.format("inning = 4"), {"innings_follow_one_another": 1}),
    "an inning comes again": (PLAY.format("inning = 1"), {"innings_follow_one_another": 1}),
    "a run that no play made": (PLAY.format("runs = 1"), {"plays_make_the_score": 1}),
    "a run for the other side": (PLAY.format("half = 0"), {"plays_make_the_score": 2}),
    "many runs that no play made": (MORE_GAMES, {"plays_make_the_score": 6, "plays_mostly_make_the_score": 1}),
    "a game was lost that the table calls won": (
        "UPDATE core.participation SET result = 'lost' WHERE match_id = 'g1' AND participant_id = 'a'",
        {"games_make_the_season": 1},
    ),
    "a run of a game that the table does not know": (
        "UPDATE core.participation SET score = 6 WHERE match_id = 'g3' AND participant_id = 'b'",
        {"games_make_the_season": 2},
    ),
    "a game that nobody wrote down": ("DELETE FROM core.match WHERE match_id = 'g3'", {}),
    "games of other teams": (
        YEARS + GAMES_OF_YEARS,
        {
            "totals_are_those_of_players": 6,
            "totals_mostly_are_those_of_players": 1,
            "games_make_the_season": 6,
            "games_mostly_make_the_season": 1,
        },
    ),
    "more hits than at bats": (BATTING.format("at_bats = 5"), {"hits_fit_at_bats": 1, "batting_adds_up": 1}),
    "more doubles than hits": (BATTING.format("doubles = 5"), {"hits_fit_at_bats": 1, "batting_adds_up": 1}),
    "more home runs than runs": (
        BATTING.format("runs = 1"),
        {"hits_fit_at_bats": 1, "batting_adds_up": 1, "totals_are_those_of_players": 1},
    ),
    "more strikeouts than at bats": (
        BATTING.format("strikeouts = 13"),
        {"parts_of_batting_fit": 1, "batting_adds_up": 1},
    ),
    "more intentional walks than walks": (BATTING.format("intentional_walks = 2"), {"parts_of_batting_fit": 1}),
    "an at bat is a hit and a strikeout": (BATTING.format("strikeouts = 7"), {"batting_adds_up": 1}),
    "a home run bats nobody in": (BATTING.format("runs_batted_in = 1"), {"batting_adds_up": 1}),
    "a stint is missing": (BATTING.format("stint = 2"), {"stints_are_counted": 1}),
    "a new stint with the same team": (
        "UPDATE baseball.batting_season SET team_id = 'a', league = 'AL' WHERE stint = 2",
        {"stints_are_counted": 1, "totals_are_those_of_players": 1, "leaders_lead": 1},
    ),
    "more earned runs than runs": (
        PITCHING.format("earned_runs = 4, earned_run_average = 4.0"),
        {"parts_of_pitching_fit": 1},
    ),
    "more home runs than hits allowed": (PITCHING.format("home_runs = 7"), {"parts_of_pitching_fit": 1}),
    "more starts than games": (PITCHING.format("games_started = 3"), {"parts_of_pitching_fit": 1}),
    "more complete games than starts": (PITCHING.format("complete_games = 2"), {"parts_of_pitching_fit": 1}),
    "more saves than games": (PITCHING.format("saves = 3"), {"parts_of_pitching_fit": 1, "pitching_adds_up": 1}),
    "a game is won and lost": (PITCHING.format("losses = 1"), {"pitching_adds_up": 1}),
    "a shutout by several": (PITCHING.format("shutouts = 2"), {"pitching_adds_up": 1}),
    "an average that does not follow": (PITCHING.format("earned_run_average = 3.1"), {"recorded_averages_follow": 1}),
    "an average of outs is missing": (PITCHING.format("earned_run_average = NULL"), {"recorded_averages_follow": 1}),
    "an average without an out": (
        "UPDATE baseball.pitching_season SET earned_run_average = 0 WHERE stint = 2",
        {"recorded_averages_follow": 1},
    ),
    "more starts than games in the field": (FIELDING.format("games_started = 4"), {"fielding_adds_up": 1}),
    "more put-outs than outs": (FIELDING.format("putouts = 82"), {"fielding_adds_up": 1}),
    "two winners of a series": (
        "UPDATE baseball.team_season SET world_series_won = true WHERE season = 2001",
        {"one_team_wins_the_series": 1},
    ),
    "two teams have one code": (
        "UPDATE baseball.team_season SET team_code = 'AJX' WHERE season = 2002",
        {"codes_are_of_one_team": 1},
    ),
    "more decisions than games": (TEAM.format("games = 2"), {"decisions_are_games": 1}),
    "a win that nobody lost": (TEAM.format("wins = 0"), {"wins_and_runs_balance": 1}),
    "a run that nobody let in": (TEAM.format("runs_against = 11"), {"wins_and_runs_balance": 1}),
    "a run that nobody scored": (
        TEAM.format("runs = 10"),
        {"totals_are_those_of_players": 1, "wins_and_runs_balance": 1},
    ),
    "a home run that nobody hit": (TEAM.format("home_runs = 3"), {"totals_are_those_of_players": 1}),
    "many runs that nobody scored": (
        YEARS,
        {"totals_are_those_of_players": 6, "totals_mostly_are_those_of_players": 1},
    ),
    "unpaid": (
        "UPDATE baseball.salary SET salary = 0 WHERE person_id = 'bea'",
        {"work_is_paid": 1, "pay_and_awards_are_kept": 1, "payrolls_are_salaries": 1},
    ),
    "an award of no league": (
        "UPDATE baseball.award SET league = 'unknown' WHERE ordinal = 2",
        {"awards_have_a_league": 1},
    ),
    "more votes than ballots": ("UPDATE baseball.hall_of_fame SET votes = 11", {"votes_are_on_ballots": 2}),
    "inducted with few votes": (
        "UPDATE baseball.hall_of_fame SET votes = 7",
        {"the_inducted_had_the_votes": 1},
    ),
    "inducted by a preliminary poll": (
        "UPDATE baseball.hall_of_fame SET needed_note = 'Preliminary poll' WHERE season = 2011",
        {"preliminary_votes_induct_nobody": 1},
    ),
    "inducted twice": (
        "INSERT INTO baseball.hall_of_fame VALUES ('ann', 2012, 'Veterans', NULL, NULL, NULL, true, NULL)",
        {"inducted_once": 1},
    ),
    "a player's season is lost": (
        "DELETE FROM baseball.player_season WHERE person_id = 'bea' AND season = 2002",
        {"no_player_is_lost": 1, "careers_are_their_seasons": 2},
    ),
    "a season that nobody played": (
        "INSERT INTO baseball.player_season BY NAME SELECT * REPLACE (2003 AS season) FROM baseball.player_season"
        " WHERE person_id = 'bea' AND season = 2002",
        {"no_player_is_lost": 1, "careers_are_their_seasons": 2},
    ),
    "a stint's home runs are lost": (
        SEASON.format("home_runs = 1"),
        {"no_player_is_lost": 1, "careers_are_their_seasons": 2},
    ),
    "a zero stands for what is not recorded": (
        SEASON.format("pitching_outs_pitched = 0"),
        {"no_player_is_lost": 1, "careers_are_their_seasons": 2},
    ),
    "pay is lost": (SEASON.format("salary = 1"), {"pay_and_awards_are_kept": 1}),
    "an award is made up": (SEASON.format("awards = ['Rookie']"), {"pay_and_awards_are_kept": 1}),
    "a player of 130": (SEASON.format("age = 130"), {"ages_are_those_of_players": 1}),
    "a career has a hit more": (CAREER.format("hits = hits + 1"), {"careers_are_their_seasons": 2}),
    "a career begins later": (CAREER.format("first_season = 2002"), {"careers_are_their_seasons": 2}),
    "a year without an induction": (CAREER.format("hall_of_fame_year = 2011"), {"the_inducted_are_known": 1}),
    "a team's season is lost": (
        "DELETE FROM baseball.team_season_wide WHERE team_id = 'a' AND season = 2001",
        {"every_team_season_has_its_row": 1},
    ),
    "a payroll is too small": (WIDE.format("payroll = 100"), {"payrolls_are_salaries": 1}),
    "somebody hit more": (WIDE.format("leading_home_runs = 2"), {"leaders_lead": 1}),
    "a leader without a name": (WIDE.format("leading_home_run_hitter = NULL"), {"leaders_lead": 1}),
}


def test_an_honest_world_passes(found):
    assert found() == {}


def test_an_empty_world_passes(emptied, found):
    assert emptied
    assert found() == {}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_found_by_the_check_for_it(con, found, case):
    statement, expected = CASES[case]
    con.execute(statement)
    assert found() == expected


def test_one_slip_among_thousands_only_warns(con, found):
    con.execute("""
        INSERT INTO baseball.batting_season BY NAME
        SELECT * EXCLUDE (n) REPLACE ('copy ' || n AS person_id) FROM baseball.batting_season
        CROSS JOIN range(1000) AS copies(n)
        WHERE person_id = 'bea' AND season = 2001
    """)
    con.execute(BATTING.format("doubles = 5"))
    wrong = found()
    assert wrong["batting_adds_up"] == 1
    assert "hits_fit_at_bats" not in wrong


def test_the_negro_leagues_had_a_world_series_of_their_own(con, found):
    con.execute("UPDATE baseball.team_season SET world_series_won = true WHERE season = 2001")
    con.execute("UPDATE baseball.team_season SET league = 'NNL' WHERE season = 2001 AND team_id = 'b'")
    assert "one_team_wins_the_series" not in found()


#: Rules of several datasets, each of which has cases of its own below.
SHARED = ("players_have_a_team", "the_national_association_is_a_league")


def of(rule: str) -> list[str]:
    """The datasets that a rule is about."""
    return [e.dataset for e in STATED.expectations if e.rule == rule]


@pytest.mark.parametrize("dataset", of("the_national_association_is_a_league"))
def test_a_league_of_1871_that_reads_as_missing_is_found(con, found, dataset):
    con.execute(f"UPDATE {dataset} SET season = 1871, league = NULL WHERE season = 2001")
    assert found()["the_national_association_is_a_league"] == len(
        con.execute(f"FROM {dataset} WHERE season = 1871").fetchall()
    )


@pytest.mark.parametrize("dataset", of("the_national_association_is_a_league"))
def test_a_missing_league_that_reads_as_that_of_1871_is_found(con, found, dataset):
    con.execute(f"UPDATE {dataset} SET league = 'NA' WHERE season = 2001")
    assert found()["the_national_association_is_a_league"] == len(
        con.execute(f"FROM {dataset} WHERE season = 2001").fetchall()
    )


@pytest.mark.parametrize("dataset", of("players_have_a_team"))
@pytest.mark.parametrize("wrong", ["league = 'FL'", "league = NULL", "team_id = 'z'"])
def test_a_row_of_no_team_or_of_another_league_is_found(con, found, dataset, wrong):
    of_ajax = "team_id = 'a' AND season = 2001"
    rows = len(con.execute(f"FROM {dataset} WHERE {of_ajax}").fetchall())
    con.execute(f"UPDATE {dataset} SET {wrong} WHERE {of_ajax}")
    assert rows
    assert found()["players_have_a_team"] == rows


def test_every_check_of_the_file_has_a_case():
    assert {rule for _, expected in CASES.values() for rule in expected} | set(SHARED) == {
        e.rule for e in STATED.expectations
    }


def test_what_sources_say_only_warns():
    warnings = {e.rule for e in STATED.expectations if e.severity == "warning"}
    assert warnings == {
        "batting_adds_up",
        "stints_are_counted",
        "pitching_adds_up",
        "recorded_averages_follow",
        "fielding_adds_up",
        "players_have_a_team",
        "decisions_are_games",
        "wins_and_runs_balance",
        "totals_are_those_of_players",
        "work_is_paid",
        "awards_have_a_league",
        "the_inducted_had_the_votes",
        "preliminary_votes_induct_nobody",
        "inducted_once",
        "ages_are_those_of_players",
        "innings_follow_one_another",
        "plays_make_the_score",
        "games_make_the_season",
    }
