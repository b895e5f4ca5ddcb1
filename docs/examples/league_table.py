"""A league through a season: how many points each team had after every date, and the table at the end.

    python docs/examples/league_table.py [FOLDER]

reads the lake that FIELDHOUSE_LAKE names (`fieldhouse demo` makes one) and draws FOLDER/league_table.svg.
"""

import sys
from pathlib import Path

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from picture import COLOURS, figure, save

import fieldhouse as fh

DATASET, COMPETITION, SEASON = "football.standing", "en.1", "2014-15"
#: Teams with a colour and a name of their own; the others are grey.
NAMED = 5


def draw(folder: Path) -> Path:
    """Draw the season, print its last table, and answer with the picture's file."""
    rows = fh.load(DATASET, seasons=SEASON, where={"competition": COMPETITION})
    final = rows[rows["is_final"]].sort_values("position")
    print(final[["position", "team", "played", "won", "drawn", "lost", "points"]].to_string(index=False))

    drawn = figure()
    axes = drawn.subplots()
    for team in reversed(list(final["team"])):
        played = rows[rows["team"] == team].sort_values("date")
        place = int(final.loc[final["team"] == team, "position"].iloc[0])
        named = place <= NAMED
        colour = COLOURS[place - 1] if named else "#c4c9c6"
        axes.step(played["date"], played["points"], where="post", color=colour, linewidth=2.2 if named else 0.9)
        if named:
            axes.annotate(
                f" {place} {team}", (played["date"].iloc[-1], played["points"].iloc[-1]), color=colour, va="center"
            )
    axes.set_title(f"{COMPETITION}, {SEASON}: points through the season")
    axes.set_ylabel("points")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(AutoDateLocator()))
    return save(drawn, folder / "league_table.svg", DATASET)


if __name__ == "__main__":
    print(draw(Path(sys.argv[1] if len(sys.argv) > 1 else "examples")))
