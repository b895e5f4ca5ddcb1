"""What the pipeline asks of an extractor: request.json and, beside it, known.ndjson (docs/protocol.md, "Request")."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import UsageError
from fieldhouse.extract.known import Known
from fieldhouse.interval import Interval, rfc3339
from fieldhouse.sources import Limits, Source

__all__ = ["Interval", "Known", "RawFile", "limits", "write_read_request", "write_request"]

PROTOCOL = 1
RUN = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
#: Beside a request to read: the files that are to be read.
FILES = "files.ndjson"
_LIMITS = (
    "deadline_s",
    "silence_s",
    "max_bytes",
    "max_file_bytes",
    "max_files",
    "requests_per_second",
    "concurrency",
)


def write_request(  # noqa: PLR0913  (what a request is made of)
    folder: Path,
    source: Source,
    run: str,
    attempt: int,
    *,
    known: Iterable[Known],
    state: Mapping[str, object] | None,
    interval: Interval | None = None,
    feeds: Sequence[str] | None = None,
    config: Mapping[str, object] | None = None,
    secrets: Path | None = None,
    mirror: str | None = None,
    seen_as: Path | None = None,
) -> Path:
    """Write what an extractor of `source` is asked into `folder` (made if absent); the path of its request.json.

    `seen_as`: the folder's path as the extractor sees it, where that is another one.

    `known`: what the lake has; entries of feeds that are not wanted are left out. `state`: what the last landed seal
    carried; not handed on with an `interval`. `feeds`: names, None for all. `config` replaces whole entries of the
    source's [config]. `mirror`: the URL that stands in for all bases.
    """
    if not RUN.fullmatch(run) or attempt < 1:
        raise UsageError(f"run {run!r}, attempt {attempt}: a run matches {RUN.pattern}, attempts count from 1")
    wanted = _wanted(source, feeds)
    folder.mkdir(parents=True, exist_ok=True)
    known_path = folder.resolve() / "known.ndjson"
    _write_known(known_path, (entry for entry in known if entry.feed in wanted))
    request = {
        "protocol": PROTOCOL,
        "task": "extract",
        "source": source.name,
        "run": run,
        "attempt": attempt,
        "interval": _interval(interval),
        "feeds": wanted,
        "config": {**source.config, **(config or {})},
        "secrets": None if secrets is None else str(secrets.resolve()),
        "known": str(seen_as / known_path.name if seen_as else known_path),
        "state": None if interval else state,
        "limits": limits(source.limits),
        "bases": source.bases,
        "mirror": mirror.rstrip("/") if mirror else None,
    }
    path = folder.resolve() / "request.json"
    path.write_text(json.dumps(request, ensure_ascii=False, indent=1, default=_plain) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class RawFile:
    """A raw file that is to be read: its key, its hash, and where it lies (as the reader sees it)."""

    key: str
    sha256: str
    path: str


def write_read_request(
    folder: Path,
    source: Source,
    feed: str,
    run: str,
    attempt: int,
    files: Sequence[RawFile],
    *,
    seen_as: Path | None = None,
) -> Path:
    """Write what a reader of `source` is asked into `folder`: to read `files` of one feed; the path of its request.json.

    `seen_as`: the folder's path as the reader sees it, where that is another one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder.resolve() / FILES
    with listed.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(vars(entry), ensure_ascii=False) + "\n" for entry in files)
    request = {
        "protocol": PROTOCOL,
        "task": "read",
        "source": source.name,
        "run": run,
        "attempt": attempt,
        "interval": None,
        "feeds": _wanted(source, [feed]),
        "records": [records.name for records in source.feed(feed).records],
        "config": {},
        "secrets": None,
        "known": None,
        "files": str((seen_as or listed.parent) / listed.name),
        "state": None,
        "limits": limits(source.limits),
        "bases": {},
        "mirror": None,
    }
    path = folder.resolve() / "request.json"
    path.write_text(json.dumps(request, ensure_ascii=False, indent=1, default=_plain) + "\n", encoding="utf-8")
    return path


def limits(limits: Limits) -> dict[str, float]:
    """The limits that an extractor is told; the others are the pipeline's alone."""
    return {name: getattr(limits, name) for name in _LIMITS}


def _wanted(source: Source, feeds: Sequence[str] | None) -> dict[str, Mapping[str, object]]:
    names = list(source.feeds) if feeds is None else feeds
    if not names:
        raise UsageError(f"{source.name}: no feed is wanted", hint=f"its feeds are {', '.join(source.feeds)}")
    return {name: source.feed(name).raw for name in names}


def _write_known(path: Path, known: Iterable[Known]) -> None:
    entries = sorted(known, key=lambda entry: (entry.feed, entry.key))
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(vars(entry), ensure_ascii=False) + "\n" for entry in entries)


def _interval(interval: Interval | None) -> dict[str, str] | None:
    if interval is None:
        return None
    return {"start": rfc3339(interval.start), "end": rfc3339(interval.end)}


def _plain(value: object) -> str:
    # TOML has dates and times, JSON has not.
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise UsageError(f"{value!r}, of type {type(value).__name__}, cannot stand in a request")
