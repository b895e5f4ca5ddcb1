"""All keys of a job, fetched by a few threads; what came of them is kept until it is sealed."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fieldhouse.errors import DataError, FieldhouseError, InternalError, StorageError, TemporaryError
from fieldhouse.extract.http.fetch import Fetched, Fetcher
from fieldhouse.extract.http.job import Bounds
from fieldhouse.extract.http.plan import Wanted
from fieldhouse.extract.http.politeness import Clock
from fieldhouse.extract.sealed import SealedFile

_GIVE_UP = 8  # keys of one host that fail in a row, each after all its tries


@dataclass(frozen=True)
class Failure:
    """A key that could not be fetched, and why."""

    wanted: Wanted
    error: FieldhouseError


class Work:
    """Fetches `plan` into `out`. `files` and `failures` hold what has come of it so far; after `close` nothing more."""

    def __init__(self, plan: Sequence[Wanted], fetcher: Fetcher, out: Path, bounds: Bounds, clock: Clock) -> None:
        self.done = threading.Event()
        self.failures: list[Failure] = []
        self.fatal: Failure | None = None
        self.finished = 0
        self._plan = plan
        self._fetcher = fetcher
        self._out = out
        self._bounds = bounds
        self._clock = clock
        self._next = iter(range(len(plan)))
        self._found: dict[int, SealedFile] = {}
        self._sizes: list[int] = []
        self._in_a_row: dict[str, int] = {}
        self._folders: set[Path] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._running = min(fetcher.threads, len(plan))

    def start(self) -> None:
        """Start the threads; `done` is set when all keys are through, or one failed for good."""
        for _ in range(self._running):
            threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> tuple[SealedFile, ...]:
        """The files to seal, in the plan's order; a thread that is still at work cannot add to them any more."""
        with self._lock:
            self._closed = True
            return tuple(self._found[index] for index in sorted(self._found))

    @property
    def left(self) -> int:
        """How many keys are not through."""
        return len(self._plan) - self.finished

    def _run(self) -> None:
        for index in self._next:
            if self._clock.stopped.is_set():
                break
            self._one(index, self._plan[index])
        with self._lock:
            self._running -= 1
            if not self._running:
                self.done.set()

    def _one(self, index: int, wanted: Wanted) -> None:
        host = urlsplit(wanted.url).netloc
        try:
            self._not_given_up(host)
            self._take(index, self._fetcher.fetch(wanted))
            self._in_a_row[host] = 0
        except TemporaryError as error:
            self._in_a_row[host] = self._in_a_row.get(host, 0) + 1
            self._fail(Failure(wanted, error))
        except FieldhouseError as error:
            self._fail(Failure(wanted, error))
        except OSError as error:
            self._fail(Failure(wanted, StorageError(f"cannot write: {error.strerror}")))
        except Exception as error:  # whatever it is, it must not look like success
            self._fail(Failure(wanted, InternalError(f"{type(error).__name__}: {error}")))

    def _not_given_up(self, host: str) -> None:
        if self._in_a_row.get(host, 0) >= _GIVE_UP:
            raise TemporaryError(f"not tried: {_GIVE_UP} keys of {host} failed in a row")

    def _take(self, index: int, fetched: Fetched) -> None:
        """Move new bytes to their place and remember the key, in one step as seen by `close`."""
        file = fetched.file
        with self._lock:
            if self._closed:
                return
            if file and fetched.body and file.status == "new":
                self._place(file, fetched.body)
            elif fetched.body:
                fetched.body.unlink()
            if file:
                self._found[index] = file
            self.finished += 1

    def _place(self, file: SealedFile, body: Path) -> None:
        self._sizes.append(file.bytes or 0)
        if len(self._sizes) > self._bounds.max_files or sum(self._sizes) > self._bounds.max_bytes:
            raise DataError(
                f"more than {self._bounds.max_files} files or {self._bounds.max_bytes} bytes",
                hint="if upstream is that large, raise limits.max_files or limits.max_bytes",
            )
        path = self._out / file.path
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        os.replace(body, path)

    def _fail(self, failure: Failure) -> None:
        with self._lock:
            if self._closed:
                return
            self.finished += 1
            self.failures.append(failure)
            if not isinstance(failure.error, TemporaryError) and self.fatal is None:
                self.fatal = failure
                self._clock.stopped.set()
                self.done.set()
