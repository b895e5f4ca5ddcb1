"""Running the plan on one machine: extractors side by side, then the release's tasks one after the other."""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fieldhouse import contracts as declared
from fieldhouse import plan as graph
from fieldhouse import settings, sources
from fieldhouse.errors import FieldhouseError, ReleaseConflict, TemporaryError
from fieldhouse.extract import program
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.program import NotRunnable
from fieldhouse.lake import ages, landings, runs
from fieldhouse.lake.ages import Age
from fieldhouse.lake.runs import Receipt
from fieldhouse.lake.store import Store
from fieldhouse.plan import Task

#: How often a run that lost the race to publish is built again on top of the winner.
REBUILDS = 3
#: Longest wait for a source that asked to be left alone for a while, in seconds.
PATIENCE_S = 60.0
Show = Callable[[Task, Receipt | FieldhouseError | None], None]
Log = Callable[[str, LogRecord], None]


@dataclass
class Outcome:
    """What a run did: its receipts in order, which sources failed and why, and the release that readers now see.

    `ages`: per source of the release how old its landing was at the cut. `left_out`: sources that cannot run on this
    machine and that nobody named, each with why and what would make it run.
    """

    run: str
    receipts: list[Receipt] = field(default_factory=list)
    failed: dict[str, FieldhouseError] = field(default_factory=dict)
    release: int = 0
    published: bool = False
    ages: dict[str, Age] = field(default_factory=dict)
    left_out: dict[str, NotRunnable] = field(default_factory=dict)

    @property
    def stale(self) -> list[Age]:
        """The sources that are older than they may be."""
        return [age for age in self.ages.values() if age.stale]


def new_run() -> str:
    """An id for a run of now."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def run(
    store: Store,
    names: Sequence[str] = (),
    *,
    run_id: str | None = None,
    mirror: Path | None = None,
    warehouse: bool = True,
    show: Show = lambda _task, _end: None,
    log: Log = lambda _source, _record: None,
) -> Outcome:
    """Extract and land the named sources (all, if none is named), then make a release of everything that has landed.

    `mirror`: a folder that is served on loopback in the place of every upstream. A source that fails contributes its
    last good landing and stands in `failed`; one that cannot run on this machine does, too, and stands in `left_out`
    unless it was named. Raises what the release's tasks raise; ReleaseConflict only after
    rebuilding on top of the winner a few times. `warehouse`: load the release, too, where a warehouse is configured.
    """
    chosen = [sources.find(name) for name in names] or list(sources.load_all().values())
    outcome = Outcome(run_id or new_run())
    with _mirror(mirror) as url:
        _land_all(store, chosen, outcome, url, show, log)
    if not names:
        cannot = {name: error for name, error in outcome.failed.items() if isinstance(error, NotRunnable)}
        outcome.left_out = cannot if len(cannot) < len(chosen) else {}
        outcome.failed = {name: error for name, error in outcome.failed.items() if name not in outcome.left_out}
    if outcome.failed and not any(landings.newest_complete(store, name) for name in sources.load_all()):
        raise next(iter(outcome.failed.values()))
    release(store, outcome, show, warehouse=warehouse)
    return outcome


@contextlib.contextmanager
def _mirror(folder: Path | None) -> Iterator[str | None]:
    if folder is None:
        yield None
        return
    from fieldhouse.extract.mirror import Mirror

    with Mirror(folder) as server:
        yield server.url


def _land_all(
    store: Store, chosen: Sequence[sources.Source], outcome: Outcome, url: str | None, show: Show, log: Log
) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=max(1, len(chosen))) as pool:
        futures = {s.name: pool.submit(_land_one, store, s, outcome.run, url, show, log, stop) for s in chosen}
        try:
            for name, future in futures.items():
                try:
                    outcome.receipts.extend(future.result())
                except FieldhouseError as error:
                    outcome.failed[name] = error
        except BaseException:
            stop.set()
            raise


def _land_one(
    store: Store,
    source: sources.Source,
    run_id: str,
    url: str | None,
    show: Show,
    log: Log,
    stop: threading.Event,
) -> list[Receipt]:
    from fieldhouse.stages import extract, land

    program.find(source, mirror=url)  # what cannot run here is left out before it begins
    receipts = []
    extract_task, land_task = graph.source_tasks(source)
    for tries_left in range(extract_task.retries, -1, -1):
        try:
            show(extract_task, None)
            receipts.append(
                extract.run(store, source.name, run_id, mirror=url, log=lambda r: log(source.name, r), stop=stop)
            )
            show(extract_task, receipts[-1])
            show(land_task, None)
            receipts.append(land.run(store, source.name, run_id))
            show(land_task, receipts[-1])
            return receipts
        except FieldhouseError as error:
            show(extract_task, error)
            if not isinstance(error, TemporaryError) or not tries_left or stop.is_set():
                _land_left(store, source, run_id)
                raise
            stop.wait(min(extract.retry_after(error), PATIENCE_S))
    return receipts


def _land_left(store: Store, source: sources.Source, run_id: str) -> None:
    """Land what a source that failed for good had sealed: it is true as far as it goes."""
    from fieldhouse.stages import attempt, landing

    landing.land_left(store, source, attempt.made(store, source.name, run_id))


def release(store: Store, outcome: Outcome, show: Show = lambda _task, _end: None, *, warehouse: bool = True) -> None:
    """Make a release of what has landed; a lost race is built again on top of the winner."""
    base = outcome.run
    for rebuild in range(REBUILDS + 1):
        try:
            _release_once(store, outcome, show, warehouse=warehouse and settings.has_warehouse())
            return
        except ReleaseConflict:
            if rebuild == REBUILDS:
                raise
            outcome.run = f"{base}-{rebuild + 2}"
            time.sleep(0.05 * secrets.randbelow(10))


def _release_once(store: Store, outcome: Outcome, show: Show, *, warehouse: bool) -> None:
    for task in graph.release_tasks(list(sources.load_all().values()), declared.load_all(), warehouse=warehouse):
        if task.stage == "normalize" and task.of not in outcome.ages:
            continue  # nothing of it is pinned
        show(task, None)
        try:
            receipt = run_task(store, task, outcome.run)
        except FieldhouseError as error:
            show(task, error)
            raise
        outcome.receipts.append(receipt)
        show(task, receipt)
        if task.stage == "cut":
            outcome.ages = ages.at_cut(runs.read_inputs(store, outcome.run))
        if task.stage == "publish":
            outcome.release = receipt.counts["release"]
            outcome.published = bool(receipt.counts["published"])


def run_task(store: Store, task: Task, run_id: str) -> Receipt:  # noqa: PLR0911 - one a stage
    """Do one task of the release."""
    from fieldhouse.stages import audit, conform, cut, denormalize, normalize, publish, warehouse

    match task.stage:
        case "cut":
            return cut.run(store, run_id)
        case "normalize":
            return normalize.run(store, task.of, run_id)
        case "conform":
            return conform.run(store, run_id)
        case "denormalize":
            return denormalize.run(store, task.of, run_id)
        case "audit":
            return audit.run(store, task.of, run_id)
        case "publish":
            return publish.run(store, run_id)
        case "warehouse":
            return warehouse.run(store, run_id)
        case other:
            raise FieldhouseError(f"no stage is called {other!r}")
