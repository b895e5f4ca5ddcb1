"""Matches by team: two mirrored rows a match, and what was known before its date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

BEFORE = ("played_before", "points_before", "goals_for_before", "goals_against_before", "position_before")


def of(rows, team):
    """A team's rows in order of time."""
    return [row for row in rows if row["team_id"] == f"team:{team}"]


def test_a_match_has_a_row_for_each_side(football):
    world = football()
    world.match("2018-08-12", "Leicester", "Sunderland", (4, 2))
    rows = world.build("football.team_match")
    shown = ("side", "opponent_id", "goals_for", "goals_against", "result", "points", "competition", "season")
    assert [[row[column] for column in shown] for row in of(rows, "Leicester") + of(rows, "Sunderland")] == [
        ["home", "team:Sunderland", 4, 2, "won", 3, "en.1", "2018-19"],
        ["away", "team:Leicester", 2, 4, "lost", 0, "en.1", "2018-19"],
    ]


@pytest.mark.parametrize("status", ["scheduled", "unknown", "cancelled", "postponed", "abandoned"])
def test_a_match_without_result_has_no_row(football, status):
    world = football()
    world.match("2018-08-12", "Leeds", "Derby", status=status)
    assert world.build("football.team_match") == []


def test_before_the_first_match_there_is_nothing(football):
    world = football()
    world.match("2018-08-12", "Leeds", "Derby", (1, 0))
    row = world.build("football.team_match")[0]
    assert [row[column] for column in BEFORE] == [0, 0, 0, 0, None]
    assert (row["form_5"], row["rest_days"], row["h2h_played_before"], row["h2h_won_before"]) == (None, None, 0, 0)


def test_counts_before_a_match_are_of_its_competition_and_season(football):
    world = football()
    world.match("2018-08-12", "Leeds", "Derby", (3, 1))
    world.match("2018-08-19", "Hull", "Leeds", (2, 2))
    world.competition = "en.cup"
    world.kind = "cup"
    world.match("2018-08-22", "Leeds", "Bury", (0, 1))
    world.competition = "en.1"
    world.kind = "league"
    world.match("2018-08-26", "Leeds", "Stoke", (0, 0))
    world.label = "2019-20"
    world.match("2019-08-11", "Leeds", "Derby", (0, 0))
    rows = of(world.build("football.team_match"), "Leeds")
    assert [[row[column] for column in BEFORE] for row in rows] == [
        [0, 0, 0, 0, None],
        [1, 3, 3, 1, 1],
        [0, 0, 0, 0, None],
        [2, 4, 5, 3, 1],
        [0, 0, 0, 0, None],
    ]
    assert [row["form_5"] for row in rows] == [None, 3, 4, 4, 5]
    assert [row["rest_days"] for row in rows] == [None, 7, 3, 4, 350]


def test_the_position_is_that_of_the_last_table_before_the_date(football):
    world = football()
    world.match("2018-08-10", "Leeds", "Derby", (1, 0))
    world.match("2018-08-11", "Hull", "Stoke", (3, 0))
    world.match("2018-08-18", "Derby", "Hull", (5, 0))
    world.match("2018-08-18", "Leeds", "Stoke", (0, 5))
    world.match("2019-05-11", "Leeds", "Stoke", (0, 1), phase=("Playoffs", "playoff"))
    rows = world.build("football.team_match")
    assert [row["position_before"] for row in of(rows, "Leeds")] == [None, 2, 4]
    assert [row["position_before"] for row in of(rows, "Hull")] == [2, 1]


def test_form_is_of_the_last_five_matches_and_knows_three_points_only(football):
    world = football(competition="old.1")
    world.rule("old.1", points_win=2)
    for day, score in enumerate([(9, 0), (1, 1), (1, 0), (0, 1), (2, 2), (1, 0), (0, 3)], start=1):
        world.match(f"1970-08-{day:02}", "Leeds", f"Guest {day}", score)
    rows = of(world.build("football.team_match"), "Leeds")
    assert [row["form_5"] for row in rows] == [None, 3, 4, 7, 7, 8, 8]
    assert [row["points_before"] for row in rows] == [0, 2, 3, 5, 5, 6, 8]


def test_a_shootout_counts_as_drawn(football):
    world = football(competition="worldcup", kind="tournament", label="2022")
    world.match(
        "2022-12-09", "Netherlands", "Argentina", (2, 2), sides={"shootout": (3, 4), "shootout_won": (False, True)}
    )
    world.match("2022-12-13", "Argentina", "Croatia", (3, 0))
    first, second = of(world.build("football.team_match"), "Argentina")
    assert (first["result"], first["points"], second["form_5"], second["rest_days"]) == ("drawn", 1, 1, 4)


def test_two_matches_on_one_day_do_not_see_each_other(football):
    world = football()
    for day in range(1, 7):
        world.match(f"2018-08-{day:02}", "Leeds", "Hull", (1, 0))
    world.match("2018-08-07", "Leeds", "Hull", (0, 1), kickoff_utc=datetime(2018, 8, 7, 18, tzinfo=UTC))
    world.match("2018-08-07", "Leeds", "Hull", (0, 2), kickoff_utc=datetime(2018, 8, 7, 12, tzinfo=UTC))
    world.match("2018-08-07", "Hull", "Leeds", (0, 3))
    world.match("2018-08-08", "Leeds", "Hull", (1, 1))
    rows = of(world.build("football.team_match"), "Leeds")
    shown = ("played_before", "points_before", "form_5", "rest_days", "h2h_played_before", "h2h_won_before")
    before = [[row[column] for column in (*shown, "position_before")] for row in rows]
    assert before[6] == before[7] == before[8] == [6, 18, 15, 1, 6, 6, 1]
    # The last five in order of kick-off, unknown ones last: won, won, lost 0–2, lost 0–1, won 3–0.
    assert before[9] == [9, 21, 9, 1, 9, 7, 1]


def test_head_to_head_counts_all_competitions_and_both_sides(football):
    world = football(competition="intl.friendly", kind="tournament", label="1990")
    world.match("1990-01-01", "Germany", "Netherlands", (1, 0))
    world.competition = "worldcup"
    world.match("1990-06-24", "Netherlands", "Germany", (1, 2))
    world.match("1990-06-30", "Germany", "Italy", (1, 0))
    world.match("1990-07-30", "Netherlands", "Germany", (3, 3))
    rows = world.build("football.team_match")
    shown = ("h2h_played_before", "h2h_won_before")
    assert [tuple(r[c] for c in shown) for r in of(rows, "Germany")] == [(0, 0), (1, 1), (0, 0), (2, 2)]
    assert [tuple(r[c] for c in shown) for r in of(rows, "Netherlands")] == [(0, 0), (1, 0), (2, 0)]


TEAMS = ["Ajax", "Bari", "Celta", "Dijon"]
FIRST = date(2018, 8, 1)
goals = st.integers(0, 3)
histories = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.permutations(TEAMS).map(lambda teams: teams[:2]),
        st.one_of(st.none(), st.tuples(goals, goals)),
        st.sampled_from([("en.1", "league"), ("en.cup", "cup")]),
    ),
    min_size=1,
    max_size=16,
)


def told(football, history):
    """A world in which these matches were played."""
    world = football()
    for day, (home, away), score, (world.competition, world.kind) in history:
        world.match(FIRST + timedelta(day), home, away, score)
    return world


@settings(max_examples=25)
@given(history=histories)
def test_the_two_rows_of_a_match_mirror_each_other(football, history):
    rows = told(football, history).build("football.team_match")
    assert len(rows) == 2 * sum(score is not None for _, _, score, _ in history)
    sides = {(row["match_id"], row["team_id"]): row for row in rows}
    opposite = {"won": "lost", "drawn": "drawn", "lost": "won"}
    for row in rows:
        other = sides[row["match_id"], row["opponent_id"]]
        assert (other["goals_for"], other["goals_against"]) == (row["goals_against"], row["goals_for"])
        assert other["result"] == opposite[row["result"]]
        assert {row["side"], other["side"]} == {"home", "away"}
        assert row["h2h_played_before"] == other["h2h_played_before"] >= row["h2h_won_before"]


@settings(max_examples=25)
@given(history=histories)
def test_what_was_known_before_is_what_the_earlier_rows_say(football, history):
    world = told(football, history)
    rows = world.build("football.team_match")
    tables = {(r["competition"], r["date"], r["team_id"]): r["position"] for r in world.build("football.standing")}
    for row in rows:
        life = [r for r in of(rows, row["team_id"].removeprefix("team:")) if r["date"] < row["date"]]
        season = [r for r in life if r["competition"] == row["competition"]]
        met = [r for r in life if r["opponent_id"] == row["opponent_id"]]
        worth = {"won": 3, "drawn": 1, "lost": 0}
        last = max((d for c, d, t in tables if c == row["competition"] and d < row["date"]), default=None)
        assert [row[c] for c in BEFORE] == [
            len(season),
            sum(r["points"] for r in season),
            sum(r["goals_for"] for r in season),
            sum(r["goals_against"] for r in season),
            tables.get((row["competition"], last, row["team_id"])),
        ]
        assert row["form_5"] == (sum(worth[r["result"]] for r in life[-5:]) if life else None)
        assert row["rest_days"] == ((row["date"] - life[-1]["date"]).days if life else None)
        assert row["h2h_played_before"] == len(met)
        assert row["h2h_won_before"] == sum(r["result"] == "won" for r in met)


@settings(max_examples=25)
@given(history=histories, cut=st.integers(0, 9))
def test_no_row_looks_into_the_future(football, history, cut):
    world = told(football, history)
    day = FIRST + timedelta(cut)
    then = world.without_results_after(day).build("football.team_match")
    assert then == [row for row in world.build("football.team_match") if row["date"] <= day]
