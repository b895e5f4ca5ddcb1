"""What the next run would do with what has landed by now, and why: the decisions of the stages, without their acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fieldhouse import contracts as declared
from fieldhouse import plan as graph
from fieldhouse import sources
from fieldhouse.contracts import Contract, Copy
from fieldhouse.explain import why
from fieldhouse.explain.why import Base
from fieldhouse.lake import copies, landings, memo, releases
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages import audit, conform, denormalize, normalize, publish
from fieldhouse.stages.normalize.units import Unit

Action = Literal["remembered", "build"]


@dataclass(frozen=True)
class Step:
    """One piece of work of a task: `unit` is the feed's bucket or the dataset; empty where the task is one piece."""

    task: str
    action: Action
    why: str
    detail: str = ""
    unit: str = ""


@dataclass
class _Known:
    """What is known while deciding: parts that are remembered, and what may change and is not known yet."""

    store: Store
    base: Base
    contracts: Mapping[str, Contract]
    steps: list[Step] = field(default_factory=list)
    made: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    building: list[Unit] = field(default_factory=list)
    available: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    may_change: list[str] = field(default_factory=list)


def plan_run(store: Store, names: Sequence[str] = ()) -> tuple[Step, ...]:
    """What the next `run` would remember and what it would build, in the order of its tasks, and why.

    Files that upstream has changed meanwhile are not known: only what has landed is looked at. With `names` the steps
    of other sources are left out, though they count. NotFound for a source that nobody declares. Nothing is written.
    """
    chosen = {sources.find(name).name for name in names} or set(sources.load_all())
    known = _Known(store, why.base(store), declared.load_all())
    for source in sources.load_all().values():
        _normalize(known, source, shown=source.name in chosen)
    _conform(known)
    for task in graph.release_tasks((), known.contracts):
        match task.stage:
            case "denormalize":
                _denormalize(known, task.of)
            case "audit":
                _audit(known, task.of)
    _publish(known)
    return tuple(known.steps)


def _normalize(known: _Known, source: sources.Source, *, shown: bool) -> None:
    task = f"normalize.{source.name}"
    if not landings.newest_complete(known.store, source.name):
        if shown:
            known.steps.append(Step(task, "build", "nothing of it has landed yet", "the next run extracts it first"))
        return
    made: list[Part] = []
    for unit in normalize.plan(known.store, source, None):
        key = unit.key
        found = memo.find(known.store, key)
        if found is None:
            known.building.append(unit)
            step = Step(task, "build", *why.unit(known.base, unit, key), unit=_label(unit))
        else:
            made.extend(found.outputs)
            step = Step(task, "remembered", "all that it rests on is unchanged", unit=_label(unit))
        if shown:
            known.steps.append(step)
    known.made[source.name] = tuple(made)


def _label(unit: Unit) -> str:
    return unit.label.split("/", 1)[1] if unit.feed.buckets > 1 else unit.feed.name


def _conform(known: _Known) -> None:
    if known.building or not known.made:
        labels = [unit.label for unit in known.building]
        reason = "normalized rows may change" if labels else "nothing has landed yet"
        known.steps.append(Step("conform", "build", reason, why.listed(labels)))
        known.may_change = _fed(known)
        return
    parent = releases.newest(known.store)
    work = conform.work_on(known.store, known.made, conform.by_dataset(known.made), parent)
    key = work.key
    found = memo.find(known.store, key)
    if found is None:
        known.steps.append(Step("conform", "build", *_why_conform(known, key)))
        known.may_change = _fed(known)
        return
    known.available = dict(denormalize.by_dataset(found.outputs))
    known.steps.append(Step("conform", "remembered", "all normalized parts, links and reviewed facts are unchanged"))


def _fed(known: _Known) -> list[str]:
    """The datasets that units which must be built feed; all normalized ones where conform itself must be made again."""
    fed = {m.contract.name for unit in known.building for m in unit.mappings}
    return sorted(fed) or [n for n, c in known.contracts.items() if c.layer == "normalized"]


def _why_conform(known: _Known, key: str) -> why.Why:
    """Every bucket is remembered: then sources or buckets came or went, or something else that it rests on changed."""
    found = known.base
    if found.release is not None:
        changes = {
            "new": sorted(set(known.made) - set(found.release.inputs)),
            "gone": sorted(set(found.release.inputs) - set(known.made)),
        }
        said = [f"{how} source: {', '.join(names)}" for how, names in changes.items() if names]
        if said:
            return f"other sources than in {found.said}", "; ".join(said)
        now = {s: landings.snapshot(known.store, s, landings.newest_complete(known.store, s)) for s in known.made}
        files = {s: why.differing(found.files[s].values(), now[s].values()) for s in now}
        said = [f"{s}: {how}: {why.listed(keys)}" for s, f in files.items() for how, keys in f.items()]
        if said:
            return f"other files than in {found.said}, though every bucket is remembered", "; ".join(said)
    return why.otherwise(found, key)


def _denormalize(known: _Known, domain: str) -> None:
    for contract in denormalize.ordered(domain, known.contracts):
        task, name = f"denormalize.{domain}", contract.name
        read = contract.made_of
        changing = sorted(read & set(known.may_change))
        if changing or not known.available:
            because = changing or sorted(read)
            known.steps.append(Step(task, "build", f"because {why.listed(because)} may change", "", name))
            known.may_change.append(name)
            continue
        key = denormalize.memo_key(contract, known.contracts, known.available)
        found = memo.find(known.store, key)
        if found is None:
            changed = why.datasets(known.base, known.available, read)
            reason = (f"{why.listed(changed)} changed since {known.base.said}", "") if changed else None
            known.steps.append(Step(task, "build", *(reason or why.otherwise(known.base, key)), name))
            known.may_change.append(name)
        else:
            known.available[name] = found.outputs
            known.steps.append(Step(task, "remembered", "all datasets that it reads are unchanged", "", name))
    for contract in (c for c in known.contracts.values() if c.domain == domain):
        for copy in contract.copies:
            _copy(known, f"denormalize.{domain}", contract, copy)


def _copy(known: _Known, task: str, contract: Contract, copy: Copy) -> None:
    name = copies.dataset(contract, copy)
    if contract.name in known.may_change or not known.available:
        known.steps.append(Step(task, "build", f"because {contract.name} may change", "", name))
        return
    found = memo.find(known.store, copies.memo_key(contract, copy, known.available.get(contract.name, ())))
    if found is None:
        known.steps.append(Step(task, "build", f"{contract.name} has no such copy yet", "", name))
        known.may_change.append(name)
        return
    known.available[name] = found.outputs
    known.steps.append(Step(task, "remembered", f"{contract.name} is unchanged", "", name))


def _audit(known: _Known, domain: str) -> None:
    own = sorted(n for n, c in known.contracts.items() if c.domain == domain)
    changing = [n for n in own if n in known.may_change]
    if changing or not known.available:
        known.steps.append(Step(f"audit.{domain}", "build", f"because {why.listed(changing or own)} may change"))
        return
    made = [part for n, items in known.available.items() if _reads(known, domain, n) for part in items]
    missing = [k for k in audit.keys(known.store, domain, made, known.made) if memo.find(known.store, k) is None]
    if not missing:
        known.steps.append(Step(f"audit.{domain}", "remembered", "all tables and checks are unchanged"))
        return
    changed = why.datasets(known.base, known.available, own)
    reason = (f"{why.listed(changed)} changed since {known.base.said}", "") if changed else None
    known.steps.append(Step(f"audit.{domain}", "build", *(reason or why.otherwise(known.base, missing[0]))))


def _reads(known: _Known, domain: str, dataset: str) -> bool:
    """Whether the audit of a domain looks at a dataset: all that conform makes, and the domain's own wide ones."""
    contract = known.contracts.get(dataset)
    return contract is None or contract.layer == "normalized" or contract.domain == domain


def _publish(known: _Known) -> None:
    release = known.base.release
    number = release.number + 1 if release else 1
    if known.may_change or not known.available:
        unless = f"unless its content is that of {known.base.said}" if release else ""
        known.steps.append(Step("publish", "build", f"release {number} would follow", unless))
        return
    if release and releases.content(*publish.shown(known.contracts, known.available, {})) == release.content:
        known.steps.append(Step("publish", "remembered", "nothing new", f"{known.base.said} has this very content"))
        return
    changed = why.datasets(known.base, known.available, known.contracts)
    known.steps.append(Step("publish", "build", f"release {number} would follow", why.listed(changed)))
