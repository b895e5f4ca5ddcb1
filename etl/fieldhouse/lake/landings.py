"""Landings: the numbered, append-only record of each sealed extraction, and the snapshot that they fold into.

A landing holds what changed. Every so often one holds the whole snapshot, so that folding stays short.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fieldhouse.lake import documents
from fieldhouse.lake.store import Store

#: A landing carries the whole snapshot when this many before it did not.
FULL_EVERY = 32


@dataclass(frozen=True, order=True)
class Landed:
    """One file of a source as the lake has it."""

    feed: str
    key: str
    sha256: str
    bytes: int
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: str | None = None
    archive: Mapping[str, object] | None = field(default=None, compare=False)

    @property
    def id(self) -> tuple[str, str]:
        """Feed and key, which name the file for ever."""
        return (self.feed, self.key)


Snapshot = dict[tuple[str, str], Landed]


@dataclass(frozen=True)
class Landing:
    """What one sealed extraction changed: `changed` files (new bytes or new validators) and those that are `gone`.

    `partial`: the extractor ended with 75 and a seal, so `state` is that of the landing before.
    `snapshot`: all files, in those landings that carry them. `accepted`: the document that says who accepted it although
    it exceeds limits, where somebody did.
    """

    source: str
    number: int
    run: str
    attempt: int
    time: str
    changed: tuple[Landed, ...]
    gone: tuple[tuple[str, str], ...]
    partial: bool
    state: Mapping[str, object] | None
    snapshot: tuple[Landed, ...] | None = None
    accepted: str | None = None


def name(source: str, number: int) -> str:
    """Where a landing lies in the lake."""
    return f"landings/{source}/{number:08d}.json"


def numbers(store: Store, source: str) -> list[int]:
    """The numbers of a source's landings, ascending."""
    return [int(path[-13:-5]) for path in store.names(f"landings/{source}") if path.endswith(".json")]


def newest_complete(store: Store, source: str) -> int:
    """The number of the newest landing that is not partial: what a release may be made from; 0 where there is none."""
    found = reversed(numbers(store, source))
    return next((number for number in found if not read(store, source, number).partial), 0)


def read(store: Store, source: str, number: int) -> Landing:
    """The landing with this number."""
    where = name(source, number)
    doc = documents.parse(store.get(where), where)
    doc.pop("format")
    doc["changed"] = tuple(Landed(**item) for item in doc["changed"])  # type: ignore[attr-defined]
    doc["gone"] = tuple((feed, key) for feed, key in doc["gone"])  # type: ignore[attr-defined]
    if doc["snapshot"] is not None:
        doc["snapshot"] = tuple(Landed(**item) for item in doc["snapshot"])  # type: ignore[attr-defined]
    return Landing(**doc)  # type: ignore[arg-type]


def snapshot(store: Store, source: str, number: int) -> Snapshot:
    """Per feed and key the newest object, as of the landing `number` (0: nothing)."""
    pending: list[Landing] = []
    base: tuple[Landed, ...] = ()
    while number:
        landing = read(store, source, number)
        if landing.snapshot is not None:
            base = landing.snapshot
            break
        pending.append(landing)
        number -= 1
    files = {item.id: item for item in base}
    for landing in reversed(pending):
        files = fold(files, landing.changed, landing.gone)
    return files


def fold(files: Snapshot, changed: Iterable[Landed], gone: Iterable[tuple[str, str]]) -> Snapshot:
    """The snapshot after a landing."""
    after = {**files, **{item.id: item for item in changed}}
    for item in gone:
        after.pop(item, None)
    return after


def record(store: Store, landing: Landing) -> Landing:
    """Write the landing under the next free number; the result has that number.

    Two that race both land, one after the other: each change is folded in the order of the numbers.
    """
    while True:
        recorded = record_after(store, landing, max(numbers(store, landing.source), default=0))
        if recorded is not None:
            return recorded


def record_after(store: Store, landing: Landing, last: int) -> Landing | None:
    """Write the landing under the number after `last`; None where another has that number."""
    full = last % FULL_EVERY == 0
    files = fold(snapshot(store, landing.source, last), landing.changed, landing.gone) if full else None
    candidate = dataclasses.replace(
        landing, number=last + 1, snapshot=tuple(sorted(files.values())) if files is not None else None
    )
    made = store.create(name(landing.source, candidate.number), documents.dump(dataclasses.asdict(candidate)))
    return candidate if made else None
