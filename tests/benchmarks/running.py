"""Measures the targets of docs/performance.md; `make bench` calls it as `python tests/benchmarks --feeds DIR`.

Reports nothing when more is running on the machine than it has cores, unless `--busy` says that this is understood.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import machine
import report
from cases import CASES, Bench


def main() -> int:
    """Measure what was asked for; 75 where the machine is too busy, 64 where there are no feeds."""
    given = _arguments()
    found = machine.look()
    if found.busy and not given.busy:
        print(
            f"the load is {found.load} on {found.cores} cores: wait until it is quiet, or say --busy", file=sys.stderr
        )
        return 75
    if not (given.feeds / "openfootball").is_dir():
        print(f"{given.feeds} holds no feeds: name the folder of a mirror with --feeds", file=sys.stderr)
        return 64
    figures = []
    with tempfile.TemporaryDirectory(prefix="fieldhouse-bench-") as work:
        bench = Bench(given.feeds, Path(work), given.runs, given.rivals)
        for name in given.cases or CASES:
            print(f"… {name}", file=sys.stderr)
            figures.extend(CASES[name](bench))
    after = machine.look()
    print(report.markdown(found, figures))
    if after.load > found.cores + 2 and not given.busy:
        print(
            f"the load rose to {after.load}: something else ran, these figures are not to be trusted", file=sys.stderr
        )
        return 75
    if given.output:
        report.write(given.output, found, figures)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help="what to measure; all, if none is named")
    parser.add_argument("--feeds", type=Path, required=True, help="a mirror that holds the sources' feeds")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured; the median counts")
    parser.add_argument("--rivals", default="", help="the Python of an environment with dlt; left out without one")
    parser.add_argument("--output", type=Path, help="where the figures go as JSON")
    parser.add_argument("--busy", action="store_true", help="measure though the machine is busy")
    return parser.parse_args()
