"""What ours costs beside the stock operator, pod by pod, and how many at once grow: `python -m truth.bench --help`.

Cost is what the operator adds: the time before the pod is made, and from the program's end to the task's: finding out
that it ended, reading its log, clearing it away. The operators take turns, so that all meet the same load.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from truth import render
from truth.operators import Operator
from truth.play import SPAWN, Play, name_of, noted, wish_for
from truth.world import World, open_world

OPERATORS: tuple[Operator, ...] = ("ours", "tuned", "stock")
_TITLES = {"ours": "ours", "tuned": "stock, tuned alike", "stock": "stock, its defaults"}
#: The pods: how long their programs run, in seconds, logging 20 lines a second.
LENGTHS = (1, 5)
MANY = (1, 10, 50)


@dataclass(frozen=True)
class Run:
    """One task: seconds in all, before its pod was made, until its program began, after the program's end, and of CPU."""

    whole: float
    before: float
    start: float
    after: float
    cpu: float

    @property
    def cost(self) -> float:
        """What the operator adds to the pod's own time."""
        return self.before + self.after


def main() -> int:
    """Measure, print, and say whether the bounds hold."""
    asked = _arguments()
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    SPAWN.set_forkserver_preload(["truth.warm"])
    with open_world() as world:
        _one(world, "ours", 1, "warm")
        singles = {length: _singles(world, length, asked.rounds) for length in LENGTHS}
        many = {(count, operator): _many(world, operator, count) for count in MANY for operator in OPERATORS[:2]}
        told = {**render.conditions(world), "load at the end": round(os.getloadavg()[1], 1)}
    bounds = _bounds(singles)
    text = page(told, singles, many, bounds)
    print(text)
    if asked.docs:
        (asked.docs / "performance-cluster.md").write_text(text)
    return int(not all(held for _, held in bounds))


def _singles(world: World, length: int, rounds: int) -> dict[Operator, list[Run]]:
    found: dict[Operator, list[Run]] = {operator: [] for operator in OPERATORS}
    for number in range(rounds):
        for operator in OPERATORS:
            found[operator].append(_one(world, operator, length, f"b{length}-{number}"))
    return found


def _one(world: World, operator: Operator, length: int, name: str) -> Run:
    program = f"log {20 * length} 20; receipt; exit 0"
    play = Play(world, wish_for(world, f"{name}-{operator}", operator=operator, program=program))
    outcome = play.finish(play.begin())
    assert outcome.state == "success", outcome
    play.until_seen()
    [pod] = play.seen
    began, ended = (noted(world, name_of(pod), what) or 0.0 for what in ("began", "ended"))
    made = min(world.watch.made[pod["metadata"]["uid"]], began)  # many pods are seen late
    return Run(
        outcome.ended - outcome.entered, made - outcome.entered, began - made, outcome.ended - ended, outcome.cpu
    )


def _many(world: World, operator: Operator, count: int) -> tuple[float, list[Run]]:
    """Seconds for so many tasks at once, each in a process of its own."""
    began = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        runs = list(pool.map(lambda n: _one(world, operator, 3, f"m{count}-{n}"), range(count)))
    return time.monotonic() - began, runs


def _bounds(singles: dict[int, dict[Operator, list[Run]]]) -> list[tuple[str, bool]]:
    """What must hold, and whether it does."""
    found = []
    for length, runs in singles.items():
        ours, tuned = (median(run.cost for run in runs[operator]) for operator in ("ours", "tuned"))
        more, whole = ours - tuned, median(run.whole for run in runs["tuned"])
        said = (
            f"{length} s pods: ours adds {more:+.2f} s ({more / whole:+.1%} of the task) to what stock tuned alike does"
        )
        found.append((f"{said}; at most 0.2 s or 5 %", more <= max(0.2, 0.05 * whole)))
    ours, stock = (median(run.cost for run in singles[1][operator]) for operator in ("ours", "stock"))
    found.append(
        (
            f"cost beside a pod of 1 s: {ours:.2f} s, and {stock:.2f} s by stock's defaults; at most half",
            ours <= stock / 2,
        )
    )
    after = [run.after for runs in singles.values() for run in runs["ours"]]
    found.append(
        (
            f"from a pod's end to its task's: {median(after):.2f} s, at most {max(after):.2f}; at most 3 s",
            max(after) <= 3,
        )
    )
    return found


_INTRO = (
    "# What a pod costs\n\n"
    "Made by `make bench-cluster`; do not edit. Tasks are run as those of [truth.md](truth.md) are: by Airflow's own runner, "
    "in processes that are forked with everything imported. The pods are the very same for both operators, and log 20 lines "
    "a second. *Stock, tuned alike* polls as often as ours and lists no events at the start. *Cost* is what the operator adds: "
    "the time before the pod is made, and from its program's end to the task's. The pod's start is the cluster's own. The "
    "operators take turns; numbers are medians, of seconds.\n\n"
    "A node tells of a pod's end about a second after it, which all of them wait for; by its defaults the stock operator first "
    "looks at a pod after five seconds, which pods longer than that do not feel.\n"
)


def page(
    told: dict[str, object],
    singles: dict[int, dict[Operator, list[Run]]],
    many: dict[tuple[int, Operator], tuple[float, list[Run]]],
    bounds: Sequence[tuple[str, bool]],
) -> str:
    """The page, as Markdown."""
    lines = [_INTRO, *(f"- {name}: {value}" for name, value in told.items()), "", "## One at a time", ""]
    lines += [f"| program | operator | runs | task | {_HEADS} |", "|---" * 9 + "|"]
    for length, runs in singles.items():
        lines += [f"| {length} s | {_TITLES[operator]} | {_row(runs[operator])} |" for operator in OPERATORS]
    lines += ["", "## Many at once", "", "Pods of 3 s, each task in a process of its own, all begun together.", ""]
    lines += [f"| tasks | operator | all done after | {_HEADS} |", "|---" * 8 + "|"]
    lines += [f"| {count} | {_TITLES[operator]} | {_many_row(*found)} |" for (count, operator), found in many.items()]
    lines += ["", "## Bounds", "", *(f"- {'holds' if held else '**broken**'}: {said}" for said, held in bounds), ""]
    return "\n".join(lines)


_PARTS = ("before", "start", "after", "cost", "cpu")
_HEADS = "before the pod | pod's start | after its end | cost | CPU"


def _row(runs: Sequence[Run]) -> str:
    return f"{len(runs)} | {median(run.whole for run in runs):.2f} | {_parts(runs)}"


def _many_row(seconds: float, runs: Sequence[Run]) -> str:
    return f"{seconds:.1f} | {_parts(runs)}"


def _parts(runs: Sequence[Run]) -> str:
    return " | ".join(f"{median(getattr(run, name) for run in runs):.2f}" for name in _PARTS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="truth.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each operator has its turn")
    parser.add_argument("--docs", type=Path, help="the folder for performance-cluster.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
