"""Deletes pods of tasks that nobody looks after any more: `python -m fieldhouse.pods.sweep --dry-run`.

Tasks put their own pods away. What can stay behind is a pod whose log could not be read, or whose worker died with no try
left to find it. `--older-than` must be longer than the longest task may run (docs/kubernetes.md: deadlines).
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fieldhouse.errors import UsageError
from fieldhouse.pods import settings
from fieldhouse.pods.cluster import Cluster, Refused, Unreachable
from fieldhouse.pods.facts import observe
from fieldhouse.pods.work import MAIN

OURS = ("app.kubernetes.io/managed-by", "airflow")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Orphan:
    """A pod that is older than any task may be."""

    name: str
    uid: str
    phase: str
    age: timedelta

    def __str__(self) -> str:
        hours, rest = divmod(int(self.age.total_seconds()), 3600)
        return f"{self.name}  {self.phase or 'unknown'}  {hours}h{rest // 60:02}m old"


def orphans(cluster: Cluster, older_than: timedelta, now: datetime) -> list[Orphan]:
    """The pods of tasks that were made longer ago than that, the oldest first; those that are leaving are none."""
    return sorted(_found(cluster, older_than, now), key=lambda orphan: (-orphan.age, orphan.name))


def _found(cluster: Cluster, older_than: timedelta, now: datetime) -> Iterator[Orphan]:
    for doc in cluster.owned(*OURS):
        metadata = doc.get("metadata")
        if not isinstance(metadata, Mapping) or "deletionTimestamp" in metadata:
            continue
        age = now - datetime.fromisoformat(str(metadata["creationTimestamp"]))
        if age > older_than:
            facts = observe(doc, uid="", main=MAIN)
            yield Orphan(facts.name, facts.uid, facts.phase, age)


def sweep(
    cluster: Cluster, older_than: timedelta, *, dry_run: bool, tell: Callable[[str], None], now: datetime | None = None
) -> list[Orphan]:
    """Delete all orphans, or only tell of them."""
    found = orphans(cluster, older_than, now or datetime.now(UTC))
    for orphan in found:
        tell(f"{'would delete' if dry_run else 'deleting'} {orphan}")
        if not dry_run:
            cluster.delete(orphan.name, orphan.uid)
    return found


def duration(text: str) -> timedelta:
    """`90m`, `12h` or `2d`; UsageError for anything else."""
    found = re.fullmatch(r"([1-9]\d{0,5})([mhd])", text)
    if not found:
        raise UsageError(f"--older-than {text}: minutes, hours or days are expected", hint="such as 90m, 12h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code. It uses the account of its pod, or else what KUBECONFIG names."""
    parser = argparse.ArgumentParser(prog="python -m fieldhouse.pods.sweep", description=__doc__.partition("\n")[0])
    parser.add_argument("--older-than", default="12h", help="age of a pod from which on it is an orphan (%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    given = parser.parse_args(arguments)
    try:
        pods = settings.read()
        cluster = Cluster(_client(), pods.namespace, patience_s=min(60.0, pods.patience_s))
        found = sweep(cluster, duration(given.older_than), dry_run=given.dry_run, tell=print)
    except (UsageError, Refused, Unreachable) as error:
        print(error, file=sys.stderr)
        return int(error.exit) if isinstance(error, UsageError) else 75
    print(f"{len(found)} orphan{'' if len(found) == 1 else 's'} in {pods.namespace}")
    return 0


def _client() -> Callable[[], object]:
    from kubernetes import client, config

    try:
        config.load_incluster_config()
    except config.ConfigException:
        config.load_kube_config()
    api = client.CoreV1Api()
    return lambda: api


if __name__ == "__main__":
    sys.exit(main())
