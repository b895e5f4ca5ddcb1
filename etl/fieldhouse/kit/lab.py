"""Where an extractor is tried: each trial has a folder, a request and an upstream of its own, and leaves what it did."""

import itertools
import json
import os
import shutil
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from fieldhouse.errors import DataError, TemporaryError
from fieldhouse.extract.ended import Ended
from fieldhouse.extract.known import Known
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.program import InImage, Native
from fieldhouse.extract.request import write_request
from fieldhouse.extract.seal import Seal, verify
from fieldhouse.interval import Interval
from fieldhouse.kit.faults import Behaviour, FaultServer
from fieldhouse.kit.subject import Subject, with_env
from fieldhouse.kit.upstream import Upstream
from fieldhouse.kit.verdicts import Failed
from fieldhouse.sources import Limits

RUN = "kit-1"
#: Files of one landing, by feed and key: the hash of each.
Landed = Mapping[tuple[str, str], str]
_KNOBS = {"FIELDHOUSE_HTTP_BACKOFF_S": "0.05"}
_FIRST_S = 900.0  # a command may have to be built before it runs for the first time
_SLACK_S = 20.0  # beyond its deadline, before the kit itself ends an extractor
_LAST_LINES = 5


@dataclass(frozen=True)
class Order:
    """What a trial is asked, beyond the usual: everything that upstream offers, with nothing known.

    `edit` changes the request's document before it is written; `secrets` are files by name.
    """

    known: Sequence[Known] = ()
    state: Mapping[str, object] | None = None
    feeds: Sequence[str] | None = None
    interval: Interval | None = None
    attempt: int = 1
    deadline_s: float | None = None
    silence_s: float | None = None
    max_file_bytes: int | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    edit: Callable[[dict[str, object]], None] = lambda _: None

    def limited(self, limits: Limits) -> Limits:
        """The usual limits, with this order's own in their place."""
        return replace(
            limits,
            deadline_s=self.deadline_s or limits.deadline_s,
            silence_s=self.silence_s or limits.silence_s,
            max_file_bytes=self.max_file_bytes or limits.max_file_bytes,
        )


_USUAL = Order()


@dataclass(frozen=True)
class Trial:
    """One run of an extractor, and what it left. `seconds`: how long it took; `times`: when each line of its log came."""

    lab: "Lab"
    order: Order
    folder: Path
    ended: Ended
    log: tuple[LogRecord, ...]
    times: tuple[float, ...]
    seconds: float

    @property
    def out(self) -> Path:
        """Its output."""
        return self.folder / "out"

    @property
    def sealed(self) -> bool:
        """Whether there is a seal, true or not."""
        return (self.out / "manifest.json").exists()

    @cached_property
    def seal(self) -> Seal:
        """Its seal, as the pipeline verifies it; Failed where the pipeline would not land it."""
        known = {(entry.feed, entry.key): entry for entry in self.order.known}
        source = replace(self.lab.source, limits=replace(self.lab.source.limits, max_vanished=1.0))
        try:
            return verify(self.out, source=source, run=RUN, attempt=self.order.attempt, known=known)
        except (DataError, TemporaryError) as error:
            raise Failed(error.message) from error

    @property
    def landed(self) -> Landed:
        """What the lake holds after it: what was known and is not gone, and what is new."""
        found = {(entry.feed, entry.key): entry.sha256 for entry in self.order.known}
        for file in self.seal.files:
            found.pop((file.feed, file.key), None)
            if file.status != "gone":
                found[file.feed, file.key] = file.sha256 or ""
        return found

    def ends(self, *codes: int) -> "Trial":
        """Itself, if it ended by itself with one of these codes; else Failed."""
        if self.ended.killed in ("deadline", "silence"):
            what = {"deadline": "was still running long after its deadline", "silence": "was silent for too long"}
            raise Failed(f"it {what[self.ended.killed]}, and was ended")
        if self.ended.exit_code not in codes:
            wanted = " or ".join(map(str, codes))
            raise Failed(f"it ended with {self.ended.exit_code}; {wanted} is expected{self._why()}")
        return self

    def unsealed(self) -> "Trial":
        """Itself, if it left no seal; else Failed."""
        if self.sealed:
            raise Failed(f"it ended with {self.ended.exit_code} and left a seal all the same")
        return self

    def _why(self) -> str:
        return f" (it said: {self.ended.last_error.msg})" if self.ended.last_error else ""

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of its log."""
        return tuple(f"{record.level}: {record.msg}" for record in self.log[-_LAST_LINES:])


class Lab:
    """One extractor under trial, with its upstream. `large`: bytes of a body that memory must not hold."""

    def __init__(self, subject: Subject, upstream: Upstream, work: Path, *, large: int) -> None:
        self.subject = subject
        self.source = replace(subject.source, limits=_limits(subject.source.limits, large))
        self.upstream = upstream
        self.work = work
        self.large = large
        self._asked: list[str] = []
        self._numbers = itertools.count(1)
        self._mine = threading.local()

    @contextmanager
    def server(self, faults: Mapping[str, Behaviour] | None = None) -> Iterator[FaultServer]:
        """The good upstream, with other answers for some paths."""
        with FaultServer() as server:
            self.upstream.serve(server)
            for path, behaviour in (faults or {}).items():
                server.on(path, behaviour)
            yield server

    def trial(
        self,
        mirror: str,
        order: Order = _USUAL,
        *,
        program: Native | InImage | None = None,
        stop: threading.Event | None = None,
        writable_home: bool = True,
        temporary: Path | None = None,
    ) -> Trial:
        """Run the extractor once against the upstream at `mirror`; it is stopped when `stop` is set.

        `temporary`: what a command has for TMPDIR; None for a folder of its own.
        """
        folder = self.work / f"{next(self._numbers):03d}"
        found = program or self.subject.program
        request = self._request(folder, order, mirror, found)
        for name in ("out", "home", "tmp"):
            (folder / name).mkdir()
        if not writable_home:
            (folder / "home").chmod(0o555)
        if isinstance(found, Native):
            found = replace(found, cwd=folder / "home")
            found = with_env(found, {**_own_cache(), "HOME": str(folder / "home")})
            found = with_env(found, {"TMPDIR": str(temporary or folder / "tmp")})
        records: list[LogRecord] = []
        times: list[float] = []

        def log(record: LogRecord) -> None:
            records.append(record)
            times.append(time.monotonic() - began)

        # How silent it may be is for the check to judge: a container needs time to begin.
        limits = replace(order.limited(self.source.limits), silence_s=self.source.limits.silence_s)
        began = time.monotonic()
        ended = with_env(found, _KNOBS).run(
            request,
            folder / "out",
            limits=replace(limits, deadline_s=limits.deadline_s + _SLACK_S),
            log=log,
            stop=stop,
            mounts=[folder / "secrets"] if order.secrets else [],
        )
        trial = Trial(self, order, folder, ended, tuple(records), tuple(times), time.monotonic() - began)
        self.last = trial
        return trial

    @cached_property
    def shared(self) -> Path:
        """A folder for what several processes of one machine share."""
        folder = self.work / "shared"
        folder.mkdir()
        return folder

    @property
    def last(self) -> Trial | None:
        """The newest trial of this thread."""
        return getattr(self._mine, "last", None)

    @last.setter
    def last(self, trial: Trial | None) -> None:
        self._mine.last = trial

    @cached_property
    def baseline(self) -> Trial:
        """The first trial: all feeds of a good upstream, nothing known."""
        with self.server() as server:
            trial = self.trial(server.url, Order(deadline_s=_FIRST_S))
            self._asked = [path for path in server.paths if path in self.upstream.files]
        return trial

    @property
    def paths(self) -> list[str]:
        """The upstream's files that the first trial asked for, in order; Failed where there are none."""
        self.baseline  # noqa: B018  (finds out)
        if not self._asked:
            raise Failed("it asked for none of the upstream's files: it does not use `mirror`")
        return self._asked

    @cached_property
    def target(self) -> str:
        """The path whose answers are spoilt: the largest file that it asks for, if there is one a text."""

        def rank(path: str) -> tuple[bool, int, str]:
            return self.upstream.longer(path, 0) is not None, len(self.upstream.files[path]), path

        return max(self.paths, key=rank)

    @property
    def known(self) -> list[Known]:
        """What the lake has after the first trial."""
        return known_after(self.baseline.seal)

    def _request(self, folder: Path, order: Order, mirror: str, found: Native | InImage) -> Path:
        source = replace(self.source, limits=order.limited(self.source.limits))
        path = write_request(
            folder / "in",
            source,
            RUN,
            order.attempt,
            known=order.known,
            state=order.state,
            interval=order.interval,
            feeds=order.feeds,
            config=self._config,
            secrets=_secrets(folder, order.secrets),
            mirror=mirror,
            seen_as=found.inbox,
        )
        document = json.loads(path.read_text(encoding="utf-8"))
        order.edit(document)
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    @cached_property
    def _config(self) -> Mapping[str, object]:
        """What the sample says of its own extent: it may hold less than upstream."""
        path = self.source.folder / "sample" / "config.toml"
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def known_after(seal: Seal) -> list[Known]:
    """What the lake has after a seal was landed."""
    return [
        Known(file.feed, file.key, file.sha256 or "", file.bytes or 0, file.etag, file.last_modified)
        for file in seal.files
        if file.status != "gone"
    ]


def _own_cache() -> dict[str, str]:
    """Where a command's builds are kept, which no trial should have to repeat."""
    return {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())}


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for trials that other users may enter, since extractors run as one; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fieldhouse-kit-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        for home in folder.glob("*/home"):
            home.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)


def _limits(declared: Limits, large: int) -> Limits:
    """Limits under which a trial takes seconds, whatever the source's own are."""
    return replace(
        declared,
        deadline_s=60.0,
        silence_s=30.0,
        max_bytes=4 * large,
        max_file_bytes=2 * large,
        requests_per_second=1000.0,
    )


def _secrets(folder: Path, secrets: Mapping[str, str]) -> Path | None:
    if not secrets:
        return None
    found = folder / "secrets"
    found.mkdir(parents=True)
    for name, value in secrets.items():
        (found / name).write_text(value, encoding="utf-8")
        (found / name).chmod(0o644)
    found.chmod(0o755)
    return found


def names(files: Iterable[tuple[str, str]]) -> str:
    """A few files in words."""
    listed = [f"{feed}/{key}" for feed, key in sorted(files)]
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
