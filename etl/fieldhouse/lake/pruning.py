"""Forgetting old releases: their manifests go, and `lake gc` later deletes what only they referred to.

Numbers are never used again, since the newest release always stays.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from fieldhouse.errors import UsageError
from fieldhouse.lake import gc, releases, runs, tags
from fieldhouse.lake.store import Store

KEEP = 10
KEEP_DAYS = 30.0


@dataclass(frozen=True)
class PrunePlan:
    """Which releases would be forgotten, and of every other why it stays; by number, ascending."""

    forget: tuple[int, ...]
    stays: Mapping[int, str]

    def doc(self) -> dict[str, object]:
        """As it is printed as JSON."""
        return {"forget": list(self.forget), "stays": {str(number): why for number, why in self.stays.items()}}


def plan_prune(store: Store, keep: int = KEEP, keep_days: float = KEEP_DAYS, *, now: float | None = None) -> PrunePlan:
    """What forgetting would do at `now` (seconds since 1970; default: the clock's), without doing it.

    What stays: the newest `keep` releases, those younger than `keep_days`, those with a tag, and those that an
    unfinished run is built upon. UsageError where not even the newest would stay.
    """
    if keep < 1 or keep_days < 0:
        raise UsageError(
            f"keep {keep} releases, {keep_days:g} days: at least one release stays, and days are not negative"
        )
    now = time.time() if now is None else now
    numbers = releases.numbers(store)
    written = store.times("releases")
    reasons = dict.fromkeys(numbers[-keep:], "among the newest")
    named = {number: f"tagged {', '.join(names)}" for number, names in tags.by_release(store).items()}
    built_upon = dict.fromkeys(_parents(store, now), "a run is built upon it")
    before = now - keep_days * 86400
    young = {n: "young" for n in numbers if written.get(releases.name(n), now) > before}
    reasons = {**young, **reasons, **built_upon, **named}
    return PrunePlan(
        forget=tuple(n for n in numbers if n not in reasons),
        stays={n: reasons[n] for n in numbers if n in reasons},
    )


def _parents(store: Store, now: float) -> set[int]:
    """The releases upon which runs are built that have begun not long ago and have not ended with `publish`."""
    names = store.times("runs")
    begun = {
        n.split("/")[1] for n, at in names.items() if n.endswith("/inputs.json") and at > now - gc.GRACE.total_seconds()
    }
    ended = {name.split("/")[1] for name in names if name.split("/")[2] == "publish"}
    return {runs.read_inputs(store, run).parent for run in begun - ended}


def prune(store: Store, plan: PrunePlan) -> PrunePlan:
    """Forget what was planned, oldest first, and return what was done: what was tagged since then stays."""
    if plan.forget:  # from an old hint readers would count upwards, and stop where a release is missing
        store.hint("releases/latest", f"{releases.numbers(store)[-1]}\n".encode())
    forgotten = []
    for number in plan.forget:
        name = releases.name(number)
        manifest = store.find(name)
        if manifest is None or number in tags.by_release(store):
            continue
        store.delete([name])
        if number in tags.by_release(store):  # tagged in this very moment
            store.create(name, manifest)
        else:
            forgotten.append(number)
    return PrunePlan(tuple(forgotten), plan.stays)
