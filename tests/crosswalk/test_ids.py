"""Ids are minted from one claim, and kept however clusters come, go, merge and split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.crosswalk import ids
from fieldhouse.lake import duck

CLAIMS = st.lists(st.integers(0, 4), min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("source", "source_id"), [("openfootball", "Arsenal FC"), ("s", "a|b"), ("s", "Österreich 🇦🇹"), ("s", "")]
)
def test_sql_mints_what_python_does(source: str, source_id: str) -> None:
    query = "SELECT " + ids.MINT_SQL.format(kind="'team'", source="$1", source_id="$2")
    assert duck.connect().execute(query, [source, source_id]).fetchall() == [(ids.mint("team", source, source_id),)]


def test_an_id_says_its_kind_and_depends_on_nothing_else() -> None:
    assert ids.mint("team", "openfootball", "Arsenal FC") == "team-25b412341bc72a15"  # published; never changes
    assert ids.mint("venue", "openfootball", "Arsenal FC") != ids.mint("team", "openfootball", "Arsenal FC")


def votes(before: list[int], after: list[int]) -> list[tuple[str, str, int]]:
    """Claim n was in the cluster before[n] and is now in after[n]."""
    pairs = list(zip(after, before, strict=True))
    return [(f"new{a}", f"old{b}", pairs.count((a, b))) for a, b in sorted(set(pairs))]


@given(CLAIMS, CLAIMS)
def test_every_cluster_gets_exactly_one_id_and_no_two_the_same(before: list[int], after: list[int]) -> None:
    kept = ids.keep(votes(before, after))
    final = [kept.renamed.get(f"new{a}", f"new{a}") for a in set(after)]
    assert len(set(final)) == len(final)


@given(CLAIMS, CLAIMS)
def test_every_published_id_lives_on_or_leads_to_one_that_lives(before: list[int], after: list[int]) -> None:
    kept = ids.keep(votes(before, after))
    final = {kept.renamed.get(f"new{a}", f"new{a}") for a in after}
    for old in {f"old{b}" for b in before}:
        assert (old in final) != (old in kept.redirects)
    assert set(kept.redirects.values()) <= final


@given(CLAIMS, CLAIMS, st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(before: list[int], after: list[int], random: object) -> None:
    shuffled = votes(before, after)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ids.keep(shuffled) == ids.keep(votes(before, after))


@given(CLAIMS)
def test_what_only_grows_or_is_renamed_keeps_its_id(before: list[int]) -> None:
    kept = ids.keep(votes(before, before))
    assert kept.renamed == {f"new{b}": f"old{b}" for b in before}
    assert not kept.redirects


def test_a_merged_cluster_keeps_the_id_of_most_claims_and_the_other_leads_there() -> None:
    kept = ids.keep([("new", "small", 1), ("new", "large", 3)])
    assert kept == ids.Kept({"new": "large"}, {"small": "large"})


def test_of_a_split_cluster_the_larger_part_keeps_the_id() -> None:
    assert ids.keep([("a", "old", 1), ("b", "old", 2)]) == ids.Kept({"b": "old"}, {})


def test_a_cluster_whose_own_id_was_kept_by_another_gets_a_derived_one() -> None:
    kept = ids.keep([("x", "x", 1), ("y", "x", 2)])
    assert kept.renamed["y"] == "x"
    assert kept.renamed["x"].startswith("x-")


def test_a_new_cluster_never_gets_an_id_that_another_keeps() -> None:
    kept = ids.keep([("y", "x", 2)], others=["x", "z"])
    assert kept.renamed["y"] == "x"
    assert kept.renamed["x"].startswith("x-")
    assert "z" not in kept.renamed


def test_a_derived_id_that_is_taken_is_derived_once_more() -> None:
    derived = ids.keep([("x", "x", 1), ("y", "x", 2)]).renamed["x"]
    kept = ids.keep([("x", "x", 1), ("y", "x", 2), ("z", derived, 1)])
    assert kept.renamed["z"] == derived
    assert len({kept.renamed["x"], "x", derived}) == 3
