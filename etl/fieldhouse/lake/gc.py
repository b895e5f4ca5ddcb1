"""Collecting what nobody needs any more: remembered results first, and a grace period later what nothing refers to.

Two phases make this safe beside running runs. A file is deleted only after it was seen without a reference at least
one grace period ago, has none now, and was not written since. The grace period must be longer than any run.
"""

import contextlib
import dataclasses
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from fieldhouse.errors import StorageError, UsageError
from fieldhouse.lake import aside, documents, landings, memo, objects, releases, runs
from fieldhouse.lake.runs import Receipt
from fieldhouse.lake.store import Store

GRACE = timedelta(days=7)
#: Where content-named files lie: raw objects, parts, verdicts of audits.
CONTENT = ("raw", "parts", "audits")
#: Since when each file was seen without a reference. Losing it only starts the grace period anew.
MARKER = "gc/unreferred.json"


@dataclass(frozen=True)
class GcPlan:
    """What collecting would delete, and what it lets wait: names, and since when (seconds since 1970) it is seen idle.

    `before`: only what was not written since then is deleted. `bytes`: the size of everything that is deleted.
    """

    before: float
    memo: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    audits: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    waiting: Mapping[str, float] = field(default_factory=dict)
    bytes: int = 0

    @property
    def content(self) -> tuple[str, ...]:
        """The content-named files: raw objects, parts, verdicts of audits."""
        return (*self.raw, *self.parts, *self.audits)

    def doc(self) -> dict[str, object]:
        """As it is printed as JSON."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(self).items()}


@dataclass(frozen=True)
class _Needed:
    """What must stay, whatever its age."""

    memo: frozenset[str]
    runs: frozenset[str]
    content: frozenset[str]


def plan_collect(store: Store, grace: timedelta = GRACE, *, now: float | None = None) -> GcPlan:
    """What collecting would do at `now` (seconds since 1970; default: the clock's), without doing it.

    Kept are: all releases and landings and what they refer to; refused attempts that may still land; the runs of
    releases, the newest run and those younger than `grace`; what the live ones of them remembered. UsageError for a
    negative grace, StorageError for a damaged document: then nothing can be said of what it refers to.
    """
    if grace < timedelta(0):
        raise UsageError(f"a grace period of {grace} is negative")
    now = time.time() if now is None else now
    before = now - grace.total_seconds()
    needed = _needed(store, before)
    entries = {folder: dict(store.entries(folder)) for folder in ("memo", "runs", *CONTENT)}
    times = {folder: store.times(folder) for folder in entries}
    seen = _seen(store)
    idle = {n: seen.get(n, now) for f in CONTENT for n in entries[f] if n not in needed.content}
    due = {n for n, since in idle.items() if since <= before and times[_folder(n)].get(n, now) <= before}
    done = [n for n in entries["runs"] if n.split("/")[1] not in needed.runs]
    stale = [n for n in entries["memo"] if n not in needed.memo and times["memo"].get(n, now) <= before]
    leftovers = _leftovers(store, before)
    settled = _settled(store, before)
    sizes = {name: size for folder in entries.values() for name, size in folder.items()} | settled
    return GcPlan(
        before=before,
        memo=tuple(sorted(stale)),
        runs=tuple(sorted(done)),
        raw=_of("raw", due),
        parts=_of("parts", due),
        audits=_of("audits", due),
        aside=tuple(sorted(settled)),
        leftovers=tuple(leftovers),
        waiting={n: since for n, since in sorted(idle.items()) if n not in due},
        bytes=sum(sizes[n] for n in (*stale, *done, *due, *settled)) + sum(leftovers.values()),
    )


def collect(store: Store, plan: GcPlan) -> GcPlan:
    """Do what was planned, and return what was done: what is referred to, or written again, since then is kept."""
    store.bring_back()
    store.delete(plan.memo)
    needed = _needed(store, plan.before)
    times = {name: written for folder in CONTENT for name, written in store.times(folder).items()}
    idle = {n for n in plan.content if n not in needed.content and times.get(n, plan.before + 1) <= plan.before}
    done = dataclasses.replace(
        plan,
        runs=tuple(n for n in plan.runs if n.split("/")[1] not in needed.runs),
        raw=_of("raw", idle),
        parts=_of("parts", idle),
        audits=_of("audits", idle),
    )
    store.hint(MARKER, documents.dump({"since": dict(plan.waiting)}))
    store.delete((*done.runs, *done.aside))
    store.delete_idle(done.content, plan.before)
    for name in done.leftovers:
        if store.folder is not None:
            (store.folder / name).unlink(missing_ok=True)
    return done


def _of(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(n for n in names if _folder(n) == folder))


def _leftovers(store: Store, before: float) -> dict[str, int]:
    """Half-written files that nobody has written to since `before`, with their sizes."""
    found = {}
    for path in store.leftovers():
        with contextlib.suppress(FileNotFoundError):  # its writer has just finished
            state = path.stat()
            if store.folder is not None and state.st_mtime <= before:
                found[path.relative_to(store.folder).as_posix()] = state.st_size
    return found


def _settled(store: Store, before: float) -> dict[str, int]:
    """The files of refused attempts that can never land, since newer landings followed, with their sizes.

    Their reports stay, and so does the word of those who accepted one.
    """
    written = store.times("aside")
    settled = {
        refused.folder
        for refused in aside.read_all(store)
        if max(landings.numbers(store, refused.source), default=0) > refused.base
    }
    return {
        name: size
        for name, size in store.entries("aside")
        if name.rpartition("/")[0] in settled and not name.endswith(".json") and written.get(name, before + 1) <= before
    }


def _folder(name: str) -> str:
    return name.split("/", maxsplit=1)[0]


def _seen(store: Store) -> dict[str, float]:
    data = store.find(MARKER)
    if data is None:
        return {}
    try:
        since: dict[str, float] = documents.parse(data, MARKER)["since"]  # type: ignore[assignment]
        return dict(since)
    except (StorageError, KeyError, TypeError, ValueError):
        return {}


def _needed(store: Store, before: float) -> _Needed:
    """What releases, landings, live runs and what these remembered refer to."""
    published = [releases.read(store, number) for number in releases.numbers(store)]
    newest = published[-1] if published else None
    ages = _ages(store)
    young = {run for run, age in ages.items() if age > before}
    live = young | {run for run, age in ages.items() if age == max(ages.values())}
    live |= {newest.run} if newest else set()
    left = [receipt for run in sorted(live) for receipt in _receipts(store, run)]
    shown = {part.path for part in newest.parts} if newest else set()
    keys = {memo.name(key) for receipt in left for key in receipt.inputs}
    content = {name for r in published for name in (*(part.path for part in r.parts), *r.verdicts)}
    content |= {name for r in left for name in (*(part.path for part in r.outputs), *documents.named(r.notes))}
    content |= _landed(store)
    remembered = set()
    times = store.times("memo")
    for name in store.names("memo"):
        outputs = _outputs(store, name)
        # A result whose parts are all published is that of the next run, too, whoever asks for it.
        if name in keys or times.get(name, before) > before or (outputs and outputs <= shown):
            remembered.add(name)
            content |= outputs
    return _Needed(frozenset(remembered), frozenset(live | {r.run for r in published}), frozenset(content))


def _ages(store: Store) -> dict[str, float]:
    """When the newest document of each run was written."""
    found: dict[str, float] = {}
    for name, written in store.times("runs").items():
        run = name.split("/")[1]
        found[run] = max(written, found.get(run, written))
    return found


def _receipts(store: Store, run: str) -> list[Receipt]:
    tasks = {name.split("/")[2] for name in store.names(f"runs/{run}") if name.count("/") == 3}
    return [receipt for task in sorted(tasks) for receipt in runs.receipts(store, run, task)]


def _landed(store: Store) -> set[str]:
    found = set()
    for source in {name.split("/")[1] for name in store.names("landings")}:
        for number in landings.numbers(store, source):
            landing = landings.read(store, source, number)
            found |= {objects.name(item.sha256) for item in (*landing.changed, *(landing.snapshot or ()))}
    return found


def _outputs(store: Store, name: str) -> set[str]:
    """The files that a memo entry refers to; none where it is damaged, which makes it a miss for everybody."""
    try:
        result = memo.read(store, name.rsplit("/", maxsplit=1)[-1].removesuffix(".json"))
    except (StorageError, KeyError, TypeError, ValueError):
        return set()
    return result.content if result else set()
