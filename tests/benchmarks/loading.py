"""fh.load and pandas.read_parquet in one process, in turn. Run as `loading.py LAKE`; prints JSON."""

import json
import statistics
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

import pandas as pd

import fieldhouse as fh
from fieldhouse.lake import open_store, releases

RUNS = 15


def main(lake: str) -> None:
    """Measure whole tables, some columns, and one season."""
    store = open_store(lake)
    release = releases.read(store)
    rows = []
    for dataset, columns in (
        ("football.team_match", None),
        ("football.standing", ["competition", "season", "date", "team", "points", "position"]),
        ("baseball.player_season", None),
    ):
        paths = [store.local(part.path) for part in release.datasets[dataset].parts]
        if not paths:
            continue
        what = f"{dataset}, {'all columns' if columns is None else f'{len(columns)} columns'}"
        ours = partial(fh.load, dataset, columns=columns, lake=lake)
        rows.append(_compare(what, ours, partial(pd.read_parquet, paths, columns=columns)))
    print(json.dumps(rows))


def _compare(what: str, ours: Callable[[], pd.DataFrame], pandas: Callable[[], pd.DataFrame]) -> dict[str, object]:
    ours(), pandas()
    times = [(_seconds(ours), _seconds(pandas)) for _ in range(RUNS)]
    return {
        "what": what,
        "ours_ms": 1000 * statistics.median(t[0] for t in times),
        "pandas_ms": 1000 * statistics.median(t[1] for t in times),
        "runs": RUNS,
    }


def _seconds(do: Callable[[], pd.DataFrame]) -> float:
    start = perf_counter()
    do()
    return perf_counter() - start


if __name__ == "__main__":
    main(sys.argv[1])
