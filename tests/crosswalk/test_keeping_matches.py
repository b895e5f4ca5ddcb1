"""Matches keep their ids when what their source ids are made of changes: team ids, names of rounds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse.crosswalk import keeping, linking
from fieldhouse.lake import duck
from fieldhouse.lake.folder import Folder

SEASON = "competition-1|season-1"


@pytest.fixture
def matches() -> Callable[..., dict[str, str]]:
    """The ids of matches of a new release, by source id, on top of a parent with these."""

    def keep(before: dict[str, str], now: dict[str, str], redirects: dict[str, str] | None = None) -> dict[str, str]:
        con = duck.connect()
        con.execute(linking.LINK)
        keeping.load_parent(con, Folder(Path()), (), ())  # reads nothing
        for source_id, entity in before.items():
            con.execute("INSERT INTO before VALUES ('match', 'one', ?, ?, 'own', '')", [source_id, entity])
        for n, (old, new) in enumerate((redirects or {}).items()):
            rows = [("team", "one", f"{n}", old), ("team", "two", f"{n}", new), ("team", "three", f"{n}", new)]
            for row in rows:
                con.execute("INSERT INTO before VALUES (?, ?, ?, ?, 'own', '')", row)
                con.execute("INSERT INTO link VALUES (?, ?, 'x', ?, ?, 'own', '')", [*row[:3], new])
        keeping.keep_ids(con, "team", 2)
        for source_id, entity in now.items():
            con.execute("INSERT INTO link VALUES ('match', 'one', ?, ?, ?, 'own', '')", [source_id, source_id, entity])
        keeping.keep_ids(con, "match", 2)
        found = dict(con.execute("SELECT source_id, entity_id FROM link WHERE kind = 'match'").fetchall())
        con.close()
        return found

    return keep


def test_a_round_that_is_called_otherwise(matches):
    before = {
        f"{SEASON}|Finals|Play-Off um 1|team-a|team-b": "match-old",
        f"{SEASON}|Regular|9|team-b|team-a": "match-2",
    }
    now = {f"{SEASON}|Regular|Matchday 1|team-a|team-b": "match-new", f"{SEASON}|Regular|9|team-b|team-a": "match-2"}
    assert list(matches(before, now).values()) == ["match-old", "match-2"]


def test_of_two_rounds_that_are_called_otherwise_none_is_guessed(matches):
    before = {f"{SEASON}|Regular|{n}|team-a|team-b": f"match-old-{n}" for n in (1, 2)}
    now = {f"{SEASON}|Regular|Matchday {n}|team-a|team-b": f"match-new-{n}" for n in (1, 2)}
    assert sorted(matches(before, now).values()) == ["match-new-1", "match-new-2"]


@pytest.mark.parametrize(
    "other", ["competition-1|season-2|Regular|1|team-a|team-b", f"{SEASON}|Regular|1|team-b|team-a"]
)
def test_another_season_or_the_other_ground_is_another_match(matches, other):
    assert matches({f"{SEASON}|Regular|1|team-a|team-b": "match-old"}, {other: "match-new"}) == {other: "match-new"}


def test_a_team_whose_id_leads_elsewhere(matches):
    before = {f"{SEASON}|Regular|{n}|team-old|team-b": f"match-old-{n}" for n in (1, 2)}
    now = {f"{SEASON}|Regular|{n}|team-new|team-b": f"match-new-{n}" for n in (1, 2)}
    kept = matches(before, now, {"team-old": "team-new"})
    assert kept == {f"{SEASON}|Regular|{n}|team-new|team-b": f"match-old-{n}" for n in (1, 2)}
