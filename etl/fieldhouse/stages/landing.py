"""Landing one attempt: shared by `land`, and by `extract`, which first lands what earlier attempts left unlanded."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from fieldhouse.errors import Exit, FieldhouseError
from fieldhouse.extract.known import Known
from fieldhouse.extract.refusals import SealRefused
from fieldhouse.extract.sealed import Seal, SealedFile
from fieldhouse.extract.verify import verify
from fieldhouse.lake import aside, landings, objects
from fieldhouse.lake.aside import Refused
from fieldhouse.lake.landings import Landed, Landing, Snapshot
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source
from fieldhouse.stages.attempt import Attempt

#: Bytes of an attempt whose seal is not true that are kept aside for a look.
KEPT_ASIDE = 50 << 20


def land(store: Store, source: Source, attempt: Attempt) -> Landing:
    """Verify and store an attempt's files and record the landing; the landing that it made before, if it did."""
    return _landed_before(store, attempt) or _land(store, source, attempt)


def land_left(store: Store, source: Source, left: list[Attempt]) -> int:
    """Land the valid seals among attempts that were left, and clear them away; how many there were.

    An attempt without a true seal lands nothing and is left for `land` to tell.
    """
    landed = 0
    for attempt in left:
        try:
            land(store, source, attempt)
        except FieldhouseError:
            continue
        attempt.clear()
        landed += 1
    return landed


def _landed_before(store: Store, attempt: Attempt) -> Landing | None:
    for number in reversed(landings.numbers(store, attempt.source)[-8:]):
        landing = landings.read(store, attempt.source, number)
        if (landing.run, landing.attempt) == (attempt.run, attempt.number):
            return landing
    return None


def _land(store: Store, source: Source, attempt: Attempt) -> Landing:
    try:
        seal = _verified(source, attempt)
    except SealRefused as error:
        set_aside(store, source, attempt, error.message, lies=error.lies, over=error.over)
        raise
    _put(store, attempt, seal)
    return landings.record(store, _landing(store, attempt, seal, max(landings.numbers(store, source.name), default=0)))


def land_after(store: Store, source: Source, attempt: Attempt, last: int, accepted: str | None) -> Landing | None:
    """Verify an attempt again and land it right after the landing `last`; None where another landing followed that.

    `accepted`: the document that says who accepted that it exceeds limits; without it they hold.
    """
    seal = _verified(source, attempt, lifted=accepted is not None)
    _put(store, attempt, seal)
    made = replace(_landing(store, attempt, seal, last), accepted=accepted)
    return landings.record_after(store, made, last)


def _verified(source: Source, attempt: Attempt, *, lifted: bool = False) -> Seal:
    known = _known(attempt)
    return verify(attempt.out, source=source, run=attempt.run, attempt=attempt.number, known=known, lifted=lifted)


def _put(store: Store, attempt: Attempt, seal: Seal) -> None:
    for file in seal.of("new"):
        objects.put(store, file.sha256 or "", attempt.out / file.path)


def _landing(store: Store, attempt: Attempt, seal: Seal, last: int) -> Landing:
    """The landing that a seal makes on top of the landing `last`, without a number yet."""
    earlier = landings.read(store, attempt.source, last) if last else None
    backfill = _is_backfill(attempt)
    # Only an extractor that ended well has seen everything up to its `state`; a backfill saw what lies within its
    # interval, and makes nothing whole that was partial before.
    partial = attempt.read_exit() != Exit.DONE or (backfill and earlier is not None and earlier.partial)
    state = (earlier.state if earlier else None) if partial or backfill else seal.state
    return Landing(
        source=attempt.source,
        number=0,
        run=attempt.run,
        attempt=attempt.number,
        time=_now(),
        changed=_changed(seal, landings.snapshot(store, attempt.source, last)),
        gone=tuple((f.feed, f.key) for f in seal.of("gone")),
        partial=partial,
        state=state,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _is_backfill(attempt: Attempt) -> bool:
    """Whether this attempt's request asked for an interval."""
    return json.loads((attempt.inbox / "request.json").read_text(encoding="utf-8"))["interval"] is not None


def _known(attempt: Attempt) -> Mapping[tuple[str, str], Known]:
    """What this attempt's request said that the lake has."""
    lines = (attempt.inbox / "known.ndjson").read_text(encoding="utf-8").splitlines()
    entries = (Known(**json.loads(line)) for line in lines if line)
    return {(entry.feed, entry.key): entry for entry in entries}


def _changed(seal: Seal, before: Snapshot) -> tuple[Landed, ...]:
    """The files whose bytes or validators are not those of the snapshot."""
    found = []
    for file in (*seal.of("new"), *seal.of("unchanged")):
        landed = _as_landed(file)
        had = before.get(landed.id)
        same = had is not None and (had.sha256, had.etag, had.last_modified) == (
            landed.sha256,
            landed.etag,
            landed.last_modified,
        )
        if not same:
            found.append(landed)
    return tuple(sorted(found))


def _as_landed(file: SealedFile) -> Landed:
    archive = vars(file.archive) if file.archive else None
    return Landed(
        file.feed,
        file.key,
        file.sha256 or "",
        file.bytes or 0,
        file.url,
        file.etag,
        file.last_modified,
        file.fetched_at,
        archive,
    )


def set_aside(
    store: Store,
    source: Source,
    attempt: Attempt,
    why: str,
    *,
    lies: tuple[str, ...] = (),
    over: tuple[str, ...] = (),
) -> None:
    """Keep a refused attempt: its report, and its files. What only exceeds limits may be accepted, so all of it stays."""
    refused = Refused(
        source=source.name,
        run=attempt.run,
        attempt=attempt.number,
        time=_now(),
        why=why,
        lies=lies,
        over=over,
        base=max(landings.numbers(store, source.name), default=0),
        exit=attempt.read_exit(),
    )
    aside.keep(store, refused, attempt.folder, KEPT_ASIDE if lies else max(KEPT_ASIDE, source.limits.max_bytes))
