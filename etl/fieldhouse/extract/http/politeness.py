"""When the next request may go out: rate limit, back-off, Retry-After, and the extractor's own deadline."""

import email.utils
import random
import threading
import time

from fieldhouse.errors import TemporaryError

TRIES = 5


class Clock:
    """The time that is left, shared by all threads."""

    def __init__(self, deadline_s: float) -> None:
        # Ends early enough to seal what was fetched before the pipeline's own deadline.
        self._end = time.monotonic() + deadline_s - min(15.0, deadline_s / 10)
        self.stopped = threading.Event()

    def left(self) -> float:
        """Seconds until the deadline."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """TemporaryError once the deadline is over or the work is being stopped."""
        if self.left() <= 0 or self.stopped.is_set():
            raise TemporaryError("the deadline is over", hint="raise limits.deadline_s, or limits.requests_per_second")

    def sleep(self, seconds: float) -> None:
        """Wait so long; TemporaryError as soon as the work is stopped, or at once if the deadline comes first."""
        if seconds >= self.left():
            raise TemporaryError(f"a wait of {seconds:.0f} s would pass the deadline", retry_after_s=seconds)
        if seconds > 0:
            self.stopped.wait(seconds)
        self.check()


class Pace:
    """Spaces the requests of all threads; `per_second` None does not."""

    def __init__(self, clock: Clock, per_second: float | None) -> None:
        self._clock = clock
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the calling thread may send a request."""
        with self._lock:
            now = time.monotonic()
            pause = self._next - now
            self._next = max(now, self._next) + self._gap
        if pause > 0:
            self._clock.sleep(pause)

    def hold(self, seconds: float) -> None:
        """No thread sends anything for so long: upstream asked for it."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


def backoff(base: float, tries: int) -> float:
    """Seconds to wait after `tries` failures: doubled each time, between half and all of it by chance."""
    return float(base * 2 ** (tries - 1)) * random.uniform(0.5, 1.0)  # noqa: S311  (jitter, not a secret)


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; None where it says nothing."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
