"""Matches of two sources are one by date, sides in either order and score; what is ambiguous is listed, not guessed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from fieldhouse import contracts
from fieldhouse.crosswalk import matches, unknown_sides, unlinked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Match = Sequence[str | None]
COLUMNS = "match_id competition_id season_id _stage round date _home _away _score _id"


class Linked:
    """What linking made of matches: per (source, local id) the entity, and what is listed."""

    def __init__(self, con: "DuckDBPyConnection") -> None:
        rows = con.execute("SELECT source, local_id, entity_id FROM link WHERE kind = 'match'").fetchall()
        self.entity = {(source, local): entity for source, local, entity in rows}
        assert len(self.entity) == len(rows)
        self.listed = con.execute(
            "SELECT source, source_id, reason, evidence FROM unlinked WHERE kind = 'match' ORDER BY ALL"
        ).fetchall()
        self.reasons = sorted(reason for _, _, reason, _ in self.listed)

    @property
    def groups(self) -> set[frozenset[str]]:
        """The matches that are one, as sets of local ids."""
        return {
            frozenset(local for (_, local), found in self.entity.items() if found == entity)
            for entity in self.entity.values()
        }


@pytest.fixture
def link(con: "DuckDBPyConnection", claim: Callable[..., None]) -> Callable[..., Linked]:
    """Links matches, said as (source, local id, date, home, away, score[, competition, season[, id of its own]])."""

    def _link(*rows: Match, teams: Mapping[str, str] = MappingProxyType({})) -> Linked:
        full = [
            (source, local, *(more[:2] or ("cup", "2022")), None, None, date, home, away, score, *(more[2:] or (None,)))
            for source, local, date, home, away, score, *more in rows
        ]
        con.execute("DELETE FROM link; DELETE FROM unlinked")
        for source, named in teams.items():
            con.executemany("INSERT INTO link VALUES ('team', $1, $2, $2, $2, 'own', '')", [[source, n] for n in named])
        claim("core.match", COLUMNS, *full)
        matches.link_matches(con, contracts.load_all()["core.match"])
        unknown_sides.find(con)
        unknown_sides.list_teams(con)
        unlinked.list_matches(con)
        return Linked(con)

    return _link


def together(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in groups}


def test_equal_date_sides_and_score_are_one_match(link: Callable[..., Linked]) -> None:
    found = link(("one", "a", "2022-01-01", "X", "Y", "2-1"), ("two", "b", "2022-01-01", "X", "Y", "2-1"))
    assert found.groups == together("a b")
    assert found.listed == []


def test_sides_may_be_swapped_if_the_score_is(link: Callable[..., Linked]) -> None:
    found = link(
        ("one", "a", "2022-01-01", "X", "Y", "2-1"),
        ("two", "b", "2022-01-01", "Y", "X", "1-2"),
        ("one", "c", "2022-01-02", "X", "Y", "2-1"),
        ("two", "d", "2022-01-02", "Y", "X", "2-1"),
    )
    assert found.groups == together("a b", "c", "d")
    assert found.reasons == ["the score differs", "the score differs"]


def test_a_match_without_a_score_is_the_only_one_of_that_day(link: Callable[..., Linked]) -> None:
    found = link(("one", "a", "2022-01-01", "X", "Y", None), ("two", "b", "2022-01-01", "Y", "X", "0-0"))
    assert found.groups == together("a b")


def test_another_day_is_another_match(link: Callable[..., Linked]) -> None:
    found = link(("one", "a", "2022-01-01", "X", "Y", "2-1"), ("two", "b", "2022-01-02", "X", "Y", "2-1"))
    assert found.groups == together("a", "b")
    assert found.reasons == ["no other source has a match of these sides on this date"] * 2


def test_two_matches_of_the_same_sides_on_one_day_are_told_apart_by_score(link: Callable[..., Linked]) -> None:
    # Tahiti and New Caledonia, 2022-03-24, met twice.
    found = link(
        ("one", "a", "2022-03-24", "Tahiti", "New Caledonia", "1-0"),
        ("one", "b", "2022-03-24", "Tahiti", "New Caledonia", "0-2"),
        ("two", "c", "2022-03-24", "New Caledonia", "Tahiti", "2-0"),
        ("two", "d", "2022-03-24", "Tahiti", "New Caledonia", "1-0"),
    )
    assert found.groups == together("a d", "b c")
    assert found.listed == []


def test_two_matches_with_one_score_on_one_day_are_left_alone_and_listed(link: Callable[..., Linked]) -> None:
    found = link(
        ("one", "a", "2022-03-24", "Tahiti", "New Caledonia", "1-0"),
        ("two", "c", "2022-03-24", "New Caledonia", "Tahiti", "0-1"),
        ("two", "d", "2022-03-24", "Tahiti", "New Caledonia", "1-0"),
    )
    assert found.groups == together("a", "c", "d")
    assert set(found.reasons) == {"several matches fit"}
    assert {source for source, *_ in found.listed} == {"one", "two"}


def test_one_match_without_a_score_and_two_with_are_left_alone_and_listed(link: Callable[..., Linked]) -> None:
    found = link(
        ("one", "a", "2022-03-24", "Tahiti", "New Caledonia", None),
        ("two", "c", "2022-03-24", "Tahiti", "New Caledonia", "1-0"),
        ("two", "d", "2022-03-24", "Tahiti", "New Caledonia", "0-2"),
    )
    assert found.groups == together("a", "c", "d")
    assert set(found.reasons) == {"several matches fit"}
    assert {evidence.split(", ")[1] for *_, evidence in found.listed} == {"one", "two 0-1", "two 2-0"}


def test_an_unknown_side_equals_no_other(link: Callable[..., Linked]) -> None:
    found = link(("one", "a", "2022-01-01", "X", None, "2-1"), ("two", "b", "2022-01-01", None, "X", "1-2"))
    assert found.groups == together("a", "b")


def test_records_of_one_source_are_not_linked_by_day_but_by_what_names_a_match(link: Callable[..., Linked]) -> None:
    found = link(
        ("one", "a", "2022-01-01", "X", "Y", "2-1"),
        ("one", "b", "2022-01-01", "X", "Y", "2-1"),
        ("one", "c", "2022-01-01", "Y", "X", "1-2"),
    )
    assert found.groups == together("a b", "c")


def test_a_replay_has_an_id_of_its_own(link: Callable[..., Linked], con: "DuckDBPyConnection") -> None:
    found = link(("one", "a", "2022-01-01", "X", "Y", "1-1"), ("one", "b", "2022-01-08", "X", "Y", "2-0"))
    assert found.groups == together("a", "b")
    sources = con.execute("SELECT source_id FROM link ORDER BY local_id").fetchall()
    assert [source_id for (source_id,) in sources] == ["cup|2022|||X|Y", "cup|2022|||X|Y|2"]


def test_a_match_that_is_moved_keeps_its_id(link: Callable[..., Linked]) -> None:
    before = link(("one", "a", "2022-01-01", "X", "Y", None)).entity["one", "a"]
    again = link(("one", "a", "2022-02-01", "X", "Y", "3-0"), ("two", "b", "2022-02-01", "X", "Y", "3-0")).entity
    assert again["one", "a"] == again["two", "b"] == before


def test_seasons_that_no_other_source_covers_are_not_listed(link: Callable[..., Linked]) -> None:
    found = link(
        ("one", "a", "2022-01-01", "X", "Y", "2-1", "cup", "2022"),
        ("two", "b", "2021-01-01", "X", "Y", "2-1", "cup", "2021"),
    )
    assert found.groups == together("a", "b")
    assert found.listed == []


def test_a_match_that_has_an_id_of_its_own_is_published_under_it_and_is_one_whatever_else_is_said(link, con) -> None:
    found = link(
        ("one", "first.json", "2022-01-01", "X", "Y", "2-1", "cup", "2022", "77"),
        ("one", "again.json", "2022-01-02", "X", "Y", "2-2", "cup", "2022", "77"),
        ("one", "other.json", "2022-01-02", "X", "Y", "2-2", "cup", "2022", "78"),
    )
    assert found.groups == together("first.json again.json", "other.json")
    assert con.execute("SELECT DISTINCT source_id FROM link ORDER BY ALL").fetchall() == [("77",), ("78",)]


SEASON = [("2022-01-01", "2-1"), ("2022-01-08", "0-0"), ("2022-01-15", "3-1")]


def said_otherwise(*days: tuple[str, str]) -> list[Match]:
    """A season of X against Y as `one` has it, and with another name for Y as `two` has it."""
    known = [("one", f"a{n}", day, "X", "Y", score) for n, (day, score) in enumerate(SEASON)]
    other = [("two", f"b{n}", day, "Z", "X", score[::-1]) for n, (day, score) in enumerate(days)]
    return [*known, *other]


def test_a_side_that_nothing_links_is_listed_with_the_matches_that_would_link_it(link, con) -> None:
    found = link(*said_otherwise(*SEASON), teams={"one": "XY", "two": "XZ"})
    assert found.groups == together("a0", "a1", "a2", "b0", "b1", "b2")
    assert set(found.reasons) == {"a side is not linked"}
    evidence = "same date and score, and one side; the other is likely the same by the days and scores of its season"
    assert {said for *_, said in found.listed} == {evidence}
    teams = con.execute("SELECT source, source_id, candidate_id, evidence FROM unlinked WHERE kind = 'team'").fetchall()
    assert sorted(teams) == [
        ("one", "Y", "Z", "3 of 3 matches have the day and the score of two's Z"),
        ("two", "Z", "Y", "3 of 3 matches have the day and the score of one's Y"),
    ]


def test_a_side_whose_matches_are_mostly_others_is_near_nobody(link, con) -> None:
    found = link(
        *said_otherwise(SEASON[0], ("2022-01-09", "5-0"), ("2022-01-16", "4-4")), teams={"one": "XY", "two": "XZ"}
    )
    assert set(found.reasons) == {"no other source has a match of these sides on this date"}
    assert con.execute("SELECT count(*) FROM unlinked WHERE kind = 'team'").fetchone() == (0,)
