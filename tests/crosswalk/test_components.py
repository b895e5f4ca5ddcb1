"""Components, against a model that is too slow to be wrong."""

from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.crosswalk.components import components

NODES = st.lists(st.integers(0, 12), unique=True, max_size=12)
EDGES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=15)


def naive(nodes: list[int], edges: list[tuple[int, int]]) -> dict[int, int]:
    groups = [{node} for node in nodes]
    for a, b in edges:
        if a in nodes and b in nodes:
            ends = [group for group in groups if group & {a, b}]
            groups = [group for group in groups if not group & {a, b}] + [set().union(*ends)]
    return {node: min(group, key=nodes.index) for group in groups for node in group}


@given(NODES, EDGES)
def test_every_node_leads_to_the_first_of_its_component(nodes: list[int], edges: list[tuple[int, int]]) -> None:
    assert components(nodes, edges) == naive(nodes, edges)


@given(NODES, EDGES, st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(nodes: list[int], edges: list[tuple[int, int]], random: object) -> None:
    shuffled = [(b, a) for a, b in edges]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert components(nodes, shuffled) == components(nodes, edges)


def test_a_long_chain_is_one_component() -> None:
    count = 5000
    assert set(components(range(count), [(n, n + 1) for n in range(count - 1)]).values()) == {0}
