"""Pools for sources that want to be asked gently: how many extract tasks may run at a time, over all DAGs.

    FIELDHOUSE_PODS_POOL=fieldhouse                 one pool for all extract tasks
    FIELDHOUSE_PODS_POOL=fieldhouse-{source}        one pool a source, and one for backfills

Airflow has no way for a DAG to declare a pool; a task whose pool does not exist waits for ever. This makes them:

    python -m fieldhouse.pods.pools > pools.json && airflow pools import pools.json
"""

import json
from collections.abc import Iterable

from fieldhouse import sources
from fieldhouse.pods import settings
from fieldhouse.pods.settings import PodSettings

DEFAULT = "default_pool"
PLACE = "{source}"
BACKFILL = "backfill"


def of(source: str, pods: PodSettings) -> str:
    """The pool of a source's extract tasks; without a source that of backfills, where pools are by source."""
    return pods.pool.replace(PLACE, source or BACKFILL) or DEFAULT


def wanted(names: Iterable[str], pods: PodSettings) -> dict[str, dict[str, object]]:
    """All pools that the DAGs need, as `airflow pools import` reads them: one slot each, held while a task is deferred."""
    if not pods.pool:
        return {}
    return {
        of(name, pods): {
            "slots": 1,
            "description": f"extract tasks of {name or 'backfills'}" if PLACE in pods.pool else "extract tasks",
            "include_deferred": True,
        }
        for name in (*names, "")
    }


if __name__ == "__main__":
    print(json.dumps(wanted(sources.load_all(), settings.read()), indent=2))
