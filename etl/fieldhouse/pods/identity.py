"""Who a pod is: one name per run, task, map index and try, and labels by which its owner finds it again."""

import hashlib
import re
from dataclasses import dataclass

OWNER = "fieldhouse/task-instance"
TRY = "fieldhouse/try"
RUN = "fieldhouse/run"
_LABEL = 63
_NAME = 63  # a pod's name is its host name, too


@dataclass(frozen=True)
class Identity:
    """One try of one task instance, in Airflow's words. `map_index` is -1 for a task that is not mapped.

    `part`: which part of Airflow's run is a run of its own in the lake, such as one interval of a backfill.
    """

    dag: str
    airflow_run: str
    task: str
    map_index: int = -1
    attempt: int = 1
    part: str = ""

    @property
    def run(self) -> str:
        """The run's id in the lake."""
        return run_id(self.dag, self.airflow_run) + (f"-{self.part}" if self.part else "")

    @property
    def owner(self) -> str:
        """What all tries of this task instance have in common, as a label's value."""
        return _digest(self.dag, self.airflow_run, self.task, str(self.map_index))[:32]

    @property
    def pod_name(self) -> str:
        """The pod's name: a DNS-1123 label that no other try of any task has."""
        digest = _digest(self.owner, str(self.attempt))[:16]
        mapped = f"-m{self.map_index}" if self.map_index >= 0 else ""
        tail = f"{mapped}-t{self.attempt}-{digest}"
        head = re.sub(r"[^a-z0-9]+", "-", self.task.lower()).strip("-") or "task"
        return f"{head[: _NAME - len(tail)].strip('-')}{tail}".lstrip("-")


def run_id(dag: str, airflow_run: str) -> str:
    """The id of a run in the lake: readable, unique per DAG and run of Airflow, the same each time."""
    readable = re.sub(r"[^a-z0-9]+", "-", airflow_run.lower()).strip("-")[:48].strip("-")
    return f"{readable or 'run'}-{_digest(dag, airflow_run)[:16]}"


def label(value: str) -> str:
    """`value` as the value of a label: itself where it is one, else a readable start and a digest."""
    if len(value) <= _LABEL and re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", value):
        return value
    readable = re.sub(r"[^A-Za-z0-9]+", "-", value).strip("-")[:46].strip("-")
    return f"{readable or 'x'}-{_digest(value)[:16]}"


def _digest(*parts: str) -> str:
    # Each part with its length, so that no two lists of parts read the same.
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()
