"""Cricket's checks: silent about an honest match, and each speaks of what it is for."""

import pytest

from fieldhouse import settings
from fieldhouse.stages.audit import quality

#: X make 10 in two overs (a wide, a bye, five penalty runs, a batter bowled); Y make 6 in one; then a super over.
WORLD = """
CREATE SCHEMA core;
CREATE SCHEMA cricket;
CREATE TABLE core.match AS SELECT 'm' AS match_id, 'cricket' AS sport, 'played' AS status;
CREATE TABLE core.participation AS
  FROM (VALUES ('m', 'X', 'won'), ('m', 'Y', 'lost')) AS sides(match_id, participant_id, result);
CREATE TABLE cricket.delivery AS
  SELECT 'm' AS match_id, *
  FROM (VALUES
    (1, 0, 1, 2, 0, 2, 0, 0, 0, 0, 0, [], []),
    (1, 0, 2, 0, 1, 1, 1, 0, 0, 0, 0, [], []),
    (1, 0, 3, 0, 1, 1, 0, 0, 1, 0, 0, [], []),
    (1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, ['bowled'], ['a']),
    (1, 1, 2, 1, 0, 1, 0, 0, 0, 0, 0, ['retired hurt'], ['b']),
    (2, 0, 1, 6, 0, 6, 0, 0, 0, 0, 0, [], []),
    (3, 0, 1, 4, 0, 4, 0, 0, 0, 0, 0, [], []))
  AS delivery(innings, "over", ball, runs_batter, runs_extras, runs_total, wides, noballs, byes, legbyes, penalty,
    wicket_kinds, players_out);
CREATE TABLE cricket.innings AS
  SELECT 'm' AS match_id, *
  FROM (VALUES (1, 'X', 10, 1, 4, 7, 5, false), (2, 'Y', 6, 0, 1, 0, 0, false), (3, 'X', 4, 0, 1, 0, 0, true))
  AS innings(innings, team_id, runs, wickets, legal_balls, extras, penalty_runs, super_over);
CREATE TABLE cricket.batting_innings AS
  SELECT 'm' AS match_id, *
  FROM (VALUES (1, 'a', 2, 3, 0, 0, true), (1, 'b', 1, 1, 0, 0, false), (2, 'k', 6, 1, 0, 1, false))
  AS batting(innings, person_id, runs, balls, fours, sixes, out);
CREATE TABLE cricket.bowling_innings AS
  SELECT 'm' AS match_id, *
  FROM (VALUES (1, 'k', 2, 0, 3, 0), (1, 'l', 2, 0, 1, 1), (2, 'a', 1, 0, 6, 0))
  AS bowling(innings, person_id, legal_balls, maidens, runs, wickets);
"""
STATED = quality.load(settings.home(), "cricket")


def test_an_honest_world_passes(found):
    assert found() == {}


def test_an_empty_world_passes(emptied, found):
    assert emptied
    assert found() == {}


WRONG = {
    "runs_add_up": "UPDATE cricket.delivery SET byes = 2 WHERE byes = 1",
    "wickets_have_players": "UPDATE cricket.delivery SET players_out = ['a', 'b'] WHERE players_out = ['a']",
    "kinds_of_wickets_are_known": "UPDATE cricket.delivery SET wicket_kinds = ['evaporated'] WHERE wicket_kinds = ['bowled']",
    "balls_are_numbered": "UPDATE cricket.delivery SET ball = 4 WHERE ball = 3",
    "overs_follow_one_another": 'UPDATE cricket.delivery SET "over" = 2 WHERE "over" = 1',
    "totals_are_their_deliveries": "UPDATE cricket.innings SET runs = 5, extras = 2 WHERE innings = 1",
    "innings_are_numbered": "UPDATE cricket.innings SET super_over = true WHERE innings = 1",
    "deliveries_belong_to_innings": "DELETE FROM cricket.innings WHERE innings = 3",
    "only_sides_of_the_match_bat": "UPDATE cricket.innings SET team_id = 'Z' WHERE innings = 2",
    "every_innings_has_its_figures": "DELETE FROM cricket.bowling_innings WHERE innings = 2",
    "batters_and_extras_are_the_total": "UPDATE cricket.batting_innings SET out = true WHERE person_id = 'b'",
    "boundaries_are_runs": "UPDATE cricket.batting_innings SET fours = 1 WHERE person_id = 'a'",
    "bowlers_concede_the_total": "UPDATE cricket.bowling_innings SET runs = 4 WHERE person_id = 'k'",
    "bowlers_take_no_more_than_fell": "UPDATE cricket.bowling_innings SET wickets = 1 WHERE person_id = 'k'",
    "a_match_has_two_sides": "UPDATE core.participation SET result = 'won'",
}


@pytest.mark.parametrize("rule", WRONG)
def test_each_check_finds_what_it_is_for(con, found, rule):
    con.execute(WRONG[rule])
    assert rule in found()


def test_no_check_is_without_its_case():
    assert {e.rule for e in STATED.expectations} == set(WRONG)


def test_figures_of_a_super_over_are_found(con, found):
    con.execute("INSERT INTO cricket.batting_innings VALUES ('m', 3, 'a', 4, 1, 1, 0, false)")
    assert found() == {"every_innings_has_its_figures": 1}


def test_penalty_runs_belong_to_no_delivery(con, found):
    con.execute("UPDATE cricket.innings SET penalty_runs = 0 WHERE innings = 1")
    assert found() == {"totals_are_their_deliveries": 1}
