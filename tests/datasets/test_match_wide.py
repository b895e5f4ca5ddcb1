"""Wide matches: one row each, played or not, with names, scores and what was known before."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse import contracts


def only(world):
    """The one row of a world with one match."""
    (row,) = world.build("football.match_wide")
    return row


def cup(football):
    """A cup."""
    return football(competition="uefa.cl", kind="tournament", label="2011-12")


def test_a_match_in_one_row(football):
    world = football()
    sides = {"score_90": (3, 1), "score_ht": (0, 1)}
    told = {"neutral": False, "city": "London", "country": "England", "round": "Matchday 1"}
    kickoff = datetime(2018, 8, 12, 15, tzinfo=UTC)
    world.match("2018-08-12", "Arsenal", "Leeds", (3, 1), sides=sides, kickoff_utc=kickoff, **told)
    row = only(world)
    assert (row["competition"], row["season"], row["date"]) == ("en.1", "2018-19", date(2018, 8, 12))
    assert (row["home_team"], row["home_team_id"], row["away_team"]) == ("Arsenal", "team:Arsenal", "Leeds")
    assert [row[c] for c in ("home_goals", "away_goals", "home_goals_90", "home_goals_ht", "away_goals_ht")] == [
        3,
        1,
        3,
        0,
        1,
    ]
    assert (row["status"], row["decided_by"], row["winner_team_id"]) == ("played", "regular", "team:Arsenal")
    assert {name: row[name] for name in told} == told
    assert row["kickoff_utc"] == kickoff


@pytest.mark.parametrize("status", ["scheduled", "unknown", "cancelled", "postponed", "abandoned"])
def test_a_match_without_result_has_a_row_without_winner(football, status):
    world = football()
    world.match("2018-08-05", "Leeds", "Derby", (1, 0))
    world.match("2018-08-12", "Arsenal", "Leeds", status=status)
    row = world.build("football.match_wide")[1]
    assert (row["status"], row["home_goals"], row["decided_by"], row["winner_team_id"]) == (status, None, None, None)
    assert row["away_played_before"] is None


@pytest.mark.parametrize(
    ("score", "sides", "status", "decision"),
    [
        ((1, 1), {}, "played", ("regular", None)),
        ((2, 1), {"extra_time": (True, True)}, "played", ("extra_time", "home")),
        ((1, 1), {"extra_time": (True, True)}, "played", ("extra_time", None)),
        ((0, 1), {}, "awarded", ("awarded", "away")),
        # Shoot-outs of a level match: with extra time before, straight after 90 minutes, of unknown score.
        ((1, 1), {"extra_time": (True, True), "shootout": (4, 3)}, "played", ("shootout", "home")),
        ((0, 0), {"shootout": (2, 4), "shootout_won": (False, True)}, "played", ("shootout", "away")),
        ((0, 0), {"shootout_won": (False, True)}, "played", ("shootout", "away")),
        # The shoot-out decided the tie of two legs: APOEL 1–0 Lyon, 4–3; Senegal 1–0 Egypt.
        ((1, 0), {"extra_time": (True, True), "shootout": (3, 4)}, "played", ("extra_time", "home")),
        ((1, 0), {"shootout_won": (False, True)}, "played", ("regular", "home")),
    ],
)
def test_what_decided_the_match_and_who_won_it(football, score, sides, status, decision):
    world = cup(football)
    world.match("2012-03-07", "home", "away", score, sides=sides, status=status)
    row = only(world)
    decided_by, winner = decision
    assert (row["decided_by"], row["winner_team_id"]) == (decided_by, winner and f"team:{winner}")


def test_the_shootout_of_a_two_leg_tie_is_still_told(football):
    world = cup(football)
    world.match("2012-03-07", "APOEL", "Lyon", (1, 0), sides={"shootout": (4, 3)})
    assert [only(world)[c] for c in ("home_shootout", "away_shootout", "decided_by")] == [4, 3, "regular"]


@pytest.mark.parametrize(
    ("phase", "stage"),
    [
        (("Regular", "regular"), None),
        (("Apertura", "regular"), "Apertura"),
        (("Group A", "group"), "Group A"),
        (None, None),
    ],
)
def test_the_stage_is_named_unless_it_is_the_plain_regular_one(football, phase, stage):
    world = football()
    world.match("2018-08-12", "Arsenal", "Leeds", (3, 1), phase=phase)
    assert only(world)["stage"] == stage


def test_city_and_country_come_from_the_match_else_from_its_venue(football):
    world = football()
    world.put("core.venue", venue_id="v", name="Luzhniki", city="Moscow (1)", country="Russia")
    world.match("2018-06-14", "Russia", "Arabia", (5, 0), venue_id="v")
    world.match("2018-06-15", "Russia", "Egypt", (3, 1), venue_id="v", city="Saint Petersburg")
    rows = world.build("football.match_wide")
    assert [(r["city"], r["country"]) for r in rows] == [("Moscow (1)", "Russia"), ("Saint Petersburg", "Russia")]


def test_sources_are_listed_once_and_sorted(football):
    world = football()
    sources = ("wyscout", "international_results", "openfootball", "openfootball")
    world.match("2018-06-14", "Russia", "Arabia", (5, 0), sources=sources)
    assert only(world)["sources"] == ["international_results", "openfootball", "wyscout"]


def test_other_sports_stay_out(football):
    world = football()
    match_id = world.match("2018-06-14", "Mets", "Cubs", (5, 0))
    world.rows["core.match"][match_id,]["sport"] = "baseball"
    assert world.build("football.match_wide") == []


def test_both_sides_carry_what_team_match_knew_before(football):
    world = football()
    world.match("2018-08-05", "Leeds", "Derby", (1, 0))
    world.match("2018-08-08", "Derby", "Hull", (2, 2))
    world.match("2018-08-12", "Derby", "Leeds", (3, 1))
    sides = {(r["match_id"], r["side"]): r for r in world.build("football.team_match")}
    before = [name for name in contracts.load_all()["football.team_match"].names if name.endswith("_before")]
    assert len(before) == 7
    for row in world.build("football.match_wide"):
        for side in ("home", "away"):
            known = sides[row["match_id"], side]
            for name in (*before, "form_5", "rest_days"):
                assert row[f"{side}_{name}"] == known[name], name


@settings(max_examples=25)
@given(
    score=st.one_of(st.none(), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    kicks=st.one_of(st.none(), st.permutations(range(6)).map(lambda kicks: tuple(kicks[:2]))),
    extra=st.sampled_from([None, True, False]),
    status=st.sampled_from(["played", "awarded"]),
)
def test_a_winner_scored_more_or_won_the_shootout_of_a_level_match(football, score, kicks, extra, status):
    world = cup(football)
    sides = {"shootout": kicks or (None, None), "extra_time": (extra, extra)}
    world.match("2012-03-07", "home", "away", score, sides=sides, status=status if score else "scheduled")
    row = only(world)
    decisive = score if score and score[0] != score[1] else kicks if score else None
    winner = None if not decisive else "team:home" if decisive[0] > decisive[1] else "team:away"
    assert row["winner_team_id"] == winner
    assert (row["decided_by"] is None) == (score is None)
    if row["decided_by"] == "shootout":
        assert row["home_goals"] == row["away_goals"]
        assert winner
