"""Landing one attempt: shared by `land`, and by `extract`, which first lands what earlier attempts left unlanded."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from fieldhouse.errors import Exit, FieldhouseError
from fieldhouse.extract.known import Known
from fieldhouse.extract.refusals import SealRefused
from fieldhouse.extract.sealed import Seal, SealedFile
from fieldhouse.extract.verify import verify
from fieldhouse.lake import documents, landings, objects
from fieldhouse.lake.landings import Landed, Landing, Snapshot
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source
from fieldhouse.stages.attempt import Attempt

#: Bytes of a refused attempt that are kept aside for a look.
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
    known = _known(attempt)
    try:
        seal = verify(attempt.out, source=source, run=attempt.run, attempt=attempt.number, known=known)
    except SealRefused as error:
        _set_aside(store, attempt, str(error))
        raise
    for file in seal.of("new"):
        objects.put(store, file.sha256 or "", attempt.out / file.path)
    last = max(landings.numbers(store, source.name), default=0)
    before = landings.snapshot(store, source.name, last)
    earlier = landings.read(store, source.name, last) if last else None
    backfill = _is_backfill(attempt)
    # Only an extractor that ended well has seen everything up to its `state`; a backfill saw what lies within its
    # interval, and makes nothing whole that was partial before.
    partial = attempt.read_exit() != Exit.DONE or (backfill and earlier is not None and earlier.partial)
    state = (earlier.state if earlier else None) if partial or backfill else seal.state
    landing = Landing(
        source=source.name,
        number=0,
        run=attempt.run,
        attempt=attempt.number,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        changed=_changed(seal, before),
        gone=tuple((f.feed, f.key) for f in seal.of("gone")),
        partial=partial,
        state=state,
    )
    return landings.record(store, landing)


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


def _set_aside(store: Store, attempt: Attempt, why: str) -> None:
    """Keep a refused attempt for a look: a report, and its plain files as far as they fit."""
    where = f"aside/{attempt.source}/{attempt.run}-{attempt.number}"
    room = KEPT_ASIDE
    kept: list[dict[str, object]] = []
    for path in sorted(p for p in attempt.out.rglob("*") if p.is_file() and not p.is_symlink()):
        size = path.stat().st_size
        if size <= room and not path.is_relative_to(attempt.out / "tmp"):
            room -= size
            name = f"{where}/{len(kept):05d}"
            store.hint(name, path.read_bytes())
            kept.append({"path": path.relative_to(attempt.out).as_posix(), "kept": name, "bytes": size})
    report = {"source": attempt.source, "run": attempt.run, "attempt": attempt.number, "why": why, "files": kept}
    store.hint(f"{where}/report.json", documents.dump(report))
