"""Quirks W8 to W19 and W21: the archive of matches, line-ups, people and teams, and which of them others know, too."""

import pytest

from fieldhouse.errors import DataError


@pytest.fixture
def wide(wyscout):
    """Named columns of the match that Wyscout calls so."""

    def wide(number: int, columns: str) -> tuple:
        (row,) = wyscout(
            f"SELECT {columns} FROM football.match_wide JOIN core.crosswalk x ON x.kind = 'match' AND x.source = 'wyscout' "
            f"AND x.source_id = '{number}' AND x.entity_id = match_id"
        )
        return row

    return wide


def test_a_member_is_read_by_its_name_and_places_count_through_the_archive(wyscout):
    rows = wyscout(
        "SELECT records, sum(count)::INT FROM core.account WHERE source = 'wyscout' AND feed = 'matches' GROUP BY ALL"
    )
    assert dict(rows) == {"match": 6, "side": 12, "squad_player": 8, "substitution": 3}
    (places,) = wyscout("SELECT list(record ORDER BY record) FROM core.match_origin WHERE source = 'wyscout'")
    assert places == ([f"match {n}" for n in range(6)],)


def test_a_match_is_one_row_whoever_knows_it(wide, wyscout):
    everybody = ["international_results", "openfootball", "wyscout"]
    assert wide(2001, "sources, competition, season") == (everybody, "worldcup", "2018")
    assert wide(2002, "sources") == (everybody,)
    assert wide(3001, "sources, competition, season") == (
        ["international_results", "wyscout"],
        "intl.uefa-euro",
        "2016",
    )
    assert wide(1001, "sources, competition, season, round") == (
        ["openfootball", "wyscout"],
        "en.1",
        "2017-18",
        "Matchday 1",
    )
    assert wyscout("SELECT count(*) FROM football.match_wide") == [(6,)]


def test_extra_time_counts_on_and_a_shoot_out_is_won_by_whom_the_tie_is(wide):
    final = "home_goals_90, away_goals_90, home_goals, away_goals, decided_by"
    assert wide(3001, final) == (0, 0, 0, 1, "extra_time")
    assert wide(2001, f"{final}, home_shootout, away_shootout") == (1, 1, 1, 1, "shootout", 3, 4)
    assert wide(2001, "winner_team_id = away_team_id, away_team") == (True, "Russia")
    assert wide(1002, f"{final}, winner_team_id") == (0, 0, 0, 0, "regular", None)


def test_sides_are_told_by_their_field_whatever_stands_first(wide):
    assert wide(1001, "home_team, away_team, home_goals, away_goals") == ("Arsenal FC", "Leicester City FC", 4, 3)


def test_half_time_is_the_first_sources_and_the_disagreement_is_listed(wide, wyscout):
    assert wide(1001, "home_goals_ht, away_goals_ht") == (2, 1)
    said = wyscout(
        "SELECT \"column\", source, value, chosen_value FROM core.disagreement WHERE dataset = 'core.participation'"
    )
    assert ("score_ht", "wyscout", "2", "1") in said


def test_the_day_is_said_in_words_and_the_kick_off_in_utc(wide):
    assert wide(1002, "date::VARCHAR, epoch(kickoff_utc)::BIGINT") == ("2018-05-13", 1526220000)


def test_knock_out_rounds_have_no_group_whatever_it_says(wyscout):
    rows = wyscout(
        "SELECT x.source_id, p.name, p.kind FROM core.match m JOIN core.phase p USING (phase_id) "
        "JOIN core.crosswalk x ON x.kind = 'match' AND x.source = 'wyscout' AND x.entity_id = m.match_id ORDER BY ALL"
    )
    assert {number: (name, kind) for number, name, kind in rows} == {
        "1001": ("Regular", "regular"),
        "1002": ("Regular", "regular"),
        "2001": ("Finals", "knockout"),
        "2002": ("Group F", "group"),
        "3001": ("Finals", "knockout"),
        "4001": ("Regular", "regular"),
    }


def test_a_competition_that_is_not_in_the_list_is_one_of_its_own(wide):
    assert wide(4001, "competition, season") == ("wyscout.777", "2019")


def test_a_line_up_is_who_played_or_was_booked(wyscout):
    rows = wyscout(
        "SELECT n.source_id, a.* EXCLUDE (match_id, person_id, team_id) FROM football.appearance a "
        "JOIN core.crosswalk n ON n.kind = 'person' AND n.entity_id = a.person_id "
        "JOIN core.crosswalk x ON x.kind = 'match' AND x.entity_id = a.match_id AND x.source_id = '1001' ORDER BY ALL"
    )
    # started, minute_on, minute_off, goals, own_goals, yellow_minute, red_minute
    assert rows == [
        ("11", True, 0, None, 0, None, None, None),  # own goals "2" stand with a whole side, and say nothing
        ("12", True, 0, 60, 2, 0, None, None),
        ("13", True, 0, 94, 0, 1, 92, 93),
        ("14", False, 60, None, 1, 0, None, None),
        ("15", False, None, None, 0, 0, 80, None),  # booked on the bench; of the other side he only sat there
    ]


def test_nobody_comes_on_for_a_substitute_that_is_not_known(wyscout):
    rows = wyscout(
        "SELECT a.minute_on, a.minute_off FROM football.appearance a "
        "JOIN core.crosswalk x ON x.kind = 'match' AND x.entity_id = a.match_id AND x.source_id = '1002'"
    )
    assert rows == [(0, 56)]


def test_who_is_in_a_line_up_and_not_in_the_list_of_players_is_listed(wyscout):
    rows = wyscout("SELECT source_id, reason FROM core.unlinked WHERE kind = 'person' AND source = 'wyscout'")
    assert rows == [("379199", "named, but no record describes it")]


def test_texts_that_are_escaped_twice_are_read_once_more(wyscout):
    names = wyscout("SELECT name FROM core.name WHERE source = 'wyscout' AND kind IN ('person', 'venue') ORDER BY ALL")
    assert {name for (name,) in names} == {
        "Arena Kazán",
        "Emirates",
        "I. Konaté",
        "J. Smith",
        'The "Tank" Lück',
        '"Z" Ä',
    }
    assert wyscout("SELECT name FROM core.team WHERE country = 'Belgium'") == [("Gént",)]
    given = wyscout("SELECT name_given, name_family, birth_year FROM core.person WHERE name = 'I. Konaté'")
    assert given == [("Ibrahima B.", "Konaté", 1990)]


def test_one_short_name_may_be_two_people(wyscout):
    assert wyscout("SELECT count(DISTINCT person_id), count(birth_date) FROM core.person WHERE name = 'J. Smith'") == [
        (2, 1)
    ]


def test_no_ground_is_none(wyscout):
    assert wyscout("SELECT count(*) FROM core.match WHERE venue_id IS NULL") == [(4,)]


def test_korea_republic_is_linked_by_review(wyscout):
    assert wyscout(
        "SELECT method FROM core.crosswalk WHERE kind = 'team' AND source = 'wyscout' AND source_id = '14855'"
    ) == [("alias",)]


def test_a_squad_is_who_was_named_for_its_matches(wyscout):
    rows = wyscout("SELECT first_date::VARCHAR, last_date::VARCHAR FROM core.membership ORDER BY ALL")
    assert rows.count(("2017-08-11", "2018-05-13")) == 1
    assert len(rows) == 6


def cut(text: bytes) -> bytes:
    return text[: len(text) // 2]


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("players/raw_data/players.json", lambda _: b'[{"wyId": 1, "shortName": "M. Oli', "not JSON"),
        ("matches/raw_data/matches.zip", cut, "not an archive"),
        ("events/processed-v2/files/1001.json", lambda _: b'{"teams": {}, "players": {}}', "no records"),
    ],
)
def test_a_file_that_is_cut_off_fails_loudly(world, files, name, change, reason):
    made = world()
    made.land("wyscout", {**files, name: change(files[name])})
    with pytest.raises(DataError, match=reason) as refused:
        made.normalize("wyscout")
    assert name in str(refused.value)


def test_a_member_that_is_cut_off_fails_loudly_and_is_named(world, files, packed):
    made = world()
    made.land("wyscout", {**files, "matches/raw_data/matches.zip": packed({"matches_England.json": '[{"wyId": 1'})})
    with pytest.raises(DataError, match=r"the member matches_England\.json is not JSON"):
        made.normalize("wyscout")


def test_a_side_without_a_score_or_a_card_that_is_no_number_is_set_aside(world, files, packed, england):
    made = world()
    del england[0]["teamsData"]["1609"]["score"]
    england[0]["teamsData"]["1631"]["formation"]["lineup"][0]["yellowCards"] = "late"
    made.land("wyscout", {**files, "matches/raw_data/matches.zip": packed({"matches_England.json": england})})
    with pytest.raises(DataError) as refused:
        made.normalize("wyscout")
    assert "side 1: missing: score" in str(refused.value)
    assert "squad_player 0: value: yellowCards: field yellowCards: declared null|[0-9]+" in str(refused.value)
