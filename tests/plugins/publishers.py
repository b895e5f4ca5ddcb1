"""Processes that publish to one lake and read from it at the same time: what each does, and what it tells.

Each is given the lake's URL and the environment in which to open it.
"""

import hashlib
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event

from fieldhouse import contracts as declared
from fieldhouse import plan as graph
from fieldhouse.errors import ReleaseConflict
from fieldhouse.lake import Store, open_store, parts, releases, runs, schema
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Inputs, Receipt
from fieldhouse.stages import publish

#: The datasets of a release, which all say in one row which run published them.
DATASETS = ("core.team", "core.venue")
#: A writer that lost so often without publishing has lost for good.
PATIENCE = 200
Environment = Mapping[str, str]


@dataclass
class Written:
    """What a writer did: the runs that it published, and how often it lost against another."""

    published: list[str] = field(default_factory=list)
    conflicts: int = 0


@dataclass
class Seen:
    """What a reader saw: how many whole releases, how many different ones, and what was torn."""

    reads: int = 0
    releases: int = 0
    torn: list[str] = field(default_factory=list)


def write(url: str, environment: Environment, begin: Barrier, rounds: int, tell: Connection) -> None:
    """Publish so many releases, each on top of the newest, again and again until it is out."""
    os.environ.update(environment)
    store, written = open_store(url), Written()
    releases.newest(store)  # what is imported when it is first used is imported now
    begin.wait()
    for turn in range(rounds):
        for attempt in range(PATIENCE):
            run = f"w{os.getpid()}-{turn}-{attempt}"
            try:
                prepare(store, run)
                publish.run(store, run)
            except ReleaseConflict:
                written.conflicts += 1
            else:
                written.published.append(run)
                break
    tell.send(written)


def write_until_killed(url: str, environment: Environment, tell: Connection) -> None:
    """Publish until somebody ends this process, wherever it is; tells the name of whatever it is about to write."""
    os.environ.update(environment)
    store = open_store(url)
    for verb in ("put", "create", "hint"):
        setattr(store, verb, _telling(getattr(store, verb), tell))
    for turn in range(1 << 20):
        try:
            prepare(store, f"k{os.getpid()}-{turn}")
            publish.run(store, f"k{os.getpid()}-{turn}")
        except ReleaseConflict:
            continue


def _telling(write: Callable[[str, bytes], bool], tell: Connection) -> Callable[[str, bytes], bool]:
    def told(name: str, data: bytes) -> bool:
        tell.send(name)
        return write(name, data)

    return told


def prepare(store: Store, run: str) -> None:
    """All that a run leaves before it publishes, on top of the newest release: inputs, parts and receipts."""
    runs.write_inputs(store, Inputs(run, "2026-01-01T00:00:00+00:00", releases.newest(store), "code", {}))
    outputs = tuple(_part(store, dataset, run) for dataset in DATASETS)
    tasks = [task.id for task in graph.release_tasks((), declared.load_all()) if task.stage != "publish"]
    for task in tasks:
        made = outputs if task == "conform" else ()
        runs.leave(store, Receipt(run, task, 1, outputs=made, counts={"checks": 1} if "audit" in task else {}))


def _part(store: Store, dataset: str, run: str) -> Part:
    """One row of the contract's columns; its key says which run made it."""
    import pyarrow as pa

    contract = declared.load_all()[dataset]
    wanted = [pa.field(f.name, f.type) for f in schema.arrow(contract.columns)]
    row = {f.name: run if f.name == contract.grain[0] else None for f in wanted}
    return parts.write(store, dataset, pa.Table.from_pylist([row], schema=pa.schema(wanted)))


def read(url: str, environment: Environment, least: int, stop: Event, tell: Connection) -> None:
    """Read the newest release until told to stop, and at least so often."""
    os.environ.update(environment)
    seen, numbers = Seen(), Counter[int]()
    last = 0
    while seen.reads < least or not stop.is_set():
        seen.reads += 1
        try:
            store = open_store(url)
            release = releases.read(store)
            problem = _torn(store, release, last)
            last = release.number
            numbers[release.number] += 1
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            seen.torn.append(problem)
    seen.releases = len(numbers)
    tell.send(seen)


def _torn(store: Store, release: Release, last: int) -> str:
    """What is wrong with a release that a reader sees after it saw the release `last`; "" where nothing is."""
    import pyarrow.parquet as pq

    if release.number < last:
        return f"release {release.number} after {last}"
    if releases.content(release.datasets, release.origins) != release.content:
        return f"release {release.number} is not what its content says"
    for dataset in DATASETS:
        (part,) = release.datasets[dataset].parts
        path = store.local(part.path)
        if hashlib.sha256(path.read_bytes()).hexdigest() != part.sha256:
            return f"release {release.number}: {part.path} has other bytes"
        key = release.datasets[dataset].grain[0]
        if pq.read_table(path, columns=[key])[key].to_pylist() != [release.run]:
            return f"release {release.number}: {dataset} is another run's"
    return ""


def moments(seed: str, count: int) -> list[tuple[int, float]]:
    """So many moments at which to kill a publisher: after so many writes, of which one publication makes some twenty,
    and so many seconds.
    """
    chance = random.Random(seed)
    return [(chance.randint(1, 50), chance.uniform(0, 0.005)) for _ in range(count)]
