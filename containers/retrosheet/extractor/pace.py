"""When the next request may go out."""

import email.utils
import os
import threading
import time

from extractor.failure import Exit, Failure


def seconds(name: str, default: float) -> float:
    """A wait that only tests change, from the environment: FIELDHOUSE_HTTP_…_S."""
    return float(os.environ.get(f"FIELDHOUSE_HTTP_{name}_S") or default)


class Clock:
    """The time that is left; it ends early enough to seal what was fetched before the pipeline's own deadline."""

    def __init__(self, deadline_s: float) -> None:
        self._end = time.monotonic() + deadline_s - min(15.0, deadline_s / 10)
        self.stopped = threading.Event()

    def left(self) -> float:
        """Seconds until the deadline."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """A temporary failure once the deadline is over or the work is being stopped."""
        if self.left() <= 0 or self.stopped.is_set():
            raise Failure(Exit.TEMPORARY, "the deadline is over: raise limits.deadline_s")

    def sleep(self, seconds: float) -> None:
        """Wait so long; a temporary failure at once where the deadline comes first."""
        if seconds >= self.left():
            raise Failure(Exit.TEMPORARY, f"a wait of {seconds:.0f} s would pass the deadline", seconds)
        self.stopped.wait(seconds)
        self.check()


class Pace:
    """Spaces the requests of all threads."""

    def __init__(self, clock: Clock, gap: float) -> None:
        self._clock = clock
        self._gap = gap
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the calling thread may send a request."""
        with self._lock:
            now = time.monotonic()
            pause, self._next = self._next - now, max(now, self._next) + self._gap
        if pause > 0:
            self._clock.sleep(pause)

    def hold(self, seconds: float) -> None:
        """Nobody sends anything for so long: upstream asked for it."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; None where it says nothing."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
