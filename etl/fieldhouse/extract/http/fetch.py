"""One key: asked for conditionally, tried again while that may help, and judged before it counts."""

import datetime as dt
import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import urllib3

from fieldhouse.errors import (
    DataError,
    RefusedError,
    StorageError,
    TemporaryError,
    UnavailableError,
)
from fieldhouse.extract.http import body, expect, guard, report
from fieldhouse.extract.http.job import Job
from fieldhouse.extract.http.plan import Wanted
from fieldhouse.extract.http.politeness import TRIES, Clock, Pace, backoff, retry_after
from fieldhouse.extract.http.pools import Pools
from fieldhouse.extract.http.tuning import Tuning
from fieldhouse.extract.known import Known
from fieldhouse.extract.sealed import SealedFile
from fieldhouse.interval import rfc3339

_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429)
_MAX_HEADER = 1024
Warn = Callable[[Wanted, TemporaryError, float], None]


@dataclass(frozen=True)
class Fetched:
    """What came of one key. `body`: where the bytes of a new file wait to be moved to their place."""

    file: SealedFile | None
    body: Path | None = None


class Fetcher:
    """Fetches keys of one job; all threads share it. `warn` hears of each failure that will be tried again."""

    def __init__(self, job: Job, out: Path, clock: Clock, tuning: Tuning, warn: Warn) -> None:
        replay = job.mirror is not None and guard.is_loopback(job.mirror)
        self.threads = max(4, job.bounds.concurrency) if replay else job.bounds.concurrency
        self._job = job
        self._tmp = out / "tmp"
        self._clock = clock
        self._tuning = tuning
        self._pace = Pace(clock, None if replay else job.bounds.requests_per_second)
        self._pools = Pools(self.threads, tuning)
        self._patience = body.Patience(job.bounds.max_file_bytes, clock, tuning.floor)
        self._headers = {"User-Agent": job.agent, "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
        self._warn = warn
        self._numbers = itertools.count()

    def fetch(self, wanted: Wanted) -> Fetched:
        """What upstream has under a key now; nothing for an optional one that it does not have and never had."""
        for tries in itertools.count(1):
            try:
                return self._once(wanted)
            except TemporaryError as error:
                if tries == TRIES:
                    raise
                pause = error.retry_after_s
                if pause is None:
                    pause = backoff(self._tuning.backoff, tries)
                else:
                    self._pace.hold(pause)
                self._clock.check()
                self._warn(wanted, error, pause)
                self._clock.sleep(pause)
        raise AssertionError("not reached")

    def _once(self, wanted: Wanted) -> Fetched:
        known = self._job.known.get((wanted.feed, wanted.key))
        conditions = _conditions(known)
        response = self._follow(wanted.url, {**self._headers, **conditions})
        match response.status:
            case 200 | 203:
                return self._body(wanted, known, response)
            case 304 if known and conditions:
                body.discard(response)
                return Fetched(_unchanged(wanted, known, response))
            case 404 | 410 if wanted.optional:
                body.discard(response)
                if wanted.lacking:
                    report.say(
                        "warning", "the mirror lacks it; upstream must have it", feed=wanted.feed, key=wanted.key
                    )
                return Fetched(_gone(wanted) if known else None)
            case _:
                body.discard(response)
                raise _refused(response, wanted.url)

    def _follow(self, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """The answer to a GET after all redirects; those that start in public stay there."""
        self._pace.wait()
        response = self._pools.get(url, headers, public=False)
        if response.status not in _REDIRECTS:
            return response
        public = not self._pools.is_private(url)
        for hops in itertools.count(1):
            body.discard(response)
            url = guard.next_hop(url, response.headers.get("Location"), hops)
            self._pace.wait()
            response = self._pools.get(url, headers, public=public)
            if response.status not in _REDIRECTS:
                break
        return response

    def _body(self, wanted: Wanted, known: Known | None, response: urllib3.BaseHTTPResponse) -> Fetched:
        path = self._tmp / f"{next(self._numbers)}.part"
        try:
            saved = body.save(response, path, self._patience, wanted.url)
        except BaseException as error:
            response.close()  # given up in the middle: the connection cannot be used again
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise StorageError(f"cannot write the body: {error.strerror}") from error
            raise
        try:
            expect.check(wanted.expect, saved.head, saved.tail)
        except DataError as error:
            raise DataError(f"{error.message} (kept as {self._keep(wanted, path)})", hint=error.hint) from error
        same = known is not None and known.sha256 == saved.sha256
        return Fetched(_found(wanted, response, saved, same=same), path)

    def _keep(self, wanted: Wanted, path: Path) -> str:
        """Put refused bytes where somebody can look at them; the path below the output folder."""
        kept = self._tmp / "refused" / wanted.feed / wanted.key
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, kept)
        return f"tmp/refused/{wanted.feed}/{wanted.key}"


def _conditions(known: Known | None) -> dict[str, str]:
    conditions = {}
    if known and known.etag and known.etag.isascii() and known.etag.isprintable():
        conditions["If-None-Match"] = known.etag
    if known and known.last_modified and known.last_modified.isascii() and known.last_modified.isprintable():
        conditions["If-Modified-Since"] = known.last_modified
    return conditions


def _unchanged(wanted: Wanted, known: Known, response: urllib3.BaseHTTPResponse) -> SealedFile:
    return SealedFile(
        wanted.feed,
        wanted.key,
        "unchanged",
        known.bytes,
        known.sha256,
        wanted.url,
        _header(response, "ETag") or known.etag,
        _header(response, "Last-Modified") or known.last_modified,
        _now(),
    )


def _gone(wanted: Wanted) -> SealedFile:
    return SealedFile(wanted.feed, wanted.key, "gone", url=wanted.url, fetched_at=_now())


def _found(wanted: Wanted, response: urllib3.BaseHTTPResponse, saved: body.Saved, *, same: bool) -> SealedFile:
    return SealedFile(
        wanted.feed,
        wanted.key,
        "unchanged" if same else "new",
        saved.size,
        saved.sha256,
        wanted.url,
        _header(response, "ETag"),
        _header(response, "Last-Modified"),
        _now(),
    )


def _refused(response: urllib3.BaseHTTPResponse, url: str) -> Exception:
    """What a status means that brings no data."""
    status, where = response.status, guard.shown(url)
    if status in _PASSING or status >= 500:
        pause = retry_after(response.headers.get("Retry-After"), time.time()) if status in (429, 503) else None
        return TemporaryError(f"{where}: status {status}", retry_after_s=pause)
    if status in (401, 403, 407):
        return RefusedError(f"{where}: status {status}: access is denied")
    if 200 <= status < 400 and status != 300:
        return DataError(f"{where}: status {status} carries no data")
    return UnavailableError(
        f"{where}: status {status}",
        hint="if upstream may lack it, declare the feed optional; otherwise correct its url or values",
    )


def _header(response: urllib3.BaseHTTPResponse, name: str) -> str | None:
    value = response.headers.get(name)
    return value if value and len(value) <= _MAX_HEADER else None


def _now() -> str:
    return rfc3339(dt.datetime.now(dt.UTC).replace(microsecond=0))
