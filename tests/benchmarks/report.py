"""Figures as a table for people and as JSON for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from machine import Machine


@dataclass(frozen=True)
class Figure:
    """One thing measured: the median of `runs`, its unit, and the target where there is one (at most, or at least)."""

    group: str
    name: str
    value: float
    unit: str
    runs: int
    at_most: float | None = None
    at_least: float | None = None

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or nothing where there is no target."""
        if self.at_most is not None:
            return "met" if self.value <= self.at_most else "missed"
        if self.at_least is not None:
            return "met" if self.value >= self.at_least else "missed"
        return ""

    @property
    def target(self) -> str:
        """The target as people write it."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}"
        return f"≥ {self.at_least:g} {self.unit}" if self.at_least is not None else ""


def markdown(machine: Machine, figures: Sequence[Figure]) -> str:
    """All figures as one table, the machine above it."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    lines = [
        f"Machine: {machine.processor}, {machine.cores} cores, {machine.memory_gib:g} GiB; "
        f"load at the start {machine.load:g}; Python {machine.python}; {versions}.",
        "",
        "| | measured | median | runs | target | |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.2f}"
        cells = (figure.group, figure.name, f"{value} {figure.unit}", str(figure.runs), figure.target, figure.verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(path: Path, machine: Machine, figures: Sequence[Figure]) -> None:
    """Leave the figures and the machine as JSON at `path`."""
    doc = {
        "format": 1,
        "machine": asdict(machine),
        "figures": [{**asdict(f), "verdict": f.verdict} for f in figures],
    }
    path.write_text(json.dumps(doc, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
