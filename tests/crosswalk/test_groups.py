"""Connected components in SQL, against a model that is too slow to be wrong."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse.crosswalk import groups
from fieldhouse.lake import duck

Members = Sequence[tuple[int, int]]  # node, key
MEMBERS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 8)), max_size=20)


def grouped(members: Members) -> dict[int, int]:
    con = duck.connect(threads=1)
    con.execute("CREATE TABLE member (no BIGINT, key BIGINT)")
    duck.insert(con, "member", members)
    groups.group(con, "member", "found")
    rows = con.execute("SELECT no, root FROM found").fetchall()
    con.close()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def naive(members: Members) -> dict[int, int]:
    groups_: list[tuple[set[int], set[int]]] = []
    for node, key in members:
        touched = [group for group in groups_ if node in group[0] or key in group[1]]
        groups_ = [group for group in groups_ if group not in touched]
        nodes, keys = {node}.union(*(g[0] for g in touched)), {key}.union(*(g[1] for g in touched))
        groups_.append((nodes, keys))
    return {node: min(nodes) for nodes, _ in groups_ for node in nodes}


@settings(max_examples=50)
@given(MEMBERS)
def test_every_node_leads_to_the_smallest_of_its_group(members: Members) -> None:
    assert grouped(members) == naive(members)


def test_nodes_without_a_common_key_are_their_own_groups() -> None:
    assert grouped([(3, 1), (4, 2)]) == {3: 3, 4: 4}


def test_nothing_makes_no_group() -> None:
    assert grouped([]) == {}


def test_a_long_chain_is_one_group() -> None:
    links = [pair for n in range(3000) for pair in ((n, n), (n + 1, n))]
    assert set(grouped(links[::-1]).values()) == {0}
