"""Quirks W1 to W7 and W20: events in the order of the file, in metres, with goals that count once."""

import pytest


@pytest.fixture
def action(wyscout):
    """The named columns of actions of match 1001, in order."""

    def action(columns: str, where: str = "true") -> list[tuple]:
        known = (
            "(SELECT entity_id FROM core.crosswalk WHERE kind = 'match' AND source = 'wyscout' AND source_id = '1001')"
        )
        return wyscout(f"SELECT {columns} FROM football.action WHERE match_id = {known} AND {where} ORDER BY action_no")

    return action


def test_the_order_of_the_file_is_that_of_time_and_ids_are_not(action):
    assert action("action_no, source_id")[:3] == [(1, "90"), (2, "70"), (3, "71")]


def test_a_goal_is_the_scorers_own_shot_and_not_the_keepers_part_in_it(action):
    assert action("type, period", "goal") == [("Shot", "1H"), ("Free Kick", "P")]


def test_an_own_goal_stands_with_whoever_had_it(action, wyscout):
    ((team, person),) = action("team_id, person_id", "own_goal")
    names = wyscout(
        f"SELECT name FROM core.name WHERE source = 'wyscout' AND entity_id IN ('{team}', '{person}') ORDER BY ALL"
    )
    assert names == [("J. Smith",), ("Leicester City",), ("Leicester City FC",)]


def test_player_0_is_nobody(action):
    assert action("type, subtype", "person_id IS NULL") == [("Duel", "Air duel")]


def test_an_offside_has_no_subtype_and_a_whole_number_is_a_time_too(action):
    assert action("type, subtype, second", "source_id IN ('70', '71')") == [
        ("Duel", "Air duel", 2.0),
        ("Offside", None, 3.25),
    ]


def test_positions_are_metres_and_the_second_may_be_missing(action):
    assert action("x, y, end_x, end_y", "source_id IN ('90', '72', '77')") == [
        (52.5, 17.0, 105.0, 68.0),
        (10.5, 0.0, None, None),
        (None, None, None, None),
    ]


def test_what_lies_beyond_the_lines_is_put_onto_them_in_the_open(action, wyscout):
    assert action("x, y", "source_id = '71'") == [(0.0, 68.0)]
    ((field, was),) = wyscout("SELECT field, was FROM core.correction WHERE rule = 'beyond the lines'")
    assert (field, "101" in was) == ("positions", True)


def test_tags_say_how_it_ended_and_which_card_was_shown(action):
    assert action("source_id, outcome, assist, card", "outcome IS NOT NULL OR card IS NOT NULL") == [
        ("90", "accurate", True, None),
        ("70", "inaccurate", False, None),
        ("72", None, False, "yellow"),
        ("73", "accurate", False, None),
        ("77", None, False, "second_yellow"),
        ("78", None, False, "red"),
    ]


def test_files_of_the_first_edition_have_the_same_events(wyscout):
    assert wyscout("SELECT count(*) FROM football.action a JOIN football.match_wide m USING (match_id) "
                   "WHERE competition = 'worldcup'") == [(3,)]  # fmt: skip


def test_an_event_of_another_shape_is_set_aside_by_name(world, files):
    made = world()
    content = files["events/processed-v2/files/1001.json"]
    bad = [{**content["events"][0], "matchPeriod": "3H"}, {**content["events"][0], "tags": "none"}]
    many = [content["events"][0]] * 300
    made.land("wyscout", {"events/processed-v2/files/1001.json": {**content, "events": [*bad, *many]}})
    receipt = made.normalize("wyscout")
    rows = made.rows(receipt, "wyscout/aside")
    assert [(row["rule"], row["ordinal"]) for row in rows] == [("value: matchPeriod", 0), ("type: tags", 1)]
    assert [(note["kind"], note["field"], note["count"]) for note in receipt.notes] == [("type", "tags", 1)]
