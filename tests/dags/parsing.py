"""What it takes to read the DAG file, beyond importing Airflow and its operator: `python tests/dags/parsing.py`.

Milliseconds are of this machine, in CPU time; calls of Python functions and opened files are the same on all.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable

warnings.simplefilter("ignore")  # Airflow's own

import airflow.providers.cncf.kubernetes.operators.pod  # noqa: E402, F401  (what everybody pays who runs pods)

from fieldhouse import contracts, sources  # noqa: E402
from fieldhouse.pods import dags, settings  # noqa: E402
from fieldhouse.settings import home  # noqa: E402

OPENED: list[str] = []
sys.addaudithook(lambda event, args: OPENED.append(str(args[0])) if event == "open" else None)


def measured(do: Callable[[], object]) -> dict[str, float]:
    """Milliseconds (the least of five), function calls, and declarations that are opened."""
    forget()
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    OPENED.clear()
    sys.setprofile(count)
    do()
    sys.setprofile(None)
    opened = sum(name.endswith(".toml") for name in OPENED)
    return {"ms": round(min(timed(do) for _ in range(5)), 1), "calls": calls, "opened": opened}


def forget() -> None:
    """As in a process that has read nothing yet."""
    sources.load_all.cache_clear()
    contracts.load_all.cache_clear()


def timed(do: Callable[[], object]) -> float:
    forget()
    began = time.process_time()
    do()
    return 1000 * (time.process_time() - began)


def main() -> None:
    """Print it."""
    pods = settings.read()
    dags.build()  # what is imported or compiled once is no source's
    names, known = list(sources.load_all()), set(sys.modules)
    paths = {name: home() / "containers" / name / "source.toml" for name in names}
    found = {name: measured(lambda n=name: dags.source_dag(sources.read(paths[n]), pods)) for name in names}
    release = measured(lambda: dags.build(dags.RELEASE))
    if "--json" in sys.argv:
        imported = sorted(set(sys.modules) - known)
        print(json.dumps({"sources": found, "release": release, "imported": imported}))
        return
    for name, what in {**found, "the release, and reading all sources and tables": release}.items():
        print(f"{name:<50} {what['ms']:>6} ms {what['calls']:>8} calls {what['opened']:>4} files")


if __name__ == "__main__":
    main()
