"""A small upstream for a source: its sample folder, or files invented from its declaration."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fieldhouse.errors import ConfigurationError, FieldhouseError
from fieldhouse.extract.http import job
from fieldhouse.extract.http.job import Job
from fieldhouse.extract.http.plan import Wanted, plan
from fieldhouse.extract.request import write_request
from fieldhouse.kit.behaviours import Much
from fieldhouse.kit.faults import FaultServer, Ok
from fieldhouse.sources import Feed, RecordSet, Source

#: Files at the top of a sample folder that are about it, and not upstream's.
ABOUT = ("README.md", "SHA256SUMS", "config.toml")
MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"
_MIRROR = "http://127.0.0.1"
_MOST = 12  # keys of a feed that are invented
#: How archives and Parquet files begin: they cannot be longer by repeating their end.
_PACKED = (b"PK", b"\x1f\x8b", b"PAR1", b"\xfd7zXZ", b"BZh")
_EXAMPLES = {
    "integer": "1",
    "number": "1.5",
    "boolean": "true",
    "date": "2026-01-02",
    "list": "[]",
    "integers": "[1, 2]",
    "object": "{}",
}


@dataclass(frozen=True)
class Upstream:
    """What stands in for upstream: bytes by path, as a mirror has them."""

    files: Mapping[str, bytes]

    def serve(self, server: FaultServer) -> None:
        """Let the server answer as a good upstream does, with validators."""
        for path, body in self.files.items():
            server.on(path, self.answer(path, body))

    def answer(self, path: str, body: bytes | None = None) -> Ok:
        """A good answer: this path's bytes, or others in their place."""
        body = self.files[path] if body is None else body
        return Ok(body, etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"', last_modified=MODIFIED)

    def changed(self, path: str) -> bytes | None:
        """Other bytes that are data all the same: a longer file of the same format; None where that takes knowledge."""
        longer = self.longer(path, len(self.files[path]) + 1)
        return longer.body if longer else None

    def longer(self, path: str, size: int) -> Much | None:
        """A body of the same format with at least `size` bytes; None for one that is not made of lines."""
        body = self.files[path]
        if b"\0" in body or body.startswith(_PACKED) or not body.strip():
            return None
        if Path(path).suffix == ".json":
            whole = body.rstrip()
            return Much(whole[:-1], b" " * 64, -(-max(0, size - len(whole)) // 64) or 1, whole[-1:] + b"\n")
        body = body if body.endswith(b"\n") else body + b"\n"
        line = body.rstrip(b"\n").rpartition(b"\n")[2] + b"\n"
        return Much(body, line, -(-max(0, size - len(body)) // len(line)) or 1)


def of(source: Source, folder: Path) -> Upstream:
    """The source's sample, else what its declaration lets one invent; `folder` is for work.

    ConfigurationError where there is no sample and the feeds are not files with declared keys.
    """
    sample = source.folder / "sample"
    if sample.is_dir():
        about = [sample / name for name in ABOUT]
        paths = [path for path in sorted(sample.rglob("*")) if path.is_file() and path not in about]
        return Upstream({f"/{source.name}/{path.relative_to(sample).as_posix()}": path.read_bytes() for path in paths})
    request = write_request(folder, source, "kit", 1, known=(), state=None, mirror=_MIRROR)
    try:
        return Upstream(dict(_invented(source, job.read(request))))
    except FieldhouseError as error:
        raise ConfigurationError(
            f"{source.name}: what its upstream looks like cannot be told from its declaration: {error.message}",
            hint=f"lay files out as below its mirror, in {source.folder / 'sample'}",
        ) from error


def _invented(source: Source, todo: Job) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for name in todo.feeds:
        wanted = plan(replace(todo, feeds={name: todo.feeds[name]}))
        if wanted[0].optional:
            wanted = wanted[:_MOST]
        found += [(unquote(urlsplit(entry.url).path), _body(source.feed(name), entry)) for entry in wanted]
    return found


def _body(feed: Feed, wanted: Wanted) -> bytes:
    """A few records of a feed, each file with its own."""
    records = feed.records[0] if feed.records else None
    mark = int(hashlib.sha256(wanted.key.encode()).hexdigest()[:6], 16)
    match wanted.expect:
        case "csv":
            return _csv(records, mark)
        case "json":
            return json.dumps({"kit": mark, "items": list(range(40))}).encode() + b"\n"
        case "ndjson":
            return "".join(json.dumps({"kit": mark, "n": n}) + "\n" for n in range(20)).encode()
        case "parquet":
            return b"PAR1" + mark.to_bytes(8, "big") * 40 + b"PAR1"
        case _:
            return f"kit {mark}\n".encode() * 20


def _csv(records: RecordSet | None, mark: int) -> bytes:
    names = [field.name for field in records.fields] if records else ["a", "b"]
    types = [field.types[0] for field in records.fields] if records else ["text", "text"]
    row = [_EXAMPLES.get(kind, f"x{mark}") for kind in types]
    return "".join(",".join(line) + "\n" for line in [names, *[row] * 12]).encode()
