"""warehouse: bring a release into a database where applications read it by SQL, all of it at once.

Each release has a schema of its own, `r<N>`; the public views of each domain show the one that was switched on last.
"""

from dataclasses import replace

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.errors import UsageError
from fieldhouse.lake import releases, runs
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages.warehouse import address as addresses
from fieldhouse.stages.warehouse import duck, postgres
from fieldhouse.stages.warehouse.address import Address
from fieldhouse.stages.warehouse.books import Books
from fieldhouse.stages.warehouse.postgres import Done, Limits
from fieldhouse.stages.warehouse.pruning import KEEP, Pruned
from fieldhouse.stages.warehouse.roles import SQL as ROLES

__all__ = ["KEEP", "ROLES", "Books", "Pruned", "prune", "run", "status"]


def run(store: Store, run_id: str = "", *, release: int | None = None) -> Receipt:
    """Let the warehouse show a release (default: the newest); one that it shows already costs a look.

    The receipt stays in the lake where the call is part of a run. Raises ConfigurationError where no warehouse is
    configured, NotFound where there is no such release, DataError where the warehouse serves another lake,
    TemporaryError where another loader or readers are in the way for too long, RefusedError where rights are missing.
    Whatever is raised: readers see what they saw before.
    """
    meter, address = Meter(), addresses.read()
    found = releases.read(store, release)
    done = _into_duckdb(store, address, found) if address.kind == "duckdb" else _into_postgres(store, address, found)
    receipt = meter.stamp(replace(done, run=run_id))
    return runs.leave(store, receipt) if run_id else receipt


def _into_duckdb(store: Store, address: Address, release: Release) -> Receipt:
    filled = duck.load(store, address, release, settings.warehouse_old_days())
    switched = filled.before != release.number
    counts = {"release": release.number, "sent": filled.rows, "copied": 0, "switched": int(switched)}
    return Receipt("", "warehouse", 1, counts=counts | {"pruned": len(filled.pruned)}, remembered=not switched)


def _into_postgres(store: Store, address: Address, release: Release) -> Receipt:
    done = postgres.load(store, address, release, declared.load_all(), _limits())
    counts = {
        "release": release.number,
        "sent": done.loaded.sent,
        "copied": done.loaded.copied,
        "switched": int(done.tries > 0),
        "pruned": len(done.pruned.releases),
        "tries": done.tries,
    }
    return Receipt("", "warehouse", 1, counts=counts, notes=tuple(_notes(done)), remembered=not done.tries)


def _notes(done: Done) -> list[dict[str, object]]:
    """What a person may want to know of a load that went well."""
    notes: list[dict[str, object]] = []
    if not done.reader:
        notes.append({"note": "there is no role fieldhouse_reader: nobody was let at the release"})
    if done.waited_s >= 1:
        notes.append({"note": f"waited {done.waited_s:.0f} s for another loader"})
    notes += [{"note": f"release {number} was half loaded: removed"} for number in done.cleaned]
    notes += [
        {"note": f"{key.dataset}: {key.column} has failures that were accepted: no foreign key to {key.target}"}
        for key in done.loaded.unsatisfied
    ]
    notes += [{"note": f"{what} stays: {why}"} for what, why in done.pruned.stays.items()]
    return notes


def _limits() -> Limits:
    return Limits(settings.warehouse_patience(), settings.warehouse_old_days())


def prune(keep: int = KEEP, *, dry_run: bool = False) -> Pruned:
    """Let all releases go but the `keep` shown last, and views that were retired long ago; or say what would.

    UsageError for a DuckDB file, which its loads keep small.
    """
    address = _server()
    return postgres.prune(address, _limits(), keep, dry_run=dry_run)


def status() -> tuple[str, Books]:
    """How the warehouse is called, and what it holds and shows."""
    address = _server()
    return address.shown, postgres.status(address)


def _server() -> Address:
    address = addresses.read()
    if address.kind != "postgresql":
        raise UsageError(
            f"{address.shown} is a file of DuckDB: each load prunes it",
            hint="fieldhouse.current_release says what it shows",
        )
    return address
