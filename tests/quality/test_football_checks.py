"""Football's checks: silent about two honest matches, and each speaks of what it is for."""

import pytest

from fieldhouse import settings
from fieldhouse.stages.audit import quality
from fieldhouse.stages.audit.compiling import ARGUMENTS

#: Ajax beat Brest 2-1 (1-0 at half-time); a day later Brest and Ajax draw 0-0. Only what the checks read.
WORLD = """
CREATE SCHEMA core;
CREATE SCHEMA football;
CREATE TABLE core.competition AS SELECT 'c' AS competition_id, 'en.1' AS slug, 'football' AS sport, 'league' AS kind;
CREATE TABLE core.season AS SELECT 's' AS season_id, 'c' AS competition_id, '2018-19' AS label;
CREATE TABLE core.phase AS SELECT 'p' AS phase_id, 'regular' AS kind;
CREATE TABLE football.rule AS
  FROM (VALUES ('*', '0000', '9999', 2, 1), ('en.1', '1981-82', '9999', 3, 1))
  AS rule(competition, first_season, last_season, points_win, points_draw);
CREATE TABLE core.match AS
  SELECT *, 'football' AS sport, 'c' AS competition_id, 's' AS season_id, NULL::VARCHAR AS phase_id
  FROM (VALUES ('m1', DATE '2018-08-11'), ('m2', DATE '2018-08-12')) AS match(match_id, date);
CREATE TABLE core.participation AS
  FROM (VALUES
    ('m1', 'a', 'home', 2, 'won'), ('m1', 'b', 'away', 1, 'lost'),
    ('m2', 'b', 'home', 0, 'drawn'), ('m2', 'a', 'away', 0, 'drawn'))
  AS participation(match_id, participant_id, side, score, result);
CREATE TABLE football.match_wide AS
  FROM (VALUES
    ('m1', DATE '2018-08-11', 'en.1', '2018-19', 'a', 'b', 'Ajax', 'Brest', 2, 1, 1, 0, 'played'),
    ('m2', DATE '2018-08-12', 'en.1', '2018-19', 'b', 'a', 'Brest', 'Ajax', 0, 0, 0, 0, 'played'))
  AS match_wide(match_id, date, competition, season, home_team_id, away_team_id, home_team, away_team,
    home_goals, away_goals, home_goals_ht, away_goals_ht, status);
CREATE TABLE football.team_match AS
  FROM (VALUES
    ('m1', 'a', 'b', 'home', 2, 1, 'won', 3), ('m1', 'b', 'a', 'away', 1, 2, 'lost', 0),
    ('m2', 'b', 'a', 'home', 0, 0, 'drawn', 1), ('m2', 'a', 'b', 'away', 0, 0, 'drawn', 1))
  AS sides(match_id, team_id, opponent_id, side, goals_for, goals_against, result, points)
  JOIN (SELECT match_id, date, competition, season FROM football.match_wide) USING (match_id);
CREATE TABLE football.standing AS
  SELECT 'en.1' AS competition, '2018-19' AS season, *
  FROM (VALUES
    (DATE '2018-08-11', 'a', 'Ajax', 1, 1, 0, 0, 2, 1, 3, 1, 1, false),
    (DATE '2018-08-11', 'b', 'Brest', 1, 0, 0, 1, 1, 2, 0, 2, 2, false),
    (DATE '2018-08-12', 'a', 'Ajax', 2, 1, 1, 0, 2, 1, 4, 1, 2, true),
    (DATE '2018-08-12', 'b', 'Brest', 2, 0, 1, 1, 1, 2, 1, 2, 1, true))
  AS standing(date, team_id, team, played, won, drawn, lost, goals_for, goals_against, points, position,
    position_official, is_final);
CREATE TABLE football.goal AS
  FROM (VALUES ('m1', 'a', 9, 'x', 'X', false), ('m1', 'b', 46, NULL, 'Y', false), ('m1', 'a', 90, NULL, 'Y', true))
  AS goal(match_id, team_id, minute, scorer_id, scorer, own_goal);
CREATE TABLE football.ruling AS
  SELECT 'en.1' AS competition, '2018-19' AS season, DATE '2018-08-12' AS date, 'b' AS home_team_id, 'a' AS away_team_id;
CREATE TABLE football.scorer AS FROM (VALUES ('x', 1), ('b|Y', 1)) AS scorer(scorer_key, goals);
CREATE TABLE football.action AS
  FROM (VALUES
    ('m1', 1, '1H', 0.5, 'b', false, false), ('m1', 2, '1H', 540.0, 'a', true, false), ('m1', 3, '2H', 60.0, 'b', true, false),
    ('m1', 4, '2H', 60.0, 'b', false, true), ('m1', 5, 'P', 1.0, 'b', true, false))
  AS action(match_id, action_no, period, second, team_id, goal, own_goal);
CREATE TABLE football.appearance AS
  FROM (VALUES
    ('m1', 'x', 'a', true, 0, NULL, 1, 0), ('m1', 'y', 'b', true, 0, 60, 1, 1), ('m1', 'z', 'b', false, 60, 60, 0, 0))
  AS appearance(match_id, person_id, team_id, started, minute_on, minute_off, goals, own_goals);
"""
STATED = quality.load(settings.home(), "football")


def test_an_honest_world_passes(found):
    assert found() == {}


def test_an_empty_world_passes(emptied, found):
    assert emptied
    assert found() == {}


#: A third team that has not played yet.
THIRD = """
INSERT INTO football.standing BY NAME
  SELECT * REPLACE ('c' AS team_id, 0 AS played, 0 AS drawn, 0 AS lost, 0 AS goals_for, 0 AS goals_against, 0 AS points,
    3 AS position, 3 AS position_official)
  FROM football.standing
  WHERE is_final AND team_id = 'b';
"""
#: Six more matches like the first, in later years and a cup without tables, and what they add to scorers.
SEASONS = (
    "".join(
        f"""
    INSERT INTO {table} BY NAME
      SELECT * EXCLUDE (year) REPLACE ('m1 ' || year AS match_id{more}) FROM {table} CROSS JOIN range(2001, 2007) AS years(year)
      WHERE match_id = 'm1';
    """
        for table, more in {
            "core.match": ", make_date(year, 8, 11) AS date, 'cup' AS competition_id",
            "core.participation": "",
            "football.match_wide": ", make_date(year, 8, 11) AS date, 'cup' AS competition",
            "football.team_match": ", make_date(year, 8, 11) AS date, 'en.1' AS competition, year::VARCHAR AS season",
            "football.goal": "",
        }.items()
    )
    + "INSERT INTO football.scorer VALUES ('more', 12);"
)
CASES = {
    "an action of a third side": (
        "UPDATE football.action SET team_id = 'c' WHERE action_no = 1",
        {"players_are_of_a_side": 1},
    ),
    "a line-up of a third side": (
        "UPDATE football.appearance SET team_id = 'c' WHERE person_id = 'z'",
        {"players_are_of_a_side": 1, "line_ups_have_all_goals": 1},
    ),
    "an action is missing": (
        "DELETE FROM football.action WHERE action_no = 1",
        {"actions_are_counted": 1},
    ),
    "an action before the one that precedes it": (
        "UPDATE football.action SET second = 59.5 WHERE action_no = 4",
        {"time_runs_forward": 1},
    ),
    "a goal that the keeper has, too": (
        "UPDATE football.action SET goal = true WHERE action_no = 1",
        {"actions_have_all_goals": 1},
    ),
    "a goal without an action": (
        "UPDATE football.action SET own_goal = false WHERE action_no = 4",
        {"actions_have_all_goals": 1},
    ),
    "a side none of whose goals has an action": (
        "UPDATE football.action SET goal = false WHERE team_id = 'b'",
        {"actions_have_all_goals": 1},
    ),
    "a goal that nobody of the line-up scored": (
        "UPDATE football.appearance SET goals = 0 WHERE person_id = 'x'",
        {"line_ups_have_all_goals": 1},
    ),
    "twelve who begin": (
        "INSERT INTO football.appearance SELECT 'm1', 'p' || n, 'a', true, 0, NULL, 0, 0 FROM range(11) AS more(n)",
        {"eleven_begin": 1},
    ),
    "a substitute who comes off before coming on": (
        "UPDATE football.appearance SET minute_off = 59 WHERE person_id = 'z'",
        {"who_comes_off_has_come_on": 1},
    ),
    "a match is not in the wide table": (
        "DELETE FROM football.match_wide WHERE match_id = 'm2'",
        {"one_row_per_match": 1, "rulings_have_their_match": 1},
    ),
    "a match has three sides": (
        "INSERT INTO core.participation VALUES ('m2', 'z', NULL, NULL, NULL)",
        {"result_follows_from_score": 1},
    ),
    "a match has two home sides": (
        "UPDATE core.participation SET side = 'home' WHERE match_id = 'm2'",
        {"result_follows_from_score": 1},
    ),
    "a result contradicts the score": (
        "UPDATE core.participation SET result = 'won' WHERE match_id = 'm1'",
        {"result_follows_from_score": 1},
    ),
    "a result without a score": (
        "UPDATE core.participation SET score = NULL WHERE match_id = 'm1'",
        {"result_follows_from_score": 1},
    ),
    "a result is lost": (
        "DELETE FROM football.team_match WHERE match_id = 'm1'",
        {"no_result_is_lost": 1, "last_tables_are_their_matches": 2},
    ),
    "one side is lost": (
        "DELETE FROM football.team_match WHERE match_id = 'm1' AND side = 'away'",
        {"sides_mirror": 1, "last_tables_are_their_matches": 1},
    ),
    "both sides claim the goals": (
        "UPDATE football.team_match SET goals_against = 0 WHERE match_id = 'm1'",
        {"sides_mirror": 1, "points_follow_from_result": 1, "last_tables_are_their_matches": 2},
    ),
    "sides have other opponents": (
        "UPDATE football.team_match SET opponent_id = 'z' WHERE match_id = 'm1' AND side = 'away'",
        {"sides_mirror": 1},
    ),
    "both sides won": (
        "UPDATE football.team_match SET result = 'won' WHERE match_id = 'm1'",
        {"sides_mirror": 1, "points_follow_from_result": 1},
    ),
    "a win gives too few points": (
        "UPDATE football.team_match SET points = 2 WHERE result = 'won'",
        {"points_follow_from_result": 1, "last_tables_are_their_matches": 1},
    ),
    "goals of a table do not balance": (
        "UPDATE football.standing SET goals_for = 3 WHERE team_id = 'a'",
        {"goals_balance": 2, "last_tables_are_their_matches": 1},
    ),
    "a table has a win without a loss": (
        "UPDATE football.standing SET lost = 0, drawn = 1, points = 1 WHERE team_id = 'b' AND NOT is_final",
        {"results_balance": 1},
    ),
    "a draw without another": (
        "UPDATE football.standing SET drawn = 2, played = 3, points = 5 WHERE team_id = 'a' AND is_final",
        {"results_balance": 1, "equal_numbers_of_matches": 1, "last_tables_are_their_matches": 1},
    ),
    "points do not follow from wins and draws": (
        "UPDATE football.standing SET points = 9 WHERE team_id = 'a'",
        {"points_follow_from_results": 2, "last_tables_are_their_matches": 1},
    ),
    "points by the general rule where the league has its own": (
        "UPDATE football.standing SET points = 2 * won + drawn",
        {"points_follow_from_results": 2, "last_tables_are_their_matches": 1},
    ),
    "two teams on one place": (
        "UPDATE football.standing SET position = 2 WHERE is_final",
        {"places_are_counted": 1},
    ),
    "a place is left out": (
        "UPDATE football.standing SET position_official = position_official + 1 WHERE is_final AND team_id = 'a'",
        {"places_are_counted": 1},
    ),
    "a league without its last table": (
        "DELETE FROM football.standing WHERE is_final",
        {"every_league_has_a_table": 1},
    ),
    "a league without any table": ("DELETE FROM football.standing", {"every_league_has_a_table": 1}),
    "a scorer's goals are lost": ("DELETE FROM football.scorer WHERE scorer_key = 'x'", {"scorers_have_all_goals": 1}),
    "goals go to the wrong side": (
        "UPDATE football.goal SET team_id = if(team_id = 'a', 'b', 'a')",
        {"goals_are_the_score": 1},
    ),
    "goals go to the wrong side everywhere": (
        SEASONS + "UPDATE football.goal SET team_id = if(team_id = 'a', 'b', 'a')",
        {"goals_are_the_score": 7, "goals_mostly_are_the_score": 1},
    ),
    "half-time contradicts the goals": (
        "UPDATE football.match_wide SET home_goals_ht = 0",
        {"half_time_follows_from_goals": 1},
    ),
    "the same match twice": (
        """
        INSERT INTO core.match BY NAME SELECT 'm3' AS match_id, * EXCLUDE (match_id) FROM core.match WHERE match_id = 'm2';
        INSERT INTO core.participation SELECT 'm3', * EXCLUDE (match_id) FROM core.participation WHERE match_id = 'm2';
        INSERT INTO football.match_wide SELECT 'm3', * EXCLUDE (match_id) FROM football.match_wide WHERE match_id = 'm2';
        INSERT INTO football.team_match BY NAME
          SELECT 'm3' AS match_id, * EXCLUDE (match_id) FROM football.team_match WHERE match_id = 'm2';
        """,
        {"listed_once": 1, "last_tables_are_their_matches": 2},
    ),
    "a ruling on another day": (
        "UPDATE football.ruling SET date = date + 1",
        {"rulings_have_their_match": 1},
    ),
    "teams played unequally often": (THIRD, {"equal_numbers_of_matches": 1}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_found_by_the_check_for_it(con, found, case):
    statement, expected = CASES[case]
    con.execute(statement)
    assert found() == expected


def test_every_check_of_the_file_has_a_case(con):
    assert {rule for _, expected in CASES.values() for rule in expected} == {e.rule for e in STATED.expectations}


HARMLESS = {
    "an awarded match has the ruling as goals": """
        UPDATE football.match_wide SET status = 'awarded', home_goals = 3 WHERE match_id = 'm1'
    """,
    "goals without minutes say nothing of half-time": """
        UPDATE football.goal SET minute = NULL WHERE minute = 9;
        UPDATE football.match_wide SET home_goals_ht = 0;
    """,
    "a later table by a ruling": """
        INSERT INTO football.standing BY NAME SELECT * REPLACE (date + 1 AS date) FROM football.standing WHERE is_final
    """,
    "a season with fixtures to come": f"""
        {THIRD}
        INSERT INTO core.match BY NAME SELECT * REPLACE ('m3' AS match_id) FROM core.match WHERE match_id = 'm2';
        INSERT INTO football.match_wide SELECT * REPLACE ('m3' AS match_id, 'scheduled' AS status, NULL AS home_goals)
          FROM football.match_wide WHERE match_id = 'm2';
        INSERT INTO core.participation VALUES ('m3', 'b', 'home', NULL, NULL), ('m3', 'c', 'away', NULL, NULL);
    """,
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_right_is_left_alone(con, found, case):
    con.execute(HARMLESS[case])
    assert found() == {}


def test_what_sources_say_only_warns():
    warnings = {e.rule for e in STATED.expectations if e.severity == "warning"}
    assert warnings == {
        "listed_once",
        "goals_are_the_score",
        "half_time_follows_from_goals",
        "equal_numbers_of_matches",
        "rulings_have_their_match",
        "time_runs_forward",
        "actions_have_all_goals",
        "line_ups_have_all_goals",
        "eleven_begin",
        "who_comes_off_has_come_on",
    }


def test_the_page_tells_every_compiled_type():
    page = (settings.home() / "docs" / "quality.md").read_text(encoding="utf-8")
    assert [t for t, arguments in ARGUMENTS.items() if f"| `{t}` | {', '.join(arguments)}" not in page] == []
