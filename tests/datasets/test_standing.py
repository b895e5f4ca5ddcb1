"""League tables: every team on every match date, plain and official order."""

from datetime import date, timedelta
from itertools import combinations, groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def names(rows, position="position"):
    """The teams of the last table in order."""
    return [row["team"] for row in sorted((r for r in rows if r["is_final"]), key=lambda r: r[position])]


def last(rows, team):
    """A team's row of the last table."""
    return next(row for row in rows if row["is_final"] and row["team"] == team)


def test_every_team_stands_in_the_table_from_the_first_match_day_on(football):
    world = football()
    world.match("2018-08-10", "Leeds", "Derby", (2, 0))
    world.match("2018-08-11", "Stoke", "Hull", (1, 1))
    rows = world.build("football.standing")
    assert [(r["date"].day, r["team"], r["played"], r["points"], r["position"]) for r in rows] == [
        (10, "Leeds", 1, 3, 1),
        (10, "Hull", 0, 0, 2),  # level with Stoke: by name
        (10, "Stoke", 0, 0, 3),
        (10, "Derby", 1, 0, 4),
        (11, "Leeds", 1, 3, 1),
        (11, "Hull", 1, 1, 2),
        (11, "Stoke", 1, 1, 3),
        (11, "Derby", 1, 0, 4),
    ]
    assert [r["is_final"] for r in rows] == [False] * 4 + [True] * 4


def test_points_then_goal_difference_then_goals_for_then_name(football):
    world = football()
    for n, score in enumerate([(1, 0), (3, 2), (2, 0), (1, 0)]):
        world.match("2018-08-10", "DCBA"[n], f"away {n}", score)
    assert names(world.build("football.standing"))[:4] == ["B", "C", "A", "D"]


def test_two_matches_of_a_team_on_one_day_both_count(football):
    world = football()
    world.match("2019-12-08", "León", "Toluca", (1, 0))
    world.match("2019-12-08", "Toluca", "León", (0, 2))
    assert [(r["team"], r["played"], r["goals_for"]) for r in world.build("football.standing")] == [
        ("León", 2, 3),
        ("Toluca", 2, 0),
    ]


@pytest.mark.parametrize("status", ["postponed", "scheduled", "unknown", "abandoned"])
def test_a_team_whose_fixtures_are_open_stands_with_nothing(football, status):
    world = football()
    world.match("2018-08-10", "Leeds", "Derby", (2, 0))
    world.match("2018-08-11", "Bury", "Leeds", status=status)
    assert last(world.build("football.standing"), "Bury")["played"] == 0


def test_a_team_whose_fixtures_are_all_cancelled_does_not_appear(football):
    world = football()
    world.match("2019-08-10", "Leeds", "Derby", (2, 0))
    world.match("2019-08-17", "Bury", "Leeds", status="cancelled")
    assert names(world.build("football.standing")) == ["Leeds", "Derby"]


def test_an_awarded_match_counts(football):
    world = football()
    world.match("2019-05-07", "Bolton", "Brentford", (0, 1), status="awarded")
    assert last(world.build("football.standing"), "Brentford")["points"] == 3


def test_other_phases_stay_out_and_a_match_without_phase_is_regular(football):
    world = football()
    world.match("2018-08-10", "Leeds", "Derby", (2, 0))
    world.match("2018-08-11", "Leeds", "Hull", (1, 0), phase=None)
    world.match("2019-05-11", "Derby", "Leeds", (4, 0), phase=("Playoffs", "playoff"))
    rows = world.build("football.standing")
    assert names(rows) == ["Leeds", "Hull", "Derby"]
    assert max(row["date"] for row in rows) == date(2018, 8, 11)


@pytest.mark.parametrize("kind", ["cup", "tournament"])
def test_only_leagues_have_tables(football, kind):
    world = football(kind=kind)
    world.match("2018-08-10", "Leeds", "Derby", (2, 0))
    assert world.build("football.standing") == []


def test_a_season_without_a_result_has_no_table(football):
    world = football()
    world.match("2030-08-10", "Leeds", "Derby")
    assert world.build("football.standing") == []


def test_a_deduction_counts_from_the_day_it_was_decided(football):
    world = football()
    for day in ("2020-09-12", "2020-09-19", "2020-11-07"):
        world.match(day, "Wednesday", "Derby", (1, 0))
    world.adjust("Wednesday", -12, "2020-07-31")
    world.adjust("Wednesday", 6, "2020-11-04")
    world.adjust("Derby", -3, "2020-11-08")  # after the last match day: no table knows it
    rows = [r for r in world.build("football.standing") if r["team"] == "Wednesday"]
    got = [(r["points"], r["deduction"], r["points_official"], r["position"], r["position_official"]) for r in rows]
    assert got == [(3, 12, -9, 1, 2), (6, 12, -6, 1, 2), (9, 6, 3, 1, 1)]
    assert last(world.build("football.standing"), "Derby")["deduction"] == 0


def test_a_deduction_without_a_date_counts_from_the_first_match_day(football):
    world = football()
    world.match("2019-08-03", "Leeds", "Derby", (1, 1))
    world.match("2019-08-10", "Bolton", "Leeds", (1, 0))
    world.adjust("Bolton", -12)
    rows = world.build("football.standing")
    assert [r["points_official"] for r in rows if r["team"] == "Bolton"] == [-12, -9]


def test_a_ruling_changes_the_official_columns_only(football):
    world = football(competition="fr.1")
    world.match("2017-04-09", "Nice", "Bastia", (1, 0))
    world.match("2017-04-16", "Bastia", "Lyon", (0, 0), status="awarded")
    world.match("2017-04-16", "Nice", "Metz", (0, 2))
    world.ruling("2017-04-16", "Bastia", "Lyon", (0, 3), (0, 3))
    rows = world.build("football.standing")
    got = {
        r["team"]: (r["points"], r["goals_for"], r["points_official"], r["deduction"]) for r in rows if r["is_final"]
    }
    assert got["Lyon"] == (1, 0, 3, 0)
    assert got["Bastia"] == (1, 0, 0, 0)
    assert names(rows) == ["Metz", "Nice", "Lyon", "Bastia"]
    assert names(rows, "position_official") == ["Lyon", "Metz", "Nice", "Bastia"]
    assert all(r["points"] == r["points_official"] for r in rows if r["date"] < date(2017, 4, 16))


def test_a_ruling_on_a_match_without_result_counts_officially(football):
    world = football()
    world.match("2017-04-09", "Nice", "Metz", (1, 0))
    world.match("2017-04-16", "Bastia", "Lyon", status="abandoned")
    world.ruling("2017-04-16", "Bastia", "Lyon", (0, 3), (0, 3))
    row = last(world.build("football.standing"), "Lyon")
    assert (row["date"].day, row["played"], row["points"], row["points_official"]) == (16, 0, 0, 3)


def spanish_season(football, *tie_breakers):
    """Getafe lose on goal difference against Sevilla, and won both matches against them."""
    world = football(competition="es.1")
    world.rule("es.1", tie_breakers=list(tie_breakers))
    world.match("2018-08-19", "Rayo", "Sevilla", (1, 4))
    world.match("2018-08-26", "Sevilla", "Rayo", (5, 0))
    world.match("2018-09-16", "Sevilla", "Getafe", (0, 2))
    world.match("2019-04-21", "Getafe", "Sevilla", (3, 0))
    world.match("2019-05-01", "Rayo", "Getafe", (9, 3))
    return world.build("football.standing")


def test_head_to_head_goes_before_goal_difference_where_so_declared(football):
    rows = spanish_season(football, "head_to_head_points", "head_to_head_goal_difference", "goal_difference")
    assert [last(rows, t)["points_official"] for t in ("Getafe", "Sevilla")] == [6, 6]
    assert names(rows) == ["Sevilla", "Getafe", "Rayo"]
    assert names(rows, "position_official") == ["Getafe", "Sevilla", "Rayo"]
    before = {r["team"]: r["position_official"] for r in rows if r["date"] == date(2018, 9, 16)}
    assert before == {"Sevilla": 1, "Getafe": 2, "Rayo": 3}


def test_goal_difference_goes_before_head_to_head_where_so_declared(football):
    rows = spanish_season(football, "goal_difference", "goals_for", "head_to_head_points")
    assert names(rows, "position_official") == ["Sevilla", "Getafe", "Rayo"]


def test_head_to_head_counts_the_matches_among_the_level_teams_only(football):
    world = football(competition="it.1")
    order = ["head_to_head_points", "head_to_head_goal_difference", "head_to_head_goals_for", "goal_difference"]
    world.rule("it.1", tie_breakers=order)
    # Roma, Lazio and Inter are level with 6; among them: Roma 4, Inter 3, Lazio 1. Pisa only give points away.
    world.match("2018-09-01", "Roma", "Lazio", (1, 1))
    world.match("2018-09-02", "Inter", "Lazio", (9, 0))
    world.match("2018-09-03", "Roma", "Inter", (1, 0))
    world.match("2018-09-04", "Inter", "Pisa", (1, 0))
    world.match("2018-09-05", "Lazio", "Pisa", (1, 0))
    world.match("2018-09-06", "Pisa", "Lazio", (2, 2))
    world.match("2018-09-07", "Pisa", "Lazio", (1, 1))
    world.match("2018-09-08", "Pisa", "Roma", (0, 0))
    world.match("2018-09-09", "Roma", "Pisa", (0, 0))
    rows = world.build("football.standing")
    assert {r["team"]: r["points"] for r in rows if r["is_final"]} == {"Inter": 6, "Lazio": 6, "Roma": 6, "Pisa": 4}
    assert names(rows) == ["Inter", "Roma", "Lazio", "Pisa"]
    assert names(rows, "position_official") == ["Roma", "Inter", "Lazio", "Pisa"]


def test_head_to_head_after_goal_difference_looks_at_teams_that_are_level_by_it(football):
    world = football()
    world.rule("en.1", tie_breakers=["goal_difference", "goals_for", "head_to_head_points"])
    # A, B and C beat one another in a circle, so that a table of the three says nothing. B and C are level by goals.
    world.match("2018-09-01", "C", "B", (1, 0))
    world.match("2018-09-02", "B", "A", (2, 0))
    world.match("2018-09-03", "A", "C", (2, 0))
    world.match("2018-09-04", "B", "X", (1, 4))
    world.match("2018-09-05", "C", "Y", (2, 3))
    world.match("2018-09-06", "A", "Z", (0, 9))
    rows = world.build("football.standing")
    assert {r["points"] for r in rows if r["is_final"]} == {3}
    assert names(rows) == ["Z", "X", "Y", "B", "C", "A"]
    assert names(rows, "position_official") == ["Z", "X", "Y", "C", "B", "A"]


HEAD_TO_HEAD = ["head_to_head_points", "head_to_head_goal_difference", "goal_difference"]


def turkish_season(football, *order):
    """Rize are ahead of Göztepe by goal difference, and lost against them."""
    world = football(competition="tr.1")
    world.rule("tr.1", tie_breakers=list(order or HEAD_TO_HEAD))
    world.match("2018-08-10", "Göztepe", "Rize", (1, 0))
    world.match("2018-08-17", "Rize", "Sivas", (5, 0))
    return world


def test_head_to_head_waits_until_the_level_teams_have_met_home_and_away(football):
    world = turkish_season(football)
    world.match("2018-12-01", "Rize", "Göztepe", (0, 0))
    tables = groupby(world.build("football.standing"), key=lambda r: r["date"])
    found = {day: [r["team"] for r in sorted(t, key=lambda r: r["position_official"])] for day, t in tables}
    assert found[date(2018, 8, 17)] == ["Rize", "Göztepe", "Sivas"]
    assert found[date(2018, 12, 1)] == ["Göztepe", "Rize", "Sivas"]


@pytest.mark.parametrize("status", ["scheduled", "postponed", "cancelled", "abandoned", "unknown"])
def test_head_to_head_does_not_count_while_a_fixture_between_level_teams_has_no_result(football, status):
    """Ligue 1 of 2019-20: Dijon before Saint-Étienne, for the second match between them was never played."""
    world = turkish_season(football)
    assert names(world.build("football.standing"), "position_official") == ["Göztepe", "Rize", "Sivas"]
    world.match("2018-12-01", "Rize", "Göztepe", status=status)
    assert names(world.build("football.standing"), "position_official") == ["Rize", "Göztepe", "Sivas"]


def test_one_open_pair_keeps_head_to_head_from_all_teams_of_its_place(football):
    world = turkish_season(football)
    world.match("2018-08-24", "Ankara", "Sivas", (2, 0))
    assert names(world.build("football.standing"), "position_official") == ["Göztepe", "Ankara", "Rize", "Sivas"]
    world.match("2018-12-01", "Rize", "Ankara")
    assert names(world.build("football.standing"), "position_official") == ["Rize", "Ankara", "Göztepe", "Sivas"]


def test_a_ruling_settles_a_fixture_for_head_to_head(football):
    world = turkish_season(football)
    world.match("2018-12-01", "Rize", "Göztepe", status="abandoned")
    world.ruling("2018-12-01", "Rize", "Göztepe", (0, 0), (0, 0))  # lost by both
    assert names(world.build("football.standing"), "position_official") == ["Göztepe", "Rize", "Sivas"]


def test_fixtures_of_other_phases_do_not_keep_head_to_head_waiting(football):
    world = turkish_season(football)
    world.match("2019-05-01", "Rize", "Göztepe", phase=("Playoffs", "playoff"))
    assert names(world.build("football.standing"), "position_official") == ["Göztepe", "Rize", "Sivas"]


def test_away_goals_in_head_to_head_break_ties_where_so_declared(football):
    """The Russian league of 2018-19: 2-1 and 0-1, second the side that scored away."""
    order = ["head_to_head_points", "head_to_head_goal_difference", "head_to_head_goals_for"]
    for last_one, expected in (("head_to_head_away_goals_for", "Lokomotiv"), ("goal_difference", "Krasnodar")):
        world = football(competition="ru.1")
        world.rule("ru.1", tie_breakers=[*order, last_one])
        world.match("2018-08-10", "Krasnodar", "Lokomotiv", (2, 1))
        world.match("2018-08-17", "Lokomotiv", "Krasnodar", (1, 0))
        world.match("2018-08-24", "Krasnodar", "Ufa", (3, 0))
        world.match("2018-08-25", "Ufa", "Lokomotiv", (0, 2))
        assert names(world.build("football.standing"), "position_official")[0] == expected


def test_head_to_head_criteria_stand_together(football):
    world = turkish_season(football, "head_to_head_points", "goal_difference", "head_to_head_goals_for")
    with pytest.raises(Exception, match=r"head_to_head tie-breakers of tr\.1 do not stand together"):
        world.build("football.standing")


def test_matches_won_break_ties_where_so_declared(football):
    world = football(competition="br.1")
    world.rule("br.1", tie_breakers=["won", "goal_difference"])
    world.match("2018-09-01", "Santos", "Flamengo", (1, 0))
    for day in ("2018-09-08", "2018-09-15", "2018-09-22"):
        world.match(day, "Grêmio", "Bahia", (1, 1))
    world.match("2018-09-29", "Flamengo", "Santos", (5, 0))
    rows = world.build("football.standing")
    assert {r["points"] for r in rows if r["is_final"]} == {3}
    assert names(rows) == ["Flamengo", "Bahia", "Grêmio", "Santos"]
    assert names(rows, "position_official") == ["Flamengo", "Santos", "Bahia", "Grêmio"]


def test_away_goals_break_ties_where_so_declared(football):
    world = football()
    world.rule("en.1", tie_breakers=["away_goals_for"])
    world.match("2018-09-01", "Derby", "Leeds", (1, 1))
    rows = world.build("football.standing")
    assert names(rows) == ["Derby", "Leeds"]
    assert names(rows, "position_official") == ["Leeds", "Derby"]


def test_points_per_game_rank_teams_with_unequal_numbers_of_matches(football):
    world = football(label="2019-20")
    world.rule("en.1", "2019-20", "2019-20", ranked_by="points_per_game")
    world.match("2019-08-10", "Paris", "Nantes", (1, 0))
    world.match("2019-08-17", "Lyon", "Nantes", (9, 0))
    world.match("2019-08-24", "Lyon", "Metz", (1, 1))
    rows = world.build("football.standing")
    assert names(rows) == ["Lyon", "Paris", "Metz", "Nantes"]
    assert names(rows, "position_official") == ["Paris", "Lyon", "Metz", "Nantes"]
    assert last(rows, "Paris")["points_official"] == 3


def test_points_for_a_win_follow_the_rule_of_competition_and_season(football):
    world = football(label="1980-81")
    world.rule("*", points_win=3)
    world.rule("en.1", "1888-89", "1980-81", points_win=2)
    world.rule("en.1", "1981-82", "9999", points_win=4)
    world.match("1980-08-16", "Leeds", "Derby", (1, 0))
    world.label = "1981-82"
    world.match("1981-08-29", "Leeds", "Derby", (1, 0))
    world.competition = "en.2"
    world.match("1981-08-29", "Hull", "Bury", (1, 0))
    rows = world.build("football.standing")
    assert [r["points"] for r in rows if r["position"] == 1] == [2, 4, 3]


def test_an_unknown_tie_breaker_is_an_error(football):
    world = football()
    world.rule("en.1", tie_breakers=["goal_diference"])
    world.match("2018-08-10", "Leeds", "Derby", (1, 0))
    with pytest.raises(Exception, match="goal_diference is no tie-breaker"):
        world.build("football.standing")


TEAMS = ["Ajax", "Bari", "Celta", "Dijon", "Elche"]
FIRST = date(2018, 8, 1)
ORDERS = [
    ["goal_difference", "goals_for"],
    ["head_to_head_points", "head_to_head_goal_difference", "head_to_head_goals_for", "goal_difference", "won"],
    ["head_to_head_away_goals_for", "head_to_head_goal_difference", "goals_for"],
    ["won", "head_to_head_points", "away_goals_for"],
    ["goal_difference", "goals_for", "head_to_head_points"],
]
goals = st.integers(0, 3)
results = st.one_of(st.none(), st.tuples(goals, goals))
seasons = st.lists(
    st.tuples(st.integers(0, 9), st.permutations(TEAMS).map(lambda t: t[:2]), results), min_size=1, max_size=14
)
adjustments = st.lists(
    st.tuples(st.sampled_from(TEAMS), st.integers(-4, 4), st.one_of(st.none(), st.integers(-1, 11))), max_size=2
)


def told(football, matches, changes=(), order=ORDERS[0], ranked_by="points"):
    """A world with one season of these matches."""
    world = football()
    world.rule("en.1", tie_breakers=order, ranked_by=ranked_by)
    for day, (home, away), score in matches:
        world.match(FIRST + timedelta(day), home, away, score)
    for team, points, day in changes:
        world.adjust(team, points, None if day is None else str(FIRST + timedelta(day)))
    return world


def plain(matches, teams, points=(3, 1), only=None):
    """A table in plain Python: team → figures, of the matches among `only` (default: all)."""
    table = {team: dict.fromkeys(("played", "won", "drawn", "for", "against", "away", "points"), 0) for team in teams}
    for _, (home, away), (h, a) in matches:
        for team, own, other, away_goals in ((home, h, a, 0), (away, a, h, a)):
            if only is not None and not {home, away} <= only:
                continue
            row = table[team]
            row["played"] += 1
            row["won"] += own > other
            row["drawn"] += own == other
            row["for"] += own
            row["against"] += other
            row["away"] += away_goals
            row["points"] += points[0] if own > other else points[1] if own == other else 0
    return table


def own_table(matches, open_pairs, teams, keys, team):
    """The table of the teams that are level with `team`; of no match while one between them is open."""
    level = {t for t in teams if keys[t] == keys[team]}
    return plain([] if any(pair <= level for pair in open_pairs) else matches, teams, only=level)


def official(matches, open_pairs, teams, added, order, ranked_by):
    """The official order in plain Python, by the definition rather than by windows."""
    table = plain(matches, teams)
    total = {t: table[t]["points"] + added.get(t, 0) for t in teams}
    value = {t: total[t] / max(table[t]["played"], 1) if ranked_by == "points_per_game" else total[t] for t in teams}
    figure = {
        "goal_difference": lambda row: row["for"] - row["against"],
        "goals_for": lambda row: row["for"],
        "won": lambda row: row["won"],
        "away_goals_for": lambda row: row["away"],
        "points": lambda row: row["points"],
    }
    keys = {t: [value[t]] for t in teams}
    mini = None
    for name in order:
        if name.startswith("head_to_head_"):
            # Teams that are level by everything before the first head-to-head criterion play a table of their own,
            # once no match between any two of them is open.
            mini = mini or {t: own_table(matches, open_pairs, teams, keys, t)[t] for t in teams}
            source, criterion = mini, name.removeprefix("head_to_head_")
        else:
            source, criterion = table, name
        found = {t: figure[criterion](source[t]) for t in teams}
        keys = {t: [*keys[t], found[t]] for t in teams}
    return sorted(teams, key=lambda t: ([-k for k in keys[t]], t)), total


@settings(max_examples=25)
@given(
    matches=seasons,
    changes=adjustments,
    order=st.sampled_from(ORDERS),
    ranked_by=st.sampled_from(["points", "points_per_game"]),
)
def test_the_table_is_that_of_plain_python(football, matches, changes, order, ranked_by):
    rows = told(football, matches, changes, order, ranked_by).build("football.standing")
    teams = sorted({team for _, pair, _ in matches for team in pair})
    days = sorted({day for day, _, score in matches if score})
    tables = {day: list(group) for day, group in groupby(rows, key=lambda r: (r["date"] - FIRST).days)}
    assert list(tables) == days
    for day, found in tables.items():
        known = [m for m in matches if m[2] and m[0] <= day]
        expected = plain(known, teams)
        order_plain = sorted(
            teams,
            key=lambda t: (
                -expected[t]["points"],
                expected[t]["against"] - expected[t]["for"],
                -expected[t]["for"],
                t,
            ),
        )
        assert [r["team"] for r in found] == order_plain
        added = dict.fromkeys(teams, 0)
        for team, points, decided in changes:
            if team in added and (decided is None or decided <= day):
                added[team] += points
        open_pairs = [set(pair) for played, pair, score in matches if not score or played > day]
        order_official, total = official(known, open_pairs, teams, added, order, ranked_by)
        assert [r["team"] for r in sorted(found, key=lambda r: r["position_official"])] == order_official
        for row in found:
            own = expected[row["team"]]
            assert (row["played"], row["won"], row["drawn"]) == (own["played"], own["won"], own["drawn"])
            assert (row["goals_for"], row["goals_against"]) == (own["for"], own["against"])
            assert (row["points_official"], row["deduction"]) == (total[row["team"]], -added[row["team"]])


@settings(max_examples=25)
@given(matches=seasons)
def test_goals_and_results_balance_in_every_table(football, matches):
    rows = told(football, matches).build("football.standing")
    for _, table in groupby(rows, key=lambda r: r["date"]):
        found = list(table)
        assert sum(r["goals_for"] for r in found) == sum(r["goals_against"] for r in found)
        assert sum(r["won"] for r in found) == sum(r["lost"] for r in found)
        assert sum(r["goal_difference"] for r in found) == 0
        assert sorted(r["position"] for r in found) == list(range(1, len(found) + 1))
        assert sorted(r["position_official"] for r in found) == list(range(1, len(found) + 1))
        assert all(r["points"] == 3 * r["won"] + r["drawn"] for r in found)
        assert all(r["played"] == r["won"] + r["drawn"] + r["lost"] for r in found)


@settings(max_examples=25)
@given(matches=seasons, changes=adjustments, order=st.sampled_from(ORDERS), cut=st.integers(0, 9))
def test_a_table_never_looks_into_the_future(football, matches, changes, order, cut):
    world = told(football, matches, changes, order)
    day = FIRST + timedelta(cut)
    then = world.without_results_after(day).build("football.standing")
    now = [row for row in world.build("football.standing") if row["date"] <= day]
    assert [{**row, "is_final": None} for row in then] == [{**row, "is_final": None} for row in now]


def test_the_order_of_rows_and_the_number_of_threads_do_not_matter(football):
    matches = [(n % 7, pair, (n % 3, n % 2)) for n, pair in enumerate([*combinations(TEAMS, 2)] * 2)]
    world = told(football, matches, [("Bari", -2, 3)], ORDERS[1])
    shuffled = told(football, matches, [("Bari", -2, 3)], ORDERS[1])
    shuffled.rows = {name: dict(reversed(rows.items())) for name, rows in world.rows.items()}
    assert world.build("football.standing", threads=1) == shuffled.build("football.standing", threads=4)
