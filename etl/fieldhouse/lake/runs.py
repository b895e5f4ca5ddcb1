"""Runs: what a release is made from (`inputs.json`, written once) and what each task did (receipts)."""

import dataclasses
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldhouse.errors import NotFound, StorageError, UsageError
from fieldhouse.lake import documents, parts
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store


@dataclass(frozen=True)
class Pinned:
    """One source as a release takes it: the landing, when that was landed, and from which age in days it is stale."""

    landing: int
    time: str
    limit_days: float | None = None


@dataclass(frozen=True)
class Inputs:
    """What a release is made from. Every later task of the run reads only this."""

    run: str
    time: str
    parent: int
    code: str
    sources: Mapping[str, Pinned]


@dataclass(frozen=True)
class Receipt:
    """What a task read, wrote and counted. Times are seconds, memory is MiB."""

    run: str
    task: str
    attempt: int
    remembered: bool = False
    outputs: tuple[Part, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Mapping[str, object], ...] = ()
    inputs: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the receipt."""
        return documents.digest(self.doc())

    def doc(self) -> dict[str, object]:
        """As it stands in the lake."""
        return {**dataclasses.asdict(self), "outputs": [p.doc() for p in self.outputs]}


def write_inputs(store: Store, inputs: Inputs) -> Inputs:
    """Pin a run's inputs; if the run has some already, those hold and are returned."""
    store.create(f"runs/{inputs.run}/inputs.json", documents.dump(dataclasses.asdict(inputs)))
    return read_inputs(store, inputs.run)


def read_inputs(store: Store, run: str) -> Inputs:
    """The pinned inputs of a run; NotFound where `cut` has not run."""
    where = f"runs/{run}/inputs.json"
    data = store.find(where)
    if data is None:
        raise NotFound(f"the run {run!r} has no pinned inputs", hint=f"`fieldhouse cut --run {run}` pins them")
    doc = documents.parse(data, where)
    doc.pop("format")
    doc["sources"] = {name: Pinned(**item) for name, item in doc["sources"].items()}  # type: ignore[attr-defined]
    return Inputs(**doc)  # type: ignore[arg-type]


def receipts(store: Store, run: str, task: str) -> list[Receipt]:
    """All receipts of a task in a run, oldest attempt first."""
    return [_read(store, name) for name in store.names(f"runs/{run}/{task}") if name.endswith(".json")]


def receipt(store: Store, run: str, task: str) -> Receipt:
    """The newest receipt of a task; NotFound where the task has not run in this run."""
    found = receipts(store, run, task)
    if not found:
        stage, _, of = task.partition(".")
        raise NotFound(
            f"the task {task} has left no receipt in the run {run!r}",
            hint=f"`fieldhouse {stage} {of} --run {run}` runs it".replace("  ", " "),
        )
    return found[-1]


def _read(store: Store, name: str) -> Receipt:
    doc = documents.parse(store.get(name), name)
    doc.pop("format")
    doc["outputs"] = tuple(parts.from_doc(item) for item in doc["outputs"])  # type: ignore[attr-defined]
    doc["notes"] = tuple(doc["notes"])  # type: ignore[arg-type]
    doc["inputs"] = tuple(doc["inputs"])  # type: ignore[arg-type]
    return Receipt(**doc)  # type: ignore[arg-type]


def leave(store: Store, receipt: Receipt) -> Receipt:
    """Write a receipt under the task's next free attempt number."""
    attempt = receipt.attempt
    for attempt in range(receipt.attempt, receipt.attempt + 1000):
        candidate = dataclasses.replace(receipt, attempt=attempt)
        name = f"runs/{receipt.run}/{receipt.task}/{attempt:04d}.json"
        if store.create(name, documents.dump(candidate.doc())):
            return candidate
    raise StorageError(f"{receipt.task}: a thousand attempts in the run {receipt.run!r}", hint="start a new run")


def check_run(run: str) -> str:
    """The run's id, if it is one; UsageError says what an id looks like."""
    import re

    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}", run):
        raise UsageError(f"run id {run!r}: 1 to 80 of a-z 0-9 . _ - are expected, beginning with a letter or digit")
    return run


class Meter:
    """Measures one task: wall and CPU seconds since it was made, peak memory of this process."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def stamp(self, receipt: Receipt) -> Receipt:
        """The receipt with the measured figures."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return dataclasses.replace(
            receipt,
            seconds=round(time.monotonic() - self._wall, 3),
            cpu_seconds=round(time.process_time() - self._cpu, 3),
            peak_mib=peak,
        )
