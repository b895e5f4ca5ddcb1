"""Releases on top of one another: ids stay, merged ones lead on, and what is apart again has its own id back."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse.crosswalk import ids, keeping, linking
from fieldhouse.lake import duck, open_store, parts
from fieldhouse.lake.folder import Folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Clusters = Mapping[str, str]  # claim `source:id` → name of its cluster


class Releases:
    """Publishes partitions of claims, one after the other, as `conform` would."""

    def __init__(self) -> None:
        self.con = duck.connect()
        self.con.execute(linking.LINK)
        keeping.load_parent(self.con, Folder(Path()), (), ())  # reads nothing
        self.number = 0

    def publish(self, clusters: Clusters) -> dict[str, str]:
        """The next release of these clusters; returns the id that each claim has in it."""
        self.number += 1
        order = sorted(clusters)
        roots = {c: min(o for o in order if clusters[o] == clusters[c]) for c in order}
        self.con.execute("DELETE FROM link")
        for claim in order:
            source, source_id = claim.split(":")
            entity = ids.mint("team", *roots[claim].split(":"))
            row = ["team", source, source_id, source_id, entity, "own", ""]
            self.con.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        keeping.keep_ids(self.con, "team", self.number)
        rows = self.con.execute("SELECT source || ':' || source_id, entity_id FROM link").fetchall()
        self.con.execute(
            "CREATE OR REPLACE TABLE before AS SELECT kind, source, source_id, entity_id, method, evidence FROM link"
        )
        return dict(rows)

    @property
    def redirects(self) -> dict[str, str]:
        return dict(self.con.execute("SELECT old_id, new_id FROM redirect").fetchall())


@pytest.fixture
def releases() -> Iterator[Releases]:
    """No release yet."""
    made = Releases()
    yield made
    made.con.close()


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_ids_stay_when_a_source_is_added_in_either_order(releases: Releases, order: tuple[str, str]) -> None:
    first = releases.publish({f"{order[0]}:a": "A", f"{order[0]}:b": "B"})
    both = releases.publish({"one:a": "A", "one:b": "B", "two:a": "A", "two:b": "B"})
    assert {claim: both[claim] for claim in first} == first
    assert both["one:a"] == both["two:a"]
    assert releases.redirects == {}
    alone = releases.publish({f"{order[1]}:a": "A", f"{order[1]}:b": "B"})
    assert alone == {claim: both[claim] for claim in alone}


def test_what_is_merged_leads_on_and_what_is_apart_again_has_its_id_back(releases: Releases) -> None:
    apart = releases.publish({"one:a": "A", "one:b": "B", "two:b": "B"})
    merged = releases.publish({"one:a": "AB", "one:b": "AB", "two:b": "AB"})
    assert set(merged.values()) == {apart["one:b"]}
    assert releases.redirects == {apart["one:a"]: apart["one:b"]}
    again = releases.publish({"one:a": "A", "one:b": "B", "two:b": "B"})
    assert again == apart
    assert releases.redirects == {}


def test_redirects_lead_to_what_lives_even_over_several_releases(releases: Releases) -> None:
    large = {"one:c": "C", "two:c": "C", "three:c": "C", "three:d": "C"}
    first = releases.publish({"one:a": "A", "one:b": "B", "two:b": "B", **large})
    releases.publish({"one:a": "B", "one:b": "B", "two:b": "B", **large})
    last = releases.publish(dict.fromkeys(first, "all"))
    assert set(last.values()) == {first["one:c"]}
    assert releases.redirects == {first["one:a"]: first["one:c"], first["one:b"]: first["one:c"]}


def test_a_name_that_comes_back_gets_no_id_that_another_has_kept(releases: Releases) -> None:
    both = releases.publish({"one:a": "A", "two:a": "A"})
    assert releases.publish({"two:a": "A"}) == {"two:a": both["one:a"]}
    apart = releases.publish({"one:a": "other", "two:a": "A"})
    assert apart["two:a"] == both["one:a"]
    assert apart["one:a"] != apart["two:a"]


CLAIMS = [f"{source}:{n}" for source in ("one", "two") for n in range(3)]
PARTITION = st.dictionaries(st.sampled_from(CLAIMS), st.sampled_from("ABC"), min_size=1)


@settings(max_examples=25)
@given(st.lists(PARTITION, min_size=2, max_size=4))
def test_whatever_happens_ids_are_unique_and_dead_ones_lead_to_living_ones(history: list[Clusters]) -> None:
    releases = Releases()
    before: dict[str, str] = {}
    for clusters in history:
        now = releases.publish(clusters)
        named = {(clusters[claim], entity) for claim, entity in now.items()}
        assert len({entity for _, entity in named}) == len({cluster for cluster, _ in named}) == len(named)
        assert not set(releases.redirects) & set(now.values())
        for claim in set(before) & set(now):
            old = before[claim]
            assert old in now.values() or releases.redirects[old] in now.values()
        redirects = releases.redirects
        assert releases.publish(clusters) == now
        assert releases.redirects == redirects
        before = now
    releases.con.close()


def test_the_parent_is_read_from_its_parts(tmp_path: Path) -> None:
    import pyarrow as pa

    store = open_store(str(tmp_path / "lake"))
    known = {"kind": "team", "source": "one", "source_id": "a", "entity_id": "team-x", "method": "own", "evidence": ""}
    moved = {"kind": "team", "old_id": "team-y", "new_id": "team-x", "since_release": 3}
    crosswalk = parts.write(store, "core.crosswalk", pa.Table.from_pylist([known]))
    redirect = parts.write(store, "core.redirect", pa.Table.from_pylist([moved]))
    con = duck.connect()
    con.execute(linking.LINK)
    keeping.load_parent(con, store, [crosswalk], [redirect])
    con.execute("INSERT INTO link VALUES ('team', 'one', 'a', 'a', ?, 'own', '')", [ids.mint("team", "one", "a")])
    keeping.keep_ids(con, "team", 4)
    assert con.execute("SELECT entity_id FROM link").fetchall() == [("team-x",)]
    assert con.execute("SELECT * FROM redirect").fetchall() == [("team", "team-y", "team-x", 3)]


def test_other_kinds_are_left_alone(con: "DuckDBPyConnection", claim: Callable[..., None]) -> None:
    con.execute("INSERT INTO before VALUES ('venue', 'one', 'a', 'venue-old', 'own', '')")
    con.execute("INSERT INTO link VALUES ('team', 'one', 'a', 'a', 'team-fresh', 'own', '')")
    keeping.keep_ids(con, "team", 2)
    assert con.execute("SELECT entity_id FROM link").fetchall() == [("team-fresh",)]
