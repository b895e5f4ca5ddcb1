"""Rows by season as bars: where each stands and how high it is, in the units of its SVG's view box."""

from collections.abc import Mapping
from dataclasses import dataclass

#: The view box: the picture is stretched to the width of the page.
WIDTH, HEIGHT = 1000, 100
#: Labels below the bars, at most.
LABELS = 6


@dataclass(frozen=True)
class Bar:
    """One season: its rows, and its rectangle."""

    label: str
    rows: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """Bars from left to right; `labels` are those below them, the first and the last among them; `most` is the highest."""

    by: str
    bars: tuple[Bar, ...]
    labels: tuple[str, ...]
    most: int

    @property
    def each(self) -> bool:
        """Whether every bar has its label."""
        return len(self.labels) == len(self.bars)


def chart(by: str, counts: Mapping[str, int]) -> Chart | None:
    """The chart of these counts, in their order; None where there are fewer than two bars to compare."""
    if len(counts) < 2:
        return None
    most = max(counts.values())
    step = WIDTH / len(counts)
    bars = tuple(
        Bar(label, rows, round((n + 0.1) * step, 2), round(HEIGHT - high, 2), round(step * 0.8, 2), round(high, 2))
        for n, (label, rows) in enumerate(counts.items())
        for high in [max(HEIGHT * rows / most, 0.5)]  # what is there can be seen
    )
    return Chart(by, bars, _labels([bar.label for bar in bars]), most)


def _labels(found: list[str]) -> tuple[str, ...]:
    shown = min(LABELS, len(found))
    return tuple(found[round(n * (len(found) - 1) / (shown - 1))] for n in range(shown))
