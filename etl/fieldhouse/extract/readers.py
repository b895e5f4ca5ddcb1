"""Records made by a source's own reader, the protocol's task `read`: asked for, run, verified, and put on a shelf."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse import settings
from fieldhouse.extract import program, shelf
from fieldhouse.extract.ended import raise_for
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.refusals import SealRefused
from fieldhouse.extract.request import FILES, RawFile, write_read_request
from fieldhouse.extract.sealed import MANIFEST, Seal
from fieldhouse.extract.shelf import Shelf
from fieldhouse.extract.verify import verify_reading
from fieldhouse.lake import objects
from fieldhouse.lake.landings import Landed
from fieldhouse.lake.store import Store
from fieldhouse.sources import ASIDE

if TYPE_CHECKING:
    import pyarrow as pa

#: Brackets that open one after another without one that closes; deeper lines nobody could check.
DEEPEST = 64
_TOO_DEEP = re.compile(rb"([\[{][^\[\]{}]*){%d}" % DEEPEST)


@dataclass(frozen=True)
class Left:
    """A reading that something else ran (a pod): the folder of its request, and its output."""

    inbox: Path
    out: Path


def ensure(
    store: Store,
    place: Shelf,
    landed: Sequence[Landed],
    run: str,
    *,
    left: Sequence[Left] = (),
    log: Callable[[LogRecord], None] = lambda _: None,
) -> "pa.Table":
    """The records of these files: remembered, `left` by a reader that ran elsewhere, or read now by the source's reader.

    Raises the error of its exit class where the reader fails, SealRefused where what it wrote is not true.
    """
    known = shelf.find(store, place)
    absent = shelf.missing(known, landed)
    for one in left if absent else ():
        known = _take(store, place, landed, known, one)
        absent = shelf.missing(known, landed)
    if absent:
        known = shelf.remember(store, place, landed, known, _read(store, place, absent, run, log))
    assert known is not None
    return shelf.only(known, {item.sha256 for item in landed})


def _take(
    store: Store, place: Shelf, landed: Sequence[Landed], known: "pa.Table | None", left: Left
) -> "pa.Table | None":
    """Put on the shelf what a reader has left of these files; nothing, if it did not end, or read another feed."""
    asked = json.loads((left.inbox / "request.json").read_text(encoding="utf-8"))
    if place.feed.name not in asked["feeds"] or not (left.out / MANIFEST).is_file():
        return known
    lines = (left.inbox / FILES).read_text(encoding="utf-8").splitlines()
    keys = {entry["sha256"]: entry["key"] for entry in map(json.loads, lines)}
    read = shelf.only(collect(left.out, place, asked["run"], asked["attempt"], keys), {i.sha256 for i in landed})
    have = set() if known is None else set(known["object"].unique().to_pylist())
    fresh = set(read["object"].unique().to_pylist()) - have
    return shelf.remember(store, place, landed, known, shelf.only(read, fresh)) if fresh else known


def _read(
    store: Store, place: Shelf, absent: Sequence[Landed], run: str, log: Callable[[LogRecord], None]
) -> "pa.Table":
    source = place.source
    reader = program.find_reader(source)
    with tempfile.TemporaryDirectory(prefix="read-", dir=settings.scratch()) as folder:
        out = Path(folder) / "out"
        out.mkdir()
        request = ask(store, place, absent, run, 1, Path(folder) / "in", seen_as=reader.inbox)
        ended = reader.run(request, out, limits=source.limits, log=log)
        raise_for(replace(ended, program="reader"), source)
        return collect(out, place, run, 1, {item.sha256: item.key for item in absent})


def ask(
    store: Store, place: Shelf, absent: Sequence[Landed], run: str, attempt: int, inbox: Path, *, seen_as: Path | None
) -> Path:
    """Write the request to read these files into `inbox`; the path of its request.json.

    A reader that sees the inbox as another folder sees nothing else: for it the files are copied there.
    """
    paths = objects.local_paths(store, [item.sha256 for item in absent])
    if seen_as is None:
        files = [RawFile(item.key, item.sha256, str(p.resolve())) for item, p in zip(absent, paths, strict=True)]
    else:
        (inbox / "files").mkdir(parents=True, exist_ok=True)
        for item, path in zip(absent, paths, strict=True):
            shutil.copyfile(path, inbox / "files" / item.sha256)
        files = [RawFile(item.key, item.sha256, str(seen_as / "files" / item.sha256)) for item in absent]
    return write_read_request(inbox, place.source, place.feed.name, run, attempt, files, seen_as=seen_as)


def collect(out: Path, place: Shelf, run: str, attempt: int, keys: Mapping[str, str]) -> "pa.Table":
    """The records in a reader's output, verified. `keys`: hash → key of the raw files that were to be read."""
    import pyarrow as pa

    seal = verify_reading(out, source=place.source, feed=place.feed, run=run, attempt=attempt, wanted=keys.keys())
    names = {"object": pa.string(), "records": pa.string(), "ordinal": pa.int32(), "record": pa.string()}
    rows = list(_rows(out, seal, place, keys))
    return pa.table([pa.array(c, t) for c, t in zip(zip(*rows, strict=True), names.values(), strict=True)], list(names))


def _rows(out: Path, seal: Seal, place: Shelf, keys: Mapping[str, str]) -> Iterator[tuple[str, str, int, str | None]]:
    reasons: dict[str, str] = {}
    for file in seal.files:
        sha256 = file.key.removesuffix(".ndjson")
        where = f"{place.source.name}/{place.feed.name}/{keys[sha256]}, {file.feed}"
        for ordinal, line in enumerate(_lines(out / file.path, where)):
            if file.feed == ASIDE:
                reasons.setdefault(sha256, line)
            else:
                yield sha256, file.feed, ordinal, line
    yield from ((sha256, "", -1, reasons.get(sha256)) for sha256 in keys)


def _lines(path: Path, where: str) -> Iterator[str]:
    """The lines of a file of records; SealRefused where one is no JSON object that could be checked."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                if line.count(b"{") + line.count(b"[") >= DEEPEST and _TOO_DEEP.search(line):
                    raise ValueError(f"it is nested deeper than {DEEPEST} levels")
                value = json.loads(line, parse_constant=_no_constant)
                if not isinstance(value, dict):
                    raise ValueError(f"it is a {type(value).__name__}, not an object")
                yield line.decode().rstrip("\n")
            except ValueError as error:
                raise SealRefused(
                    where, (f"line {number} is no record: {error}",), hint="mend the reader: docs/readers.md"
                ) from error


def _no_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is not JSON")
