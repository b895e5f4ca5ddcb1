"""Connected components: claims that are linked, directly or through others, are one entity."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(nodes: Iterable[Node], edges: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """Per node the first node, in the order of `nodes`, of the component that it belongs to.

    Edges between nodes that are not in `nodes` are ignored.
    """
    rank = {node: n for n, node in enumerate(nodes)}
    parent = {node: node for node in rank}

    def root(node: Node) -> Node:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        if a in parent and b in parent:
            first, second = sorted((root(a), root(b)), key=rank.__getitem__)
            parent[second] = first
    return {node: root(node) for node in rank}
