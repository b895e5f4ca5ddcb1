"""Follows one container's log while it runs, in a thread of its own, through dropped connections, and reads its end."""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from fieldhouse.pods import logs
from fieldhouse.pods.cluster import Refused
from fieldhouse.pods.logs import Ledger, Line, Reading

#: Opens the log: of the last so many seconds (None: all of it), and to follow it or only what there is now.
Open = Callable[[int | None, bool], Iterable[bytes]]
#: Added to the time since the last line, for what was under way then. Too little costs a second reading, never a line.
OVERLAP_S = 5
_PAUSE_S = 1.0
_JOIN_S = 5.0


#: Answers that say that nobody has the log any more, and for how many seconds they may be mistaken.
_GONE: Mapping[int, float] = {404: 0.0, 400: 5.0}


class Unreadable(Exception):
    """The end of a log could not be read; the message says why. `gone`: nobody ever will."""

    def __init__(self, why: str, *, gone: bool) -> None:
        super().__init__(why)
        self.gone = gone


class _Excuse(Exception):
    """What the API server says in the place of a log."""


class Follower:
    """Reads a container's log into a ledger. `drain` gives what is new; `finish` reads the end.

    `ended`: when, by the monotonic clock, the stream came to its end and no line since: so does the container, most often.
    """

    def __init__(self, open_log: Open, *, pause_s: float = _PAUSE_S) -> None:
        self.ledger = Ledger()
        self.ended: float | None = None
        self._open = open_log
        self._pause_s = pause_s
        self._new: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._heard = time.monotonic()
        self._over = threading.Event()  # the container has ended: follow no further than this stream goes
        self._abandoned = threading.Event()  # the thread's stream hangs: it takes no more lines
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="pod-log", daemon=True)
        self._thread.start()

    def drain(self, wait_s: float = 0.0) -> Iterator[Line]:
        """Lines that have come since; waits up to `wait_s` seconds for the first."""
        try:
            yield self._new.get(timeout=wait_s) if wait_s else self._new.get_nowait()
            while True:
                yield self._new.get_nowait()
        except queue.Empty:
            return

    def finish(self, patience_s: float) -> Iterator[Line]:
        """The rest of the log of a container that has ended; Unreadable where it cannot be read for so long."""
        self.stop()
        began = time.monotonic()
        self._thread.join(timeout=min(_JOIN_S, patience_s))
        with self._lock:
            self._abandoned.set()
        yield from self.drain()
        while True:
            try:
                self._read_rest()
                break
            except Exception as error:  # whatever it is, the log is the better for another try
                status = error.status if isinstance(error, Refused) else 0
                if time.monotonic() >= began + min(patience_s, _GONE.get(status, patience_s)):
                    yield from self.drain()
                    raise Unreadable(_said(error), gone=status in _GONE) from None
                time.sleep(self._pause_s)
        yield from self.drain()

    def stop(self) -> None:
        """Open no more streams."""
        self._over.set()

    def _follow(self) -> None:
        whole = True
        while not self._over.is_set():
            reading = self.ledger.reading(whole=whole)
            with suppress(Exception):  # a dropped connection is nothing to tell: what is missing is read again
                for raw, ended in logs.split(self._open(self._since(whole), True)):
                    if ended:  # half a line is read again
                        self._take(reading, raw)
                    if reading.disconnected or self._abandoned.is_set():
                        break
                else:
                    self.ended = self.ended or time.monotonic()
            whole = reading.disconnected or self.ledger.last is None
            self._over.wait(0 if reading.disconnected else self._pause_s)

    def _take(self, reading: Reading, raw: bytes) -> None:
        found = logs.line(raw)
        with self._lock:
            if found is not None and not self._abandoned.is_set():
                self._keep(reading, found)

    def _keep(self, reading: Reading, found: Line) -> None:
        if reading.take(found):
            self._heard = time.monotonic()
            self.ended = None
            self._new.put(found)

    def _read_rest(self) -> None:
        """Read on from what is known; where the reading does not join it, read all there is."""
        if not self._read_now(whole=self.ledger.last is None).joined:
            self.ledger.unjoined = not self._read_now(whole=True).joined

    def _read_now(self, *, whole: bool) -> Reading:
        reading = self.ledger.reading(whole=whole)
        excuse = b""
        for raw, _ in logs.split(self._open(self._since(whole), False)):
            found = logs.line(raw)
            if found is None:
                excuse = raw
            else:
                self._keep(reading, found)
        if excuse:  # the API server answers 200 and says in the log's place why there is none
            raise _Excuse(excuse.decode(errors="replace"))
        return reading

    def _since(self, whole: bool) -> int | None:
        """How many seconds back to read: as long as nothing came, or as the last line is old by our clock."""
        last = self.ledger.last
        if whole or last is None:
            return None
        silent = time.monotonic() - self._heard
        return math.ceil(max(silent, time.time() - last.ns / 1e9, 0.0)) + OVERLAP_S


def _said(error: Exception) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:300]
