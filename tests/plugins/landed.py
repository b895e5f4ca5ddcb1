"""A landing made from files, without an extractor: an attempt as one leaves it, landed by the product's own stage."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from fieldhouse import sources
from fieldhouse.extract.known import Known
from fieldhouse.extract.request import write_request
from fieldhouse.extract.sealed import PROTOCOL, Archive, Seal, SealedFile, write_seal
from fieldhouse.lake import landings
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.store import Store
from fieldhouse.stages import attempt as attempts
from fieldhouse.stages import land
from fieldhouse.stages.attempt import Attempt

Files = Mapping[tuple[str, str], Path | bytes]


def land_files(
    store: Store,
    source: str,
    files: Files,
    *,
    gone: Iterable[tuple[str, str]] = (),
    run: str = "landed",
    archives: Mapping[tuple[str, str], Archive] | None = None,
) -> Landing:
    """Land `files`, said by (feed, key) as paths or bytes; the landing, numbered.

    As after an extraction that ended well: what the lake knows with equal bytes is `unchanged`, everything else `new`.
    `archives`: for keys that are members, the archive. `run` may be used again: it makes another attempt, another landing.
    Raises SealRefused where the product refuses it (keys that it does not allow, more than `max_vanished` gone, …).
    """
    declared = sources.find(source)
    last = max(landings.numbers(store, source), default=0)
    snapshot = landings.snapshot(store, source, last)
    known = {pair: Known(*pair, f.sha256, f.bytes, f.etag, f.last_modified) for pair, f in snapshot.items()}
    attempt = attempts.begin_as(store, source, run, last + 1)  # never a number that has landed
    write_request(attempt.inbox, declared, run, attempt.number, known=known.values(), state=None)
    sealed = [_file(attempt, pair, said, known, (archives or {}).get(pair)) for pair, said in files.items()]
    lost = [SealedFile(feed, key, "gone") for feed, key in gone]
    write_seal(attempt.out, Seal(PROTOCOL, source, run, attempt.number, (*sealed, *lost)))
    attempt.write_exit(0)
    receipt = land.run(store, source, run)
    return landings.read(store, source, receipt.counts["landing"])


def _file(
    attempt: Attempt,
    pair: tuple[str, str],
    said: Path | bytes,
    known: Mapping[tuple[str, str], Known],
    archive: Archive | None,
) -> SealedFile:
    """One file of the seal; what is new is copied to where the extractor would have written it."""
    size, sha256 = _measure(said)
    before = known.get(pair)
    if before and (before.sha256, before.bytes) == (sha256, size):
        return SealedFile(*pair, "unchanged", size, sha256, etag=before.etag, last_modified=before.last_modified)
    file = SealedFile(*pair, "new", size, sha256, archive=archive)
    target = attempt.out / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(said, Path):
        shutil.copyfile(said, target)
    else:
        target.write_bytes(said)
    return file


def _measure(said: Path | bytes) -> tuple[int, str]:
    if isinstance(said, bytes):
        return len(said), hashlib.sha256(said).hexdigest()
    with said.open("rb") as file:
        return said.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
