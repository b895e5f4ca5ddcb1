"""What an audit is about: the tables that a run has built, or those of a release, and the release before them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fieldhouse import contracts as declared
from fieldhouse.errors import NotFound, StorageError
from fieldhouse.lake import releases, runs
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import session

Parts = Mapping[str, Sequence[Part]]


@dataclass(frozen=True)
class Basis:
    """Parts to audit.

    `said`: the datasets that any source has rows for. `before`: the parts of the release before, by dataset; empty where
    there is none. `day`: the day on which the inputs were pinned (ISO, UTC), the only clock that an audit knows.
    """

    name: str
    made: tuple[Part, ...]
    said: frozenset[str]
    before: Parts
    day: str

    @property
    def readable(self) -> dict[str, tuple[Part, ...]]:
        """The parts by the names that SQL of checks has for datasets and sidecars."""
        found: dict[str, list[Part]] = defaultdict(list)
        for part in self.made:
            found[session.readable(part.dataset)].append(part)
        return {name: tuple(parts) for name, parts in found.items()}


def of_run(store: Store, run: str, domains: Sequence[str] = ()) -> Basis:
    """What a run has built of these domains (of all, if none is named); NotFound says which task has not run."""
    contracts = declared.load_all()
    wanted = domains or sorted({c.domain for c in contracts.values()})
    wide = {c.domain for c in contracts.values() if c.layer == "denormalized"}
    tasks = ["conform", *(f"denormalize.{domain}" for domain in wanted if domain in wide)]
    made = tuple(part for task in tasks for part in runs.receipt(store, run, task).outputs)
    inputs = runs.read_inputs(store, run)
    return Basis(f"run {run}", made, _said(store, run), _before(store, inputs.parent), inputs.time[:10])


def of_release(store: Store, number: int | None = None) -> Basis:
    """The tables of a release, by default the newest; NotFound where there is none."""
    release = releases.read(store, number)
    tables = [part for table in release.datasets.values() for part in table.parts]
    origins = [part for found in release.origins.values() for part in found]
    try:
        day, fed = runs.read_inputs(store, release.run).time[:10], _said(store, release.run)
    except NotFound:  # the run was forgotten: what has origins was said by somebody
        day = release.time[:10]
        fed = frozenset(n.removesuffix(".origin") for n, found in release.origins.items() if found)
    return Basis(f"release {release.number}", (*tables, *origins), fed, _before(store, release.parent), day)


def of_next_run(store: Store, made: Sequence[Part], normalized: Parts) -> Basis:
    """What a run of today would audit that made these parts, on top of the newest release."""
    today = datetime.now(UTC).date().isoformat()
    return Basis("the next run", tuple(made), said(normalized), _before(store, releases.newest(store)), today)


def parts_of(release: Release) -> Parts:
    """The parts of a release by dataset, without copies."""
    return {name: table.parts for name, table in release.datasets.items()}


def said(normalized: Parts) -> frozenset[str]:
    """The datasets that any source has rows for, of what `normalize` made per source."""
    return frozenset(
        part.dataset.removeprefix(f"{source}/") for source, made in normalized.items() for part in made if part.rows
    )


def _said(store: Store, run: str) -> frozenset[str]:
    sources = runs.read_inputs(store, run).sources
    return said({source: runs.receipt(store, run, f"normalize.{source}").outputs for source in sources})


def _before(store: Store, parent: int) -> Parts:
    """The parts of the parent release; none where there is no parent, or it was forgotten."""
    if not parent:
        return {}
    try:
        return parts_of(releases.read(store, parent))
    except (NotFound, StorageError):
        return {}
