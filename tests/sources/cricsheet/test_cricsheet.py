"""Quirks of Cricsheet, each on an invented match of a few balls: what the files say, and what the tables make of it."""

import json

import pytest

#: People of the invented matches, by the names in the files.
PEOPLE = {
    "A One": "a0000001",
    "B Two": "b0000002",
    "C Three": "c0000003",
    "D Four": "d0000004",
    "K Bowl": "e0000005",
    "L Spin": "f0000006",
    "M Sub": "a0000007",
    "U Umpire": "a0000008",
}
SIDES = {"Ayr": ["A One", "B Two", "C Three", "D Four"], "Bath": ["K Bowl", "L Spin"]}


def ball(
    said: str = "0", batter: str = "A One", bowler: str = "K Bowl", non_striker: str = "B Two", **more: object
) -> dict:
    """One delivery: `said` is runs off the bat and extras, `4` or `1 wides2`."""
    bat, *extras = said.split()
    found = {
        kind: int(number)
        for kind, number in ((e.rstrip("0123456789"), e.lstrip("abcdefghijklmnopqrstuvwxyz")) for e in extras)
    }
    runs = {"batter": int(bat), "extras": sum(found.values()), "total": int(bat) + sum(found.values())}
    runs |= more.pop("runs", {})  # type: ignore[operator]
    made = {"batter": batter, "bowler": bowler, "non_striker": non_striker, "runs": runs}
    return {**made, **({"extras": found} if found else {}), **more}


def out(player: str, kind: str = "bowled", **more: object) -> dict:
    return {"player_out": player, "kind": kind, **more}


def innings(team: str, *overs: list[dict], **more: object) -> dict:
    return {"team": team, "overs": [{"over": n, "deliveries": balls} for n, balls in enumerate(overs)], **more}


def match(*innings: dict, revision: int = 1, people: dict | None = None, event: object = "Cup", **info: object) -> dict:
    """A file: men's clubs of Ayr and Bath meet in a T20 on 2020-05-01, and Ayr win, unless it is said otherwise."""
    given = people or PEOPLE
    told = {
        "balls_per_over": 6,
        "dates": ["2020-05-01"],
        "gender": "male",
        "match_type": "T20",
        "outcome": {"winner": "Ayr", "by": {"runs": 1}},
        "overs": 20,
        "players": SIDES,
        "registry": {"people": given},
        "season": "2020",
        "team_type": "club",
        "teams": ["Ayr", "Bath"],
        "toss": {"winner": "Ayr", "decision": "bat"},
        "venue": "County Ground",
        **({"event": event if isinstance(event, dict) else {"name": event}} if event else {}),
        **info,
    }
    meta = {"data_version": "1.1.0", "created": "2020-05-02", "revision": revision}
    return {"meta": meta, "info": told, "innings": list(innings)}


SHORT = (innings("Ayr", [ball("1")]), innings("Bath", [ball("0", "K Bowl", "A One", "L Spin")]))
FEEDS = {
    "cricsheet": {
        "people/people.csv": [
            {"identifier": "a0000001", "name": "A One", "unique_name": "A One (2)", "key_cricinfo": "1"},
            {"identifier": "b0000002", "name": "B Two-Married", "unique_name": "B Two-Married"},
            {"identifier": "99999999", "name": "A One", "unique_name": "A One (3)"},
        ],
        # 1: season is a number or a text, group too; a target of 7.3 overs is seven overs and three balls.
        "match/ntb_json/101.json": match(*SHORT, season=2017, event={"name": "Cup", "group": 1, "match_number": 3}),
        "match/ntb_json/102.json": match(
            innings("Ayr", [ball("1")]),
            innings(
                "Bath",
                [ball("0", "K Bowl", "A One", "L Spin")],
                target={"runs": 60, "overs": 7.3},
                miscounted_overs={"0": {"balls": "5", "umpire": "U Umpire"}},
                powerplays=[{"from": 0.1, "to": 1.6, "type": "mandatory"}],
            ),
            season="2017",
            event={"name": "Cup", "group": "1", "match_number": 4},
        ),
        # 2, 3, 4: the same match in two archives, and in two revisions; `created` is the same.
        "match/odis_json/201.json": match(
            innings("Ayr", [ball("1"), ball("2")]), revision=1, people={**PEOPLE, "Old Name": "a0000009"}
        ),
        "match/recently_added_2_json/201.json": match(innings("Ayr", [ball("1"), ball("2")]), revision=1),
        "match/t20s_json/201.json": match(innings("Ayr", [ball("4"), ball("6")], [ball("1")]), revision=2),
        # 5: five balls an over in The Hundred, where overs come in pairs.
        "match/odis_json/301.json": match(
            innings("Ayr", [ball()] * 5, [ball()] * 5),
            balls_per_over=5,
            event={"name": "The Hundred Men's Competition", "stage": "Final"},
        ),
        # 6, 7, 27: how matches end.
        "match/ntb_json/401.json": match(*SHORT, outcome={"result": "tie"}),
        "match/ntb_json/402.json": match(
            *SHORT,
            innings("Bath", [ball("6", "K Bowl", "A One", "L Spin")], super_over=True),
            innings("Ayr", [ball("2")], super_over=True),
            innings("Ayr", [ball("4")], super_over=True),
            innings("Bath", [ball("1", "K Bowl", "A One", "L Spin")], super_over=True),
            outcome={"result": "tie", "eliminator": "Bath"},
        ),
        "match/ntb_json/403.json": match(
            *SHORT,
            outcome={"result": "tie", "bowl_out": "Ayr"},
            bowl_out=[{"bowler": "K Bowl", "outcome": "miss"}],
            event=None,
        ),
        "match/ntb_json/404.json": match(SHORT[0], outcome={"result": "no result"}),
        "match/ntb_json/405.json": match(*SHORT, outcome={"winner": "Bath"}),
        "match/ntb_json/406.json": match(*SHORT, outcome={"winner": "Ayr", "method": "Awarded"}),
        # 22, 23, 28: a county match of four days, drawn and declared.
        "match/ctc_json/407.json": match(
            innings("Ayr", [ball("1")], declared=True),
            innings("Bath", [ball("0", "K Bowl", "A One", "L Spin")]),
            innings("Bath", [ball("0", "K Bowl", "A One", "L Spin")]),
            match_type="MDM",
            outcome={"result": "draw"},
            dates=["2020-05-02", "2020-05-01", "2020-05-04"],
            event="County Championship",
            city="Ayr",
            season="2020/21",
        ),
        # 8, 9: penalty runs belong to no delivery, but for those that do.
        "match/bbl_json/501.json": match(
            innings("Ayr", [ball("1"), ball("0 penalty5")], penalty_runs={"pre": 5}),
            innings("Bath", [ball("4", "K Bowl", "A One", "L Spin")], penalty_runs={"post": 5}),
            outcome={"winner": "Ayr", "by": {"runs": 2}},
        ),
        # 10, 15: wides are not faced, no-balls are; byes and leg byes are not the bowler's; stumped off a wide.
        "match/bbl_json/502.json": match(
            innings(
                "Ayr",
                [
                    ball("0 wides2"),
                    ball("4 noballs1"),
                    ball("0 noballs1 byes2"),
                    ball("0 legbyes1"),
                    ball("0 wides1", wickets=[out("A One", "stumped", fielders=[{"name": "L Spin"}])]),
                ],
            )
        ),
        # 11, 12: an over of seven balls, one of two bowlers, and maidens.
        "match/bbl_json/503.json": match(
            innings(
                "Ayr",
                [ball("0 byes1")] * 7,
                [ball()] * 3
                + [
                    ball(
                        bowler="L Spin", replacements={"role": [{"in": "L Spin", "role": "bowler", "reason": "injury"}]}
                    )
                ]
                + [ball(bowler="L Spin")] * 2,
                [ball(), ball(), ball(), ball(), ball()],
                [ball(bowler="L Spin")] * 5,
            )
        ),
        # 13, 14: two wickets with one ball, of whom one never came in; and who is no bowler's.
        "match/bbl_json/504.json": match(
            innings(
                "Ayr",
                [
                    ball(
                        "0",
                        wickets=[
                            out("A One", "caught", fielders=[{"name": "L Spin"}, {"substitute": True}]),
                            out("C Three", "timed out"),
                        ],
                    ),
                    ball(
                        "1",
                        "D Four",
                        wickets=[out("B Two", "run out", fielders=[{"name": "M Sub", "substitute": True}])],
                    ),
                ],
            )
        ),
        # 16: four that were run are no boundary.
        "match/bbl_json/505.json": match(
            innings("Ayr", [ball("4", runs={"non_boundary": True}), ball("4"), ball("6")])
        ),
        # 13, 17: retired hurt is no wicket, and may come back; absent players leave fewer than ten wickets.
        "match/bbl_json/506.json": match(
            innings(
                "Ayr",
                [
                    ball("1", wickets=[out("B Two", "retired hurt")]),
                    ball("0", "A One", non_striker="C Three", wickets=[out("C Three", "retired hurt")]),
                    ball("0", "A One", non_striker="B Two"),
                    ball("2", "B Two", non_striker="A One"),
                ],
                absent_hurt=["D Four"],
            ),
            supersubs={"Ayr": "M Sub"},
        ),
        # 18, 19: replacements without `out`, reviews without an umpire, `missing` of texts and objects.
        "match/bbl_json/507.json": match(
            innings(
                "Ayr",
                [
                    ball(
                        review={"by": "Ayr", "batter": "A One", "decision": "struck down", "umpires_call": True},
                        replacements={
                            "match": [{"in": "M Sub", "out": "D Four", "team": "Ayr", "reason": "impact_player"}],
                            "role": [{"in": "L Spin", "role": "bowler", "reason": "injury"}],
                        },
                    )
                ],
            ),
            missing=["player_of_match", {"powerplays": {"1": ["mandatory"]}}],
        ),
        # 24: one name, two people; one person, two names. 5: women's teams are others of the same name.
        "match/t20s_json/601.json": match(
            innings("Ayr", [ball("3")]),
            people={**PEOPLE, "A One": "99999999", "B Two": "b0000002"},
            gender="female",
            dates=["2021-05-01"],
        ),
    }
}
#: Entity id of a match by its file's name.
M = "(SELECT entity_id FROM core.crosswalk WHERE kind = 'match' AND source = 'cricsheet' AND source_id = '{}')"


@pytest.fixture
def of_match(published):
    """The rows of columns of a cricket table for one match, by the name of its file."""

    def rows(number: int, columns: str, table: str) -> list[tuple]:
        where = M.format(number)
        return published(f"SELECT {columns} FROM {table} WHERE match_id = {where} ORDER BY ALL")

    return rows


def person(identifier: str) -> str:
    return f"(SELECT entity_id FROM core.crosswalk WHERE kind = 'person' AND source_id = '{identifier}')"


def test_q1_types_drift_and_mean_the_same(published, of_match):
    seasons = {of_match(n, "season_id, phase_id", "core.match")[0] for n in (101, 102)}
    assert len(seasons) == 1
    assert published("SELECT DISTINCT label FROM core.season WHERE label LIKE '2017%'") == [("2017",)]
    assert of_match(101, "round", "core.match") == [("Match 3",)]
    assert of_match(102, "innings, target_runs, target_balls", "cricket.innings") == [(1, None, None), (2, 60, 45)]


def test_q2_to_q4_of_several_copies_the_highest_revision_counts_whole(published, of_match):
    assert of_match(201, '"over", ball, runs_batter', "cricket.delivery") == [(0, 1, 4), (0, 2, 6), (1, 1, 1)]
    assert of_match(201, "innings, runs", "cricket.innings") == [(1, 11)]
    assert of_match(201, "DISTINCT key", "core.match_origin") == [("t20s_json/201.json",)]
    assert len(of_match(201, "participant_id", "core.participation")) == 2
    # What an older copy calls somebody stays a name.
    assert published("SELECT count(*) FROM core.name WHERE source = 'cricsheet' AND name = 'Old Name'") == [(1,)]


def test_q5_an_over_of_the_hundred_has_five_balls(of_match):
    assert of_match(301, "balls_per_over, legal_balls", "cricket.innings") == [(5, 10)]
    assert of_match(301, "maidens", "cricket.bowling_innings") == [(2,)]
    assert of_match(301, "round", "core.match") == [("Final",)]


ENDINGS = {
    401: ("played", {"drawn"}),
    402: ("played", {"won", "lost"}),
    403: ("played", {"won", "lost"}),
    404: ("abandoned", {None}),
    405: ("played", {"won", "lost"}),
    406: ("awarded", {"won", "lost"}),
    407: ("played", {"drawn"}),
}


@pytest.mark.parametrize("number", ENDINGS)
def test_q6_matches_end_in_many_ways(number, of_match):
    status, results = ENDINGS[number]
    assert of_match(number, "status", "core.match") == [(status,)]
    assert {result for (result,) in of_match(number, "result", "core.participation")} == results


def test_q6_super_overs_and_bowl_outs_decide_who_won(published, of_match):
    won = """
        SELECT n.name FROM core.participation AS p JOIN core.name AS n ON n.entity_id = p.participant_id
        WHERE p.result = 'won' AND p.match_id = {}
    """
    found = [published(won.format(M.format(number))) for number in (402, 403, 405)]
    assert found == [[("Bath",)], [("Ayr",)], [("Bath",)]]
    assert of_match(402, "DISTINCT side", "core.participation") == [(None,)]


def test_q7_super_overs_are_innings_that_count_in_no_figures(of_match):
    assert of_match(402, "innings, super_over", "cricket.innings") == [
        *((n, False) for n in (1, 2)),
        *((n, True) for n in (3, 4, 5, 6)),
    ]
    for table in ("cricket.batting_innings", "cricket.bowling_innings"):
        assert of_match(402, "DISTINCT innings", table) == [(1,), (2,)]


def test_q8_q9_penalty_runs_are_in_the_total_and_in_no_delivery(of_match):
    assert of_match(501, "innings, runs, extras, penalty_runs", "cricket.innings") == [(1, 11, 10, 5), (2, 9, 5, 5)]
    assert of_match(501, "penalty", "cricket.delivery") == [(0,), (0,), (5,)]
    assert of_match(501, "innings, runs", "cricket.bowling_innings") == [(1, 1), (2, 4)]


def test_q10_what_was_faced_and_what_was_conceded(of_match):
    assert of_match(502, "runs, extras, legal_balls, wickets", "cricket.innings") == [(12, 8, 1, 1)]
    striker = of_match(502, "position, runs, balls, how_out, bowler_id IS NOT NULL", "cricket.batting_innings")
    assert striker == [(1, 4, 3, "stumped", True), (2, 0, 0, None, False)]
    bowling = "runs, legal_balls, wickets, wides, noballs"
    assert of_match(502, bowling, "cricket.bowling_innings") == [(9, 1, 1, 3, 2)]


def test_q11_q12_overs_have_as_many_balls_as_they_have(of_match):
    assert of_match(503, "max(ball)", "cricket.delivery") == [(7,)]
    # Seven byes are no runs of the bowler's; an over of two bowlers is nobody's; the last one was cut short.
    assert of_match(503, "legal_balls, maidens", "cricket.bowling_innings") == [(8, 0), (15, 2)]


def test_q13_two_wickets_with_one_ball(published, of_match):
    assert of_match(504, "wicket_kinds", "cricket.delivery") == [(["caught", "timed out"],), (["run out"],)]
    first = published(
        f"SELECT players_out = [{person('a0000001')}, {person('c0000003')}] FROM cricket.delivery "
        f"WHERE match_id = {M.format(504)} AND ball = 1"
    )
    assert first == [(True,)]
    rows = of_match(504, "position, how_out, out, bowler_id IS NOT NULL, balls", "cricket.batting_innings")
    assert rows == [
        (1, "caught", True, True, 1),
        (2, "run out", True, False, 0),
        (3, "timed out", True, False, 0),
        (4, None, False, False, 1),
    ]
    assert of_match(504, "wickets", "cricket.bowling_innings") == [(1,)]
    assert of_match(504, "wickets", "cricket.innings") == [(3,)]


def test_q16_fours_that_were_run_are_no_boundaries(of_match):
    assert of_match(505, "position, runs, fours, sixes", "cricket.batting_innings") == [(1, 14, 1, 1), (2, 0, 0, 0)]


def test_q17_retired_hurt_is_no_wicket_and_may_come_back(of_match):
    assert of_match(506, "wickets, absent_hurt", "cricket.innings") == [(0, 1)]
    rows = of_match(506, "position, out, how_out, runs", "cricket.batting_innings")
    assert rows == [(1, False, None, 1), (2, False, None, 2), (3, False, "retired hurt", 0)]


def test_q18_q19_what_no_table_holds_is_no_drift(published, of_match):
    assert len(of_match(507, "ball", "cricket.delivery")) == 1
    assert published("SELECT count(*) FROM core.account WHERE source = 'cricsheet' AND outcome <> 'used'") == [(0,)]


def test_q22_a_match_of_several_days_is_dated_by_its_first(published, of_match):
    assert of_match(407, "date::VARCHAR, city", "core.match") == [("2020-05-01", "Ayr")]
    season = "SELECT start_date::VARCHAR, end_date::VARCHAR, label FROM core.season WHERE label = '2020/21'"
    assert published(season) == [("2020-05-01", "2020-05-04", "2020/21")]


def test_q22_one_ground_is_not_another_of_the_same_name(published):
    own = "venue_id IN (SELECT entity_id FROM core.crosswalk WHERE kind = 'venue' AND source = 'cricsheet')"
    assert published(f"SELECT name, city FROM core.venue WHERE {own} ORDER BY city NULLS FIRST") == [
        ("County Ground", None),
        ("County Ground", "Ayr"),
    ]


def test_q23_declarations_and_follow_ons(of_match):
    assert of_match(407, "innings, declared", "cricket.innings") == [(1, True), (2, False), (3, False)]


def test_q24_people_are_known_by_id_and_never_by_name(published, of_match):
    assert published(
        "SELECT count(DISTINCT entity_id) FROM core.name WHERE name = 'A One' AND source = 'cricsheet'"
    ) == [(2,)]
    assert of_match(601, "batter, position", "cricket.batting_innings") == [("A One", 1), ("B Two-Married", 2)]
    names = f"SELECT name FROM core.name WHERE kind = 'person' AND entity_id = {person('b0000002')} ORDER BY name"
    assert published(names) == [("B Two",), ("B Two-Married",)]


def test_q25_who_is_not_in_the_register_is_a_person_too(published):
    assert published(f"SELECT name FROM core.person WHERE person_id = {person('c0000003')}") == [("C Three",)]


def test_q26_teams_are_known_by_name_and_gender(published):
    teams = "SELECT name, gender, kind FROM core.team WHERE sport = 'cricket' ORDER BY ALL"
    assert published(teams) == [(n, g, "club") for n in ("Ayr", "Bath") for g in ("men", "women")]


def test_events_of_men_and_women_may_have_one_name(published):
    rows = published("SELECT slug, name, gender, kind FROM core.competition WHERE sport = 'cricket' ORDER BY ALL")
    assert rows == [
        ("cricket.county-championship", "County Championship", "men", "league"),
        ("cricket.cup", "Cup", "mixed", "league"),
        ("cricket.other-t20-matches", "Other T20 matches", "men", "league"),
        ("cricket.the-hundred-mens-competition", "The Hundred Men's Competition", "men", "league"),
    ]


def test_who_played_for_whom_and_when(published):
    rows = published(f"""
        SELECT s.label, t.name, m.first_date::VARCHAR, m.last_date::VARCHAR
        FROM core.membership AS m JOIN core.season AS s USING (season_id) JOIN core.team AS t USING (team_id)
        WHERE m.person_id = {person("c0000003")} AND t.gender = 'men' AND s.label = '2020/21'
    """)
    assert rows == [("2020/21", "Ayr", "2020-05-01", "2020-05-04")]


def test_every_delivery_leads_back_to_its_own_record(of_match):
    assert of_match(201, 'DISTINCT "over", ball, record', "cricket.delivery_origin") == [
        (0, 1, "delivery 0"),
        (0, 2, "delivery 1"),
        (1, 1, "delivery 2"),
    ]


def test_a_new_revision_of_an_archive_replaces_and_the_old_one_stays_in_the_lake(world):
    from fieldhouse.lake import landings

    made = world()
    key = "match/ipl_json/1.json"
    made.land("cricsheet", {key: match(innings("Ayr", [ball("1")]), revision=1)})
    made.land("cricsheet", {key: match(innings("Ayr", [ball("2")]), revision=3)})
    assert made.tables().sql("SELECT runs FROM cricket.innings") == [(2,)]
    objects = [landings.read(made.store, "cricsheet", n).changed[0].sha256 for n in (1, 2)]
    kept = [json.loads(made.store.get(f"raw/{sha[:2]}/{sha}"))["meta"]["revision"] for sha in objects]
    assert kept == [1, 3]
