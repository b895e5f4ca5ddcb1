"""Where the boxes of a lineage stand: in layers from left to right, each behind all that it is made of.

A line that leads past a layer has a place of its own in it, so that no line runs behind a box.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from fieldhouse.site.lineage import Lineage, Node

#: Pixels: a letter of a label, what stands beside it, a box's height, the gap below, the gap between layers.
LETTER, PADDING, HEIGHT, GAP, BETWEEN = 8, 20, 30, 10, 48
#: How high the place of a passing line is, and the margin of the picture.
PASSAGE, MARGIN = 4, 4
#: How often the order of each layer is adapted to its neighbours, backwards and forwards in turn.
SWEEPS = 8


@dataclass(frozen=True)
class Box:
    """One node's rectangle; that of a passing line is drawn as a line."""

    node: Node
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """The height at which lines enter and leave."""
        return self.y + self.height // 2


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
    layers = _layers(lineage)
    ways = [_way(read, made, layers) for read, made in sorted(lineage.edges)]
    boxes = _placed(_ordered(ways, layers))
    return Picture(
        width=max(box.x + box.width for box in boxes.values()) + MARGIN,
        height=max(box.y + box.height for box in boxes.values()) + MARGIN,
        boxes=tuple(box for box in boxes.values() if box.node.kind != "passage"),
        lines=tuple(_line([boxes[node] for node in way]) for way in ways),
    )


def _layers(lineage: Lineage) -> dict[Node, int]:
    """Per node the length of the longest way to it; what nothing leads to stands before the first that it leads to."""
    reads: dict[Node, set[Node]] = defaultdict(set)
    for read, made in lineage.edges:
        reads[made].add(read)
        reads[read] |= set()
    found: dict[Node, int] = {}
    while len(found) < len(reads):
        ready = [node for node in reads if node not in found and reads[node] <= set(found)]
        assert ready, "datasets cannot be made of each other in a circle"
        found |= {node: max((found[n] + 1 for n in reads[node]), default=0) for node in ready}
    first = {
        node: min(found[made] for read, made in lineage.edges if read == node) for node in found if not reads[node]
    }
    return {node: first.get(node, layer + 1) - 1 for node, layer in found.items()}


def _way(read: Node, made: Node, layers: dict[Node, int]) -> list[Node]:
    """The nodes that a line leads through; its passages, which lines of one origin share, are added to the layers."""
    passed = {Node("passage", f"{read.name} {layer}"): layer for layer in range(layers[read] + 1, layers[made])}
    layers |= passed
    return [read, *passed, made]


def _ordered(ways: Iterable[Sequence[Node]], layers: Mapping[Node, int]) -> list[list[Node]]:
    """The nodes of each layer from top to bottom, so that few lines cross: each near the middle of its neighbours."""
    columns = [sorted(n for n in layers if layers[n] == layer) for layer in sorted(set(layers.values()))]
    beside: dict[Node, list[Node]] = defaultdict(list)
    for start, end in (step for way in ways for step in pairwise(way)):
        beside[start].append(end)
        beside[end].append(start)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            height = {n: place / len(c) for c in columns for place, n in enumerate(c, 1)}
            column.sort(key=lambda n: (round(fmean(height[m] for m in beside[n]), 6), n))
    return columns


def _placed(columns: Sequence[Sequence[Node]]) -> dict[Node, Box]:
    tall = [sum(_height(node) + GAP for node in column) - GAP for column in columns]
    found: dict[Node, Box] = {}
    x = MARGIN
    for column, own in zip(columns, tall, strict=True):
        width = max(len(node.name) for node in column if node.kind != "passage") * LETTER + PADDING
        y = MARGIN + (max(tall) - own) // 2
        for node in column:
            found[node] = Box(node, x, y, width, _height(node))
            y += _height(node) + GAP
        x += width + BETWEEN
    return found


def _height(node: Node) -> int:
    return PASSAGE if node.kind == "passage" else HEIGHT


def _line(way: Sequence[Box]) -> str:
    drawn = f"M{way[0].x + way[0].width},{way[0].middle}"
    for start, end in pairwise(way):
        middle = (start.x + start.width + end.x) // 2
        drawn += f" C{middle},{start.middle} {middle},{end.middle} {end.x},{end.middle}"
        if end is not way[-1]:
            drawn += f" H{end.x + end.width}"
    return drawn
