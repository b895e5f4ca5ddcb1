"""Nothing is landed that was not re-hashed: a seal is compared with the files beside it, the request and the lake."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fieldhouse.extract import folder, keys, reading
from fieldhouse.extract.known import Known
from fieldhouse.extract.log import printable
from fieldhouse.extract.refusals import SealRefused, Unsealed
from fieldhouse.extract.sealed import MANIFEST, Seal, SealedFile
from fieldhouse.sources import ASIDE, Feed, Limits, Source

KnownFiles = Mapping[tuple[str, str], Known]


def verify(out: Path, *, source: Source, run: str, attempt: int, known: KnownFiles, lifted: bool = False) -> Seal:
    """The seal in `out`, after every file was re-read and everything in it was found to be true.

    `known`: what the lake has of this source, by (feed, key). `lifted`: a person has accepted that limits are exceeded.
    Raises Unsealed (try again) where there is no readable seal, and SealRefused (look at the extractor) on the first
    pass over all deviations, which it lists.
    """
    where = f"{source.name}, run {run}, attempt {attempt}"
    found = folder.survey(out, source.limits.max_files + 1000)
    seal = _read(out, where, source.limits)
    lies = [*_identity(seal, source, run, attempt), *found.problems]
    lies += _names(seal, source, known)
    lies += _against_known(seal, known)
    lies += _against_files(out, seal, found.files, most=None if lifted else source.limits.max_file_bytes)
    over = [] if lifted else [*_over_limits(found.files, source.limits), *_vanished(seal, source, known)]
    if lies or over:
        hint = "" if lies else _over_hint(source, f"{source.name}/{run}-{attempt}")
        raise SealRefused(where, tuple(lies), over=tuple(over), hint=hint)
    return seal


def verify_reading(out: Path, *, source: Source, feed: Feed, run: str, attempt: int, wanted: Collection[str]) -> Seal:
    """The seal of a reading in `out`, after every file was re-read and everything in it was found to be true.

    `wanted`: the hashes of the raw files that were to be read; each must be answered for. Raises as `verify` does.
    """
    where = f"{source.name}/{feed.name}, read by run {run}, attempt {attempt}"
    sets = len(feed.records) + 1
    found = folder.survey(out, sets * len(wanted) + 1000)
    seal = _read(out, where, replace(source.limits, max_files=sets * len(wanted) + 1000))
    lies = [*_identity(seal, source, run, attempt), *found.problems]
    lies += _answers(seal, [records.name for records in feed.records], wanted)
    lies += _against_files(out, seal, found.files, most=source.limits.max_file_bytes)
    over = [*_over_limits(found.files, replace(source.limits, max_files=len(found.files)))]
    if lies or over:
        raise SealRefused(
            where, tuple(lies), over=tuple(over), hint="mend the reader: docs/readers.md says what it owes"
        )
    return seal


def _answers(seal: Seal, sets: Collection[str], wanted: Collection[str]) -> Iterator[str]:
    """Each raw file has its records, or the reason for which it is set aside, and there is nothing else."""
    pairs = Counter((file.feed, file.key) for file in seal.files)
    yield from (f"{_name(feed, key)} is named {n} times" for (feed, key), n in pairs.items() if n > 1)
    answered: dict[str, set[str]] = {}
    for file in seal.files:
        sha256 = file.key.removesuffix(".ndjson")
        answered.setdefault(sha256, set()).add(file.feed)
        if file.feed not in (*sets, ASIDE):
            yield f"there is no record set {file.feed!a:.100}; there are {', '.join(sets)}, and {ASIDE}"
        if sha256 not in wanted or file.key != f"{sha256}.ndjson":
            yield f"{_name(file.feed, file.key)} is of no file that was to be read"
        if file.status != "new":
            yield f"{_name(file.feed, file.key)} is {file.status}; what is read is new"
    for sha256 in sorted(wanted):
        names = answered.get(sha256, set())
        if not names:
            yield f"nothing is said of the raw file {sha256}"
        elif ASIDE in names and len(names) > 1:
            yield f"the raw file {sha256} is set aside, and has records"


def _read(out: Path, where: str, limits: Limits) -> Seal:
    path = out / MANIFEST
    most = (1 << 20) + 4096 * limits.max_files
    try:
        with open(folder.open_plain(path), "rb") as file:
            text = file.read(most + 1)
        if len(text) > most:
            raise SealRefused(where, (f"{MANIFEST} has more than {most} bytes",))
        return reading.parse_seal(reading.parse_json(text))
    except FileNotFoundError:
        raise Unsealed(f"{where}: there is no seal ({MANIFEST}); the extractor did not finish") from None
    except folder.NotPlain as error:
        raise SealRefused(where, (f"{MANIFEST} is {error}",)) from error
    except reading.Faults as error:
        raise SealRefused(where, error.problems) from error
    except (OSError, ValueError) as error:
        raise Unsealed(f"{where}: the seal ({MANIFEST}) cannot be read: {error}") from error


def _identity(seal: Seal, source: Source, run: str, attempt: int) -> Iterator[str]:
    asked = {"source": source.name, "run": run, "attempt": attempt}
    for name, expected in asked.items():
        if (found := getattr(seal, name)) != expected:
            yield f"it is the seal of another request: {name} is {found!a:.100}; {expected!r} was asked for"


def _names(seal: Seal, source: Source, known: KnownFiles) -> Iterator[str]:
    """Feeds exist, pairs occur once, and the keys can stand beside those that the lake keeps."""
    pairs = Counter((file.feed, file.key) for file in seal.files)
    yield from (f"{_name(feed, key)} is named {n} times" for (feed, key), n in pairs.items() if n > 1)
    for feed in sorted({feed for feed, _ in pairs}):
        if feed not in source.feeds:
            yield f"there is no feed {feed!a:.100}; {source.name} has {', '.join(source.feeds)}"
    gone = {(file.feed, file.key) for file in seal.of("gone")}
    kept = [pair for pair in (*pairs, *known) if pair not in gone]
    for feed in source.feeds:
        yield from keys.faults(feed, dict.fromkeys(key for name, key in kept if name == feed))


def _against_known(seal: Seal, known: KnownFiles) -> Iterator[str]:
    for file in seal.files:
        before = known.get((file.feed, file.key))
        if file.status != "new" and before is None:
            yield f"{_name(file.feed, file.key)} is {file.status}, but the lake does not know it"
        elif file.status == "unchanged" and before and (file.sha256, file.bytes) != (before.sha256, before.bytes):
            yield (
                f"{_name(file.feed, file.key)} is unchanged, but has sha256 {file.sha256}, {file.bytes} bytes; "
                f"the lake knows {before.sha256}, {before.bytes} bytes"
            )


def _against_files(out: Path, seal: Seal, found: Mapping[str, int], *, most: int | None) -> Iterator[str]:
    """Files are as sealed; those of more than `most` bytes, which are refused for that, are not read."""
    new = {file.path: file for file in seal.of("new")}
    yield from (
        f"{path!a} lies in the output, but the seal does not name it as new" for path in sorted(found.keys() - new)
    )
    for path, file in new.items():
        yield from _file(out / path, file, found.get(path), most)


def _over_limits(found: Mapping[str, int], limits: Limits) -> Iterator[str]:
    if len(found) > limits.max_files:
        yield f"there are {len(found)} files; limits.max_files is {limits.max_files}"
    if (total := sum(found.values())) > limits.max_bytes:
        yield f"the files have {total} bytes; limits.max_bytes is {limits.max_bytes}"
    for path, size in found.items():
        if size > limits.max_file_bytes:
            name = printable(path.removeprefix("files/"))[:300]
            yield f"{name} has {size} bytes; limits.max_file_bytes is {limits.max_file_bytes}"


def _file(path: Path, file: SealedFile, size: int | None, most: int | None) -> Iterator[str]:
    name = _name(file.feed, file.key)
    if size is None:
        yield f"{name} is new, but the output has no such file"
    elif size != file.bytes:
        yield f"{name} has {size} bytes; the seal says {file.bytes}"
    elif most is None or size <= most:
        yield from _hash(path, file, name)


def _hash(path: Path, file: SealedFile, name: str) -> Iterator[str]:
    try:
        found = folder.sha256(path)
    except folder.NotPlain as error:
        yield f"{name} is {error}"
    else:
        if found != file.sha256:
            yield f"{name} has sha256 {found}; the seal says {file.sha256}"


def _vanished(seal: Seal, source: Source, known: KnownFiles) -> Iterator[str]:
    gone, share = len(seal.of("gone")), source.limits.max_vanished
    if gone > share * len(known) + 1e-9:
        example = seal.of("gone")[0]
        yield (
            f"{gone} of {len(known)} known keys are gone, {gone / max(len(known), 1):.1%}; "
            f"limits.max_vanished allows {share:.1%}, which is {int(share * len(known) + 1e-9)}; "
            f"the first is {_name(example.feed, example.key)}"
        )


def _over_hint(source: Source, attempt: str) -> str:
    return (
        f"look at upstream and at `fieldhouse source aside show {attempt}`; if it is right, accept it there, "
        f"or raise limits.max_vanished in containers/{source.name}/source.toml (or the limit that is named); "
        "otherwise mend its [bases] or key lists"
    )


def _name(feed: str, key: str) -> str:
    return printable(f"{feed}/{key}")[:300]
