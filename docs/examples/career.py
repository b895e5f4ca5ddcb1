"""The page of a career: from the raw records of a source to a table, and to a picture.

    python docs/examples/career.py [FOLDER]

reads the lake that FIELDHOUSE_LAKE names (`fieldhouse demo` makes one), takes the player with the most home runs in it,
and writes FOLDER/career.md and FOLDER/career.svg.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from picture import COLOURS, figure, save

import fieldhouse as fh

if TYPE_CHECKING:
    import pandas as pd

DATASET = "baseball.player_season"
SHOWN = ["season", "age", "games", "at_bats", "hits", "home_runs", "runs_batted_in", "slugging"]
PAGE = """\
# {player}

Made by [career.py](career.py) from release {release}. Data: {licences}.

![Home runs by season](career.svg)

{table}

## From the raw record to the row

The season {season}, as the source has it (`{source}/{feed}`, file `{key}`, record `{record}`):

```json
{raw}
```

What became of it in `baseball.batting_season`, of which `{dataset}` is made, as
`fieldhouse trace baseball.batting_season '{row}'` tells:

```json
{normalized}
```
"""


def trace(key: str) -> dict[str, Any]:
    """What `fieldhouse trace` tells of a row of baseball.batting_season: the row, and its raw records."""
    call = [sys.executable, "-m", "fieldhouse.cli", "trace", "baseball.batting_season", key, "--json"]
    return json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)


def draw(folder: Path) -> Path:
    """Write the page and its picture, and answer with the page's file."""
    most = fh.sql(f"SELECT person_id, player FROM {DATASET} GROUP BY ALL ORDER BY sum(home_runs) DESC, 1 LIMIT 1")
    person, player = most.iloc[0]
    seasons = fh.load(DATASET, where={"person_id": person}).sort_values("season")
    best = int(seasons.loc[seasons["home_runs"].idxmax(), "season"])

    drawn = figure(8, 4.4)
    axes = drawn.subplots()
    colours = [COLOURS[season == best] for season in seasons["season"]]
    axes.bar(seasons["season"], seasons["home_runs"], color=colours, zorder=2)
    axes.set_xticks(list(seasons["season"]))
    axes.set_title(f"{player}: home runs by season")
    axes.grid(visible=False, axis="x")
    save(drawn, folder / "career.svg", DATASET)

    page = folder / "career.md"
    page.write_text(_page(player, person, best, seasons[SHOWN]), encoding="utf-8")
    return page


def _page(player: str, person: str, season: int, seasons: "pd.DataFrame") -> str:
    told, row = fh.describe(DATASET), f"{person}|{season}|1"
    traced = trace(row)
    record = traced["records"][0]
    notices = [f"{licence['attribution']} ({licence['licence']})" for licence in told.licences.values()]
    return PAGE.format(
        player=player,
        release=told.release,
        licences="; ".join(notices),
        table=_table(seasons),
        season=season,
        dataset=DATASET,
        row=row,
        raw=json.dumps(json.loads(record["raw"])),
        normalized=json.dumps(traced["row"]),
        **{name: record[name] for name in ("source", "feed", "key", "record")},
    )


def _table(seasons: "pd.DataFrame") -> str:
    rows = [[f"{value:.3f}" if isinstance(value, float) else str(value) for value in row] for row in seasons.values]
    return "\n".join(f"| {' | '.join(line)} |" for line in ([*SHOWN], ["---"] * len(SHOWN), *rows))


if __name__ == "__main__":
    print(draw(Path(sys.argv[1] if len(sys.argv) > 1 else "examples")))
