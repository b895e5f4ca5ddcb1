"""One run, from request to seal."""

import itertools
import queue
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from extractor.failure import Exit, Failure, failure_of
from extractor.fetch import Client
from extractor.files import Fetched, File, Wanted, check_key
from extractor.log import say, silent_for
from extractor.pace import Clock
from extractor.request import Request
from extractor.seal import write_seal

GIVE_UP = 8  # keys that fail in a row, each after all its tries


class Extraction:
    """One run, from request to seal. Fetch as often as you like; `request` says what is asked for."""

    def __init__(self, request: Request, out: Path) -> None:
        self.request = request
        self.out = out
        self.clock = Clock(request.limits.deadline_s)
        self.files: dict[tuple[str, str], File] = {}
        self.failures: list[Failure] = []
        self._client = Client(request, self.clock)
        self._in_a_row = 0
        self._through = itertools.count(1)
        self._new: list[int] = []
        self._parts = itertools.count()
        (out / "tmp").mkdir(exist_ok=True)

    def fetch(self, wanted: Iterable[Wanted]) -> list[Fetched]:
        """Fetch keys, a few at once, and remember them for the seal; what came of each, in order.

        A key that fails in a way that may pass is left out, and the run will end with 75. Any other failure is raised.
        """
        todo = list(wanted)
        for entry in todo:
            check_key(entry.key)
        jobs, results = iter(list(enumerate(todo))), queue.SimpleQueue[tuple[int, Fetched | Failure]]()
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    job = next(jobs, None)
                if job is None or self.clock.stopped.is_set():
                    return
                results.put((job[0], self._attempt(job[1])))

        for _ in range(min(self._client.width, len(todo))):
            threading.Thread(target=work, daemon=True).start()
        return self._collect(todo, results)

    def _attempt(self, wanted: Wanted) -> Fetched | Failure:
        try:
            if self._in_a_row >= GIVE_UP:
                raise Failure(Exit.TEMPORARY, f"not tried: {GIVE_UP} keys failed in a row")
            return self._client.fetch(wanted, self.out / "tmp" / f"{next(self._parts)}.part")
        except Exception as error:  # whatever it is, it must not look like success
            return failure_of(error)

    def _collect(
        self, todo: list[Wanted], results: "queue.SimpleQueue[tuple[int, Fetched | Failure]]"
    ) -> list[Fetched]:
        """Take results as they come. Only this thread moves files, so that none appears after the seal."""
        found: dict[int, Fetched] = {}
        open_ = set(range(len(todo)))
        while open_:
            try:
                number, result = results.get(timeout=max(0.0, self.clock.left()))
            except queue.Empty:
                self.clock.stopped.set()
                late = Failure(Exit.TEMPORARY, "the deadline is over: raise limits.deadline_s")
                self.failures += [late] * len(open_)
                break
            open_.discard(number)
            self._progress(len(todo))
            if isinstance(result, Failure):
                self._failed(todo[number], result)
            else:
                self._in_a_row = 0
                found[number] = self._taken(result)
        return [found[number] for number in sorted(found)]

    def _progress(self, total: int) -> None:
        done = next(self._through)
        if silent_for() >= min(5.0, self.request.limits.silence_s / 3):
            say("info", f"{self.request.source}: fetching", n=done, of=total)

    def _failed(self, wanted: Wanted, failure: Failure) -> None:
        self._in_a_row += 1
        failure.where = {"feed": wanted.feed, "key": wanted.key}
        self.failures.append(failure)
        if failure.code is not Exit.TEMPORARY:
            self.clock.stopped.set()
            raise failure

    def _taken(self, found: Fetched) -> Fetched:
        file = found.file
        if file is None:
            return found
        self.files[file.feed, file.key] = file
        if found.body and file.status == "new":
            return replace(found, body=self._placed(file, found.body))
        if found.body and not found.wanted.fresh:
            found.body.unlink()
            return replace(found, body=None)
        return found

    def _placed(self, file: File, body: Path) -> Path:
        limits = self.request.limits
        self._new.append(file.bytes or 0)
        if len(self._new) > limits.max_files or sum(self._new) > limits.max_bytes:
            message = f"more than {limits.max_files} files or {limits.max_bytes} bytes: raise the limits"
            raise Failure(Exit.DATA, message)
        place = self.out / "files" / file.feed / file.key
        place.parent.mkdir(parents=True, exist_ok=True)
        return body.rename(place)

    def finish(self, state: Mapping[str, object] | None) -> None:
        """Seal what was fetched; a temporary failure, after that, where some keys failed."""
        if not self.files and not self.failures:
            raise Failure(Exit.UNAVAILABLE, "none of the keys exists upstream: look at [bases] and the keys")
        if self.files:
            write_seal(self.out, self.request, self.files.values(), state)
            counts = [f"{self._count(status)} {status}" for status in ("new", "unchanged", "gone")]
            say("info", f"sealed: {', '.join(counts)}", n=len(self.files))
        if self.failures:
            raise self._partial()

    def _partial(self) -> Failure:
        """Some keys failed in ways that may pass: the first says why, the longest wait counts."""
        pauses = [failure.retry_after_s for failure in self.failures if failure.retry_after_s is not None]
        message = f"{len(self.failures)} keys failed, the first: {self.failures[0].message}"
        whole = Failure(Exit.TEMPORARY, message, max(pauses, default=None))
        whole.where = self.failures[0].where
        return whole

    def _count(self, status: str) -> int:
        return sum(file.status == status for file in self.files.values())
