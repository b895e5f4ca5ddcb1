"""PostgreSQL as warehouse: load a release beside those that are there, switch the views, let old ones go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldhouse.contracts import Contract
from fieldhouse.lake.releases import Release
from fieldhouse.lake.store import Store
from fieldhouse.stages.warehouse import books, grants, loading, pruning, remarks, session, shape
from fieldhouse.stages.warehouse.address import Address
from fieldhouse.stages.warehouse.books import Books
from fieldhouse.stages.warehouse.loading import Loaded
from fieldhouse.stages.warehouse.plan import LoadPlan, plan
from fieldhouse.stages.warehouse.pruning import Pruned
from fieldhouse.stages.warehouse.switch import switch


@dataclass(frozen=True)
class Limits:
    """How long to wait for other loaders and for readers (seconds), and to keep views of old major versions (days)."""

    patience_s: float = 600
    old_days: float = 90


@dataclass(frozen=True)
class Done:
    """What loading did. `tries`: of the switch; 0 where readers saw the release already. `before`: what they saw."""

    plan: LoadPlan
    loaded: Loaded = field(default_factory=Loaded)
    tries: int = 0
    before: int = 0
    waited_s: float = 0.0
    cleaned: tuple[int, ...] = ()
    pruned: Pruned = field(default_factory=Pruned)
    reader: bool = True


def load(store: Store, address: Address, release: Release, contracts: Mapping[str, Contract], limits: Limits) -> Done:
    """Let readers see the release. What is there already is used; what went wrong before leaves no trace.

    Raises DataError where the warehouse serves another lake, TemporaryError where another loader or readers are in the
    way for too long, RefusedError where rights are missing.
    """
    shape.check_names(release.datasets.values())
    with session.connected(address) as con, session.alone(con, address, limits.patience_s) as waited:
        books.make(con)
        reader = grants.begin(con)
        cleaned = pruning.clean(con)
        found = books.read(con)
        books.refuse_another(found, release, address.shown)
        con.commit()
        planned = plan(release, found, contracts)
        loaded = loading.load(store, address, con, planned) if planned.tables else Loaded()
        before = found.current.number if found.current else 0
        tries = 0
        if before != release.number:
            tries = switch(con, release, found, limits.patience_s)
            remarks.describe(con, release, limits.old_days)
        pruned = pruning.prune(con, limits.old_days)
        return Done(planned, loaded, tries, before, waited, tuple(cleaned), pruned, reader)


def prune(address: Address, limits: Limits, keep: int, *, dry_run: bool) -> Pruned:
    """Let old releases go, or say what would."""
    with session.connected(address) as con, session.alone(con, address, limits.patience_s):
        books.make(con)
        return pruning.prune(con, limits.old_days, keep, dry_run=dry_run)


def status(address: Address) -> Books:
    """The releases and views of the warehouse."""
    with session.connected(address) as con:
        return books.read(con)
