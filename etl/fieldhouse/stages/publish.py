"""publish: fold a run's receipts into the next release, all at once, if its parent is still the newest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fieldhouse import contracts as declared
from fieldhouse import plan as graph
from fieldhouse import sources
from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError, DataError, ReleaseConflict
from fieldhouse.lake import ages, copies, crediting, landings, releases, runs, schema
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Copy, Release, Table
from fieldhouse.lake.runs import Inputs, Meter, Receipt
from fieldhouse.lake.store import Store


@dataclass(frozen=True)
class PublishPlan:
    """What publishing would do: the manifest, and whether a reader would see anything new."""

    release: Release
    newest: int
    same: bool


def run(store: Store, run_id: str) -> Receipt:
    """Publish a run's tables; without anything new nothing is published, and the receipt names the newest release.

    Raises DataError where an audit has not passed, ConfigurationError where a contract breaks readers without a new
    major version, ReleaseConflict where another run published first.
    """
    meter = Meter()
    planned = plan(store, run_id)
    published = 0
    if not planned.same:
        if planned.newest != planned.release.parent or not releases.create(store, planned.release):
            raise ReleaseConflict(
                f"the run {run_id!r} was built on release {planned.release.parent}, and {releases.newest(store)} is out",
                hint="run again: a new run builds on top of the newest release, and remembers what this one made",
            )
        published = 1
    number = planned.release.number if published else planned.newest
    receipt = Receipt(
        run_id, "publish", 1, counts={"release": number, "published": published}, remembered=not published
    )
    return runs.leave(store, meter.stamp(receipt))


def plan(store: Store, run_id: str) -> PublishPlan:
    """What publishing the run would do, without doing it."""
    inputs = runs.read_inputs(store, run_id)
    newest = releases.newest(store)
    before = releases.read(store, newest) if newest else None
    contracts = declared.load_all()
    parts_of = _parts(store, run_id, contracts)
    datasets, origins = shown(contracts, parts_of, crediting.credits(store, contracts, parts_of))
    content = releases.content(datasets, origins)
    if before is not None and before.content == content:
        return PublishPlan(before, newest, same=True)
    if before is not None:
        refuse_breaking(before, datasets)
    release = Release(
        number=inputs.parent + 1,
        parent=inputs.parent,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run_id,
        content=content,
        code=inputs.code,
        inputs=_pinned(store, inputs),
        licences=_licences(inputs),
        audit=_audits(store, run_id, contracts),
        accounts=tuple(_accounts(store, parts_of.get("core.account", ()))),
        datasets=datasets,
        origins=origins,
        notes=tuple(_notes(store, inputs)),
    )
    return PublishPlan(release, newest, same=False)


def shown(
    contracts: Mapping[str, Contract],
    parts_of: Mapping[str, Sequence[Part]],
    credits: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, Table], dict[str, tuple[Part, ...]]]:
    """What a reader of a release of these parts sees: the tables of all datasets, and their origins.

    `credits`: per dataset the sources that it is made of.
    """
    datasets = {n: _table(c, parts_of, credits.get(n)) for n, c in contracts.items()}
    return datasets, {n: tuple(items) for n, items in parts_of.items() if n.endswith(".origin")}


def _parts(store: Store, run_id: str, contracts: Mapping[str, Contract]) -> dict[str, list[Part]]:
    """The parts that the run made, per dataset; DataError where an audit has not passed."""
    found: dict[str, list[Part]] = {}
    for task in graph.release_tasks((), contracts):
        if task.stage in ("conform", "denormalize"):
            for part in runs.receipt(store, run_id, task.id).outputs:
                found.setdefault(part.dataset, []).append(part)
        if task.stage == "audit":
            _refuse_unaudited(runs.receipt(store, run_id, task.id))
    return found


def _refuse_unaudited(receipt: Receipt) -> None:
    bad = receipt.counts.get("failed", 0) + receipt.counts.get("errors", 0)
    if bad or not receipt.counts.get("checks"):
        raise DataError(
            f"{receipt.task} did not pass: {bad} of {receipt.counts.get('checks', 0)} checks failed or could not be made",
            hint=f"`fieldhouse {receipt.task.replace('.', ' ')} --run {receipt.run}` says which",
        )


def _table(contract: Contract, parts_of: Mapping[str, Sequence[Part]], credited: tuple[str, ...] | None) -> Table:
    return Table(
        name=contract.name,
        title=contract.title,
        doc=contract.doc,
        layer=contract.layer,
        version=contract.version,
        grain=contract.grain,
        sort=contract.order,
        schema=schema.digest(contract),
        columns=tuple(schema.describe(contract)),
        parts=tuple(parts_of.get(contract.name, ())),
        sources=credited,
        copies=tuple(
            Copy(
                name=copy.name,
                doc=copy.doc,
                sort=tuple(dict.fromkeys((*copy.sort, *contract.order))),
                columns=tuple(n for n in contract.names if not copy.columns or n in copy.columns),
                parts=tuple(parts_of.get(copies.dataset(contract, copy), ())),
            )
            for copy in contract.copies
        ),
    )


def refuse_breaking(before: Release, datasets: Mapping[str, Table]) -> None:
    """A contract that breaks readers (column gone, type, unit or grain changed) needs a new major version."""
    for name, table in datasets.items():
        old = before.datasets.get(name)
        if old is None or _major(table) > _major(old):
            continue
        problems = breaking(old, table)
        if problems:
            raise ConfigurationError(
                f"{name} {table.version}: {'; '.join(problems)} since release {before.number} ({old.version})",
                hint=f'readers rely on it: set version = "{_major(old) + 1}.0.0" in {name.split(".")[-1]}.toml, or undo it',
            )


def _major(table: Table) -> int:
    return int(table.version.split(".")[0])


def breaking(old: Table, new: Table) -> list[str]:
    """In what way `new` breaks those who read `old`."""
    columns = {str(c["name"]): c for c in new.columns}
    problems = [] if old.grain == new.grain else [f"the grain was {', '.join(old.grain)}"]
    for column in old.columns:
        now = columns.get(str(column["name"]))
        if now is None:
            problems.append(f"the column {column['name']} is gone")
            continue
        for what in ("type", "unit"):
            if now[what] != column[what]:
                problems.append(
                    f"the {what} of {column['name']} was {column[what] or 'none'}, is {now[what] or 'none'}"
                )
    return problems


def _pinned(store: Store, inputs: Inputs) -> dict[str, dict[str, object]]:
    """Per source the landing, its time, its age in days at the cut, whether that is stale, and how many files it has."""
    return {
        name: {**age.doc(), "files": len(landings.snapshot(store, name, age.landing))}
        for name, age in ages.at_cut(inputs).items()
    }


def _licences(inputs: Inputs) -> dict[str, dict[str, str]]:
    known = sources.load_all()
    return {
        name: {"licence": known[name].licence, "attribution": known[name].attribution, "homepage": known[name].homepage}
        for name in inputs.sources
    }


def _audits(store: Store, run_id: str, contracts: Mapping[str, Contract]) -> dict[str, object]:
    found: dict[str, object] = {}
    for domain in graph.domains(contracts):
        receipt = runs.receipt(store, run_id, f"audit.{domain}")
        found[domain] = {"counts": dict(receipt.counts), "notes": [dict(note) for note in receipt.notes]}
    return found


def _notes(store: Store, inputs: Inputs) -> list[dict[str, object]]:
    tasks = ("cut", *(f"normalize.{source}" for source in inputs.sources))
    return [{"task": t, **note} for t in tasks for note in runs.receipt(store, inputs.run, t).notes]


def _accounts(store: Store, found: Sequence[Part]) -> list[dict[str, object]]:
    """Records by source, feed, outcome and rule."""
    if not found:
        return []
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.concat_tables([pq.read_table(store.local(part.path)) for part in found])
    keys = ["source", "feed", "outcome", "rule"]
    grouped = table.group_by(keys).aggregate([("count", "sum")]).sort_by([(k, "ascending") for k in keys])
    return [dict(row) for row in grouped.rename_columns([*keys, "records"]).to_pylist()]
