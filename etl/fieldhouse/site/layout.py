"""Where the boxes of a lineage stand: in layers from left to right, each behind all that it is made of."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from fieldhouse.site.lineage import Lineage, Node

#: Pixels: a letter of a label, what stands beside it, a box's height, the gaps between boxes and between layers.
LETTER, PADDING, HEIGHT, GAP, BETWEEN = 8, 20, 30, 10, 72
MARGIN = 4
#: How often the order of each layer is adapted to the one before it, and then to the one behind.
SWEEPS = 6


@dataclass(frozen=True)
class Box:
    """One node's rectangle."""

    node: Node
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Picture:
    """Boxes, and lines as SVG paths from the right side of one to the left side of another."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]


def picture(lineage: Lineage) -> Picture | None:
    """The picture of a lineage; None where there is nothing to connect."""
    if not lineage.edges:
        return None
    columns = _ordered(lineage, _layers(lineage))
    tallest = max(map(len, columns)) * (HEIGHT + GAP) - GAP
    boxes: dict[Node, Box] = {}
    x = MARGIN
    for column in columns:
        width = max(len(node.name) for node in column) * LETTER + PADDING
        y = MARGIN + (tallest - len(column) * (HEIGHT + GAP) + GAP) // 2
        boxes |= {node: Box(node, x, y + n * (HEIGHT + GAP), width) for n, node in enumerate(column)}
        x += width + BETWEEN
    lines = tuple(_line(boxes[read], boxes[made]) for read, made in sorted(lineage.edges))
    return Picture(x - BETWEEN + MARGIN, tallest + 2 * MARGIN, tuple(boxes.values()), lines)


def _layers(lineage: Lineage) -> dict[Node, int]:
    """Per node the length of the longest way to it; what nothing leads to stands before the first that it leads to."""
    reads: dict[Node, set[Node]] = defaultdict(set)
    for read, made in lineage.edges:
        reads[made].add(read)
        reads[read] |= set()
    found: dict[Node, int] = {}
    while len(found) < len(reads):
        ready = [node for node in reads if node not in found and reads[node] <= set(found)]
        assert ready, "wide datasets cannot read each other in a circle"
        found |= {node: max((found[n] + 1 for n in reads[node]), default=0) for node in ready}
    first = {
        node: min(found[made] for read, made in lineage.edges if read == node) for node in found if not reads[node]
    }
    return {node: first.get(node, layer + 1) - 1 for node, layer in found.items()}


def _ordered(lineage: Lineage, layers: Mapping[Node, int]) -> list[list[Node]]:
    """The nodes of each layer from top to bottom, so that few lines cross: each near the middle of its neighbours."""
    columns = [sorted(n for n in layers if layers[n] == layer) for layer in sorted(set(layers.values()))]
    beside: dict[Node, list[Node]] = defaultdict(list)
    for read, made in sorted(lineage.edges):
        beside[read].append(made)
        beside[made].append(read)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            height = {n: place / len(c) for c in columns for place, n in enumerate(c, 1)}
            column.sort(key=lambda n: (round(fmean(height[m] for m in beside[n]), 6), n))
    return columns


def _line(start: Box, end: Box) -> str:
    x1, y1, x2, y2 = start.x + start.width, start.y + HEIGHT // 2, end.x, end.y + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}"
