"""Ids that sources share link; ids that contradict one another, or stand twice, are told and link nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse.contracts import Contract, Entity
from fieldhouse.crosswalk import ids, keeping, linking, shared, unlinked
from fieldhouse.crosswalk.aliases import Alias
from fieldhouse.lake import duck

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PERSON = Contract(
    "core.person",
    "P",
    "",
    "normalized",
    "1.0.0",
    ("person_id",),
    (),
    (),
    entity=Entity("person", ids=("_bb", "_re"), near=(("name", "birth_year"),)),
)
COLUMNS = "person_id _bb _re name birth_year"
Linked = dict[tuple[str, str], tuple[str, str, str]]


@pytest.fixture
def link(con: "DuckDBPyConnection", claim: Callable[..., None]) -> Callable[..., Linked]:
    """Links claims `(source, id, bb, re, name, birth year)`; per claim entity, method and evidence."""

    def _link(*rows: tuple, aliases: tuple[Alias, ...] = ()) -> Linked:
        claim("core.person", COLUMNS, *((*row, *(None,) * (6 - len(row))) for row in rows))
        con.execute("DELETE FROM link")
        linking.link_by_keys(con, PERSON, aliases)
        keeping.keep_ids(con, "person", 1)
        unlinked.list_conflicts(con)
        unlinked.list_without_ids(con, PERSON)
        found = con.execute("SELECT source, local_id, entity_id, method, evidence FROM link").fetchall()
        return {(source, local): tuple(rest) for source, local, *rest in found}

    return _link


def together(linked: Linked) -> set[frozenset[str]]:
    """Which claims are one entity: `source:id`."""
    entities: dict[str, set[str]] = {}
    for (source, local), (entity, *_) in linked.items():
        entities.setdefault(entity, set()).add(f"{source}:{local}")
    return {frozenset(claims) for claims in entities.values()}


def listed(con: "DuckDBPyConnection") -> list[tuple]:
    return con.execute("SELECT source, source_id, candidate_id, reason, evidence FROM unlinked ORDER BY ALL").fetchall()


def test_an_id_that_both_state_links(link, con) -> None:
    found = link(("one", "ruth", "ruthba01", "ruthb101"), ("two", "9dcd", "ruthba01", "ruthb101"))
    entity = ids.mint("person", "one", "ruth")
    assert found == {("one", "ruth"): (entity, "own", "bb ruthba01"), ("two", "9dcd"): (entity, "id", "bb ruthba01")}
    assert listed(con) == []


def test_either_id_is_enough(link) -> None:
    found = link(("one", "a", None, "r1"), ("two", "b", "b1", "r1"), ("three", "c", "b1", None))
    assert together(found) == {frozenset({"one:a", "two:b", "three:c"})}


def test_ids_of_different_systems_are_never_compared(link) -> None:
    assert len(together(link(("one", "a", "x", None), ("two", "b", None, "x")))) == 2


def test_no_id_is_no_common_id(link) -> None:
    assert len(together(link(("one", "a", "", None), ("two", "b", "", None), ("three", "c")))) == 3


def test_of_two_ids_that_lead_apart_the_more_trusted_one_links_and_the_other_is_told(link, con) -> None:
    # hughesa01: Baseball-Reference's id leads to one person of the register, Retrosheet's to another.
    found = link(("one", "hughes", "b", "r"), ("two", "f52b", "b", None), ("two", "5485", None, "r"))
    assert together(found) == {frozenset({"one:hughes", "two:f52b"}), frozenset({"two:5485"})}
    hughes, other = ids.mint("person", "one", "hughes"), ids.mint("person", "two", "5485")
    assert listed(con) == [
        ("one", "hughes", other, shared.CONTRADICTION, "re r"),
        ("two", "5485", hughes, shared.CONTRADICTION, "re r"),
    ]


def test_a_weaker_id_that_agrees_is_no_contradiction(link, con) -> None:
    found = link(("one", "a", "b", "r"), ("two", "c", "b", "r"), ("two", "d", "b2", "r2"))
    assert together(found) == {frozenset({"one:a", "two:c"}), frozenset({"two:d"})}
    assert not [row for row in listed(con) if row[3] == shared.CONTRADICTION]


def test_an_id_that_two_claims_of_one_source_state_links_nothing(link, con) -> None:
    # kellyjo01: two people of Lahman's state one id of Baseball-Reference.
    found = link(("one", "kelly01", "k", None), ("one", "kelly02", "k", None), ("two", "r1", "k", None))
    assert len(together(found)) == 3
    said = {(row[1], row[2]) for row in listed(con) if row[3] == shared.AMBIGUOUS}
    minted = {name: ids.mint("person", *name.split(":")) for name in ("one:kelly01", "one:kelly02", "two:r1")}
    assert said == {(a.split(":")[1], minted[b]) for a in minted for b in minted if a != b}


def test_of_two_that_share_one_id_the_other_id_still_links(link, con) -> None:
    found = link(("one", "a", "k", "r1"), ("one", "b", "k", "r2"), ("two", "c", None, "r1"), ("two", "d", None, "r2"))
    assert together(found) == {frozenset({"one:a", "two:c"}), frozenset({"one:b", "two:d"})}


def test_an_id_that_thousands_state_is_told_of_each_but_not_pair_by_pair(link, con) -> None:
    link(*(("one", f"p{n:03}", "unknown", None) for n in range(300)))
    rows = [row for row in listed(con) if row[3] == shared.AMBIGUOUS]
    assert len(rows) == 300
    assert {row[2] for row in rows} == {""}


def test_a_reviewed_link_joins_what_no_id_does(link) -> None:
    alias = Alias("one", "stein", "two", "e0a1", "born on the same day, and nobody else is called so")
    found = link(("one", "stein", "b1", None), ("two", "e0a1", None, None), aliases=(alias,))
    assert found["two", "e0a1"][0] == found["one", "stein"][0]


def test_near_misses_are_people_of_the_same_name_and_year_who_are_not_linked_yet(link, con) -> None:
    found = link(
        ("one", "linked", "b1", None, "Al Smith", "1900"),
        ("two", "partner", "b1", None, "Al Smith", "1900"),
        ("one", "alone", "b2", None, "José Cruz", "1901"),
        ("two", "namesake", None, None, "Jose Cruz", "1901"),
        ("two", "older", None, None, "José Cruz", "1881"),
        ("two", "x1"),
        ("two", "x2"),
        ("two", "x3"),
    )
    assert len(together(found)) == len(found) - 1
    assert listed(con) == [
        (
            "one",
            "alone",
            ids.mint("person", "two", "namesake"),
            "no other source states an id of it",
            "same name, birth_year: jose cruz, 1901",
        ),
    ]


def test_who_has_no_near_miss_is_listed_without_a_candidate(link, con) -> None:
    link(("one", "a", "b1", None), ("two", "b", "b1", None), ("one", "alone", "b2", None))
    assert listed(con) == [("one", "alone", "", "no other source states an id of it", "")]


def test_a_source_of_which_few_are_known_elsewhere_is_not_listed_person_by_person(link, con) -> None:
    link(("one", "a", "b1", None), ("two", "b", "b1", None), *(("two", f"n{n}", f"x{n}", None) for n in range(9)))
    assert listed(con) == []


CLAIM = st.tuples(
    st.sampled_from(["one", "two", "three"]),
    st.integers(0, 3).map(str),
    st.sampled_from([None, "b1", "b2", "b3"]),
    st.sampled_from([None, "r1", "r2", "r3"]),
)


@settings(max_examples=40)
@given(st.lists(CLAIM, max_size=9, unique_by=lambda c: c[:2]), st.randoms(use_true_random=False))
def test_no_entity_has_two_claims_of_a_source_and_the_order_of_rows_does_not_matter(rows: list, random: object) -> None:
    """All claims here are of sources with ids, so that no two of one source may meet, whatever they state."""
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = _entities(rows), _entities(shuffled)
    assert first == second
    assert len({(source, entity) for (source, _), entity in first.items()}) == len(rows)


def _entities(rows: list[tuple]) -> dict[tuple[str, str], str]:
    con = duck.connect(threads=1)
    con.execute(linking.LINK)
    con.execute(
        'CREATE SCHEMA claims; CREATE TABLE claims."core.person" '
        "(_source VARCHAR, person_id VARCHAR, _bb VARCHAR, _re VARCHAR, _rank INTEGER)"
    )
    ranks = {"one": 1, "two": 2, "three": 3}
    duck.insert(con, 'claims."core.person"', [(*row, ranks[row[0]]) for row in rows])
    linking.link_by_keys(con, PERSON, ())
    found = con.execute("SELECT source, local_id, entity_id FROM link").fetchall()
    con.close()
    return {(source, local): entity for source, local, entity in found}
