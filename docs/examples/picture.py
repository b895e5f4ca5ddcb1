"""How the examples draw: pictures that are the same bytes for the same release, and name the sources of their data."""

from pathlib import Path

import matplotlib as mpl

import fieldhouse as fh

mpl.use("svg")
from matplotlib.figure import Figure

#: Colours that can be told apart without seeing red and green.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
STYLE = {
    "axes.grid": True,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "font.size": 11,
    "grid.alpha": 0.25,
    "svg.fonttype": "path",
    "svg.hashsalt": "fieldhouse",  # else names in the file are random
}


def figure(width: float = 9, height: float = 5.4) -> Figure:
    """An empty figure in this style; call it before anything is drawn."""
    mpl.rcParams.update(STYLE)
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def save(drawn: Figure, file: Path, dataset: str) -> Path:
    """Write the figure as SVG, with the sources of the dataset and their licences below it."""
    told = fh.describe(dataset)
    licences = "; ".join(f"{name} ({licence['licence']})" for name, licence in sorted(told.licences.items()))
    drawn.supxlabel(
        f"{dataset}, release {told.release} · data: {licences}", fontsize=8, color="#555555", x=0.01, ha="left"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(file, metadata={"Date": None, "Creator": None})
    return file
