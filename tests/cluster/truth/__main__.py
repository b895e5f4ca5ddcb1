"""Play the faults of the truth matrix and write what came of them: `python -m truth --help`."""

import argparse
import json
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from truth import render
from truth.counting import Result, count
from truth.faults import FAULTS, Fault
from truth.operators import Operator
from truth.play import SPAWN, Play, wish_for
from truth.world import World, open_world

BOTH: tuple[Operator, ...] = ("ours", "stock")
#: What the page must tell: it is left as it is where less was played.
EVERYTHING = {(fault.id, operator) for fault in FAULTS for operator in BOTH}


def main() -> int:
    """Play what was asked for; 0: ours has no wrong cell, 1: it has, 2: something could not be played."""
    asked = _arguments()
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    SPAWN.set_forkserver_preload(["truth.warm"])
    wanted = [fault for fault in FAULTS if _wanted(fault, asked)]
    with open_world(keep=asked.keep) as world:
        played = play_all(world, wanted, asked.operators, asked.at_once)
        told = render.conditions(world)
    results = [result for result in played if result]
    if asked.json:
        asked.json.write_text(json.dumps([result.doc() for result in results], ensure_ascii=False))
    if len(results) < len(played):
        return 2
    if asked.docs and {(result.fault, result.operator) for result in results} == EVERYTHING:
        render.write(asked.docs, told, results)
    return int(any(result.wrong for result in results if result.operator == "ours"))


def play_all(world: World, faults: list[Fault], operators: list[Operator], at_once: int) -> list[Result | None]:
    """Play them, several at once where they do not stop parts of the cluster; None: it could not be played."""
    plays = [(fault, operator, n) for fault in faults for operator in operators for n in _times(fault, operator)]
    together = [play for play in plays if not play[0].alone]
    with ThreadPoolExecutor(at_once) as pool:
        found = dict(zip(together, pool.map(lambda play: _play(world, *play), together), strict=True))
    found |= {play: _play(world, *play) for play in plays if play[0].alone}
    return [found[play] for play in plays]


def _times(fault: Fault, operator: Operator) -> range:
    return range(fault.repeat if operator == "stock" else 1)


def _play(world: World, fault: Fault, operator: Operator, number: int) -> Result | None:
    key = f"f{fault.id}-{operator}-{number}"
    wish = wish_for(world, key, operator=operator, program=fault.program)
    wish = replace(wish, **fault.wish)
    play = Play(world, wish, patches=fault.patches.get(operator, {}), patience_s=fault.patience_s)
    began = time.time()
    try:
        fault.script(play)
        result = count(fault, play, began)
    except Exception:
        traceback.print_exc()
        print(f"{key} could not be played", flush=True)
        return None
    _tell(result)
    return result


def _tell(result: Result) -> None:
    wrong = f"  WRONG: {', '.join(result.wrong)}" if result.wrong else ""
    print(
        f"{result.fault:>4} {result.operator:<6} {result.state:<28} pods {len(result.pods)}, orphans {result.orphans}, "
        f"lines {result.written}, lost {result.lost}, doubled {result.doubled}, {result.seconds} s"
        f" (after the pod {result.after_pod_s}){wrong}",
        flush=True,
    )


def _wanted(fault: Fault, asked: argparse.Namespace) -> bool:
    if asked.only:
        return fault.id in asked.only.split(",")
    return fault.quick or not asked.quick


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="truth", description=__doc__)
    parser.add_argument("--only", help="the ids of faults, separated by commas")
    parser.add_argument("--quick", action="store_true", help="six of them, in under three minutes")
    parser.add_argument("--operators", type=lambda text: text.split(","), default=list(BOTH), help="ours,stock")
    parser.add_argument("--at-once", type=int, default=max(2, os.cpu_count() or 2), help="how many at once")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs, and say where it is")
    parser.add_argument("--json", type=Path, help="where the results go")
    parser.add_argument(
        "--docs", type=Path, help="the folder of truth.md and truth.json, renewed if everything is played"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
