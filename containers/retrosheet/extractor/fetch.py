"""One key: asked for conditionally, tried again while that may help, and judged before it counts."""

import datetime as dt
import http.client
import itertools
import random
import re
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from extractor.body import Body
from extractor.expect import fault_of
from extractor.failure import Exit, Failure
from extractor.files import Fetched, File, Wanted
from extractor.guard import next_hop, shown
from extractor.log import say
from extractor.network import Network
from extractor.pace import Clock, Pace, retry_after, seconds
from extractor.request import Known, Request

TRIES = 5
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (408, 425, 429)


class Client:
    """Fetches keys politely; all threads of a run share it. `width`: how many requests may be under way."""

    def __init__(self, request: Request, clock: Clock) -> None:
        limits = request.limits
        mirror = urllib.parse.urlsplit(request.mirror or "").hostname or ""
        # A mirror on this machine is not spared.
        near = mirror == "localhost" or mirror.startswith("127.") or mirror == "::1"
        self.width = max(4, limits.concurrency) if near else limits.concurrency
        self._request = request
        self._clock = clock
        self._pace = Pace(clock, 0.0 if near else 1 / limits.requests_per_second)
        self._headers = {"User-Agent": request.agent, "Accept-Encoding": "gzip", "Accept": "*/*"}
        self._backoff = seconds("BACKOFF", 1.0)
        self._network = Network()

    def fetch(self, wanted: Wanted, part: Path) -> Fetched:
        """What upstream has under a key now, its bytes in `part`; tried again while that may help."""
        for tries in itertools.count(1):
            try:
                return self._once(wanted, part)
            except Failure as failure:
                if failure.code is not Exit.TEMPORARY or tries == TRIES:
                    raise
                pause = failure.retry_after_s
                if pause is None:
                    pause = self._backoff * 2 ** (tries - 1) * random.uniform(0.5, 1.0)  # noqa: S311  (jitter)
                else:
                    self._pace.hold(pause)
                self._clock.check()
                say("warning", f"{failure.message}; again in {pause:.1f} s", feed=wanted.feed, key=wanted.key)
                self._clock.sleep(pause)
        raise AssertionError("not reached")

    def _once(self, wanted: Wanted, part: Path) -> Fetched:
        known = self._request.known.get((wanted.feed, wanted.key))
        conditions = {} if wanted.fresh else _conditions(known)
        answer = self._follow(wanted.url, {**self._headers, **conditions})
        if answer.status in (200, 203):
            return self._saved(wanted, known, answer, part)
        answer.close()
        file = File(wanted.feed, wanted.key, "gone", url=wanted.url, fetched_at=_now())
        if answer.status == 304 and known and conditions:
            etag = _validator(answer, "ETag") or known.etag
            modified = _validator(answer, "Last-Modified") or known.last_modified
            same = replace(file, status="unchanged", bytes=known.bytes, sha256=known.sha256)
            return Fetched(wanted, replace(same, etag=etag, last_modified=modified))
        if answer.status in (404, 410) and wanted.optional:
            return Fetched(wanted, file if known else None)
        raise _refused(answer, shown(wanted.url))

    def _follow(self, url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """The answer after all redirects; those that start in public stay there."""
        self._pace.wait()
        answer, private = self._network.get(url, headers, public=False)
        for hops in itertools.count(1):
            if answer.status not in REDIRECTS:
                return answer
            answer.close()
            url = next_hop(url, answer.getheader("Location"), hops)
            self._pace.wait()
            answer, _ = self._network.get(url, headers, public=not private)
        raise AssertionError("not reached")

    def _saved(self, wanted: Wanted, known: Known | None, answer: http.client.HTTPResponse, part: Path) -> Fetched:
        body = Body(part, self._request.limits.max_file_bytes)
        try:
            body.save(answer, self._clock, shown(wanted.url))
            if fault := fault_of(wanted.expect, body.head, body.tail):
                kept = part.parent / "refused" / wanted.feed / wanted.key
                kept.parent.mkdir(parents=True, exist_ok=True)
                part.rename(kept)
                where = f"kept as tmp/refused/{wanted.feed}/{wanted.key}"
                raise Failure(Exit.DATA, f"{fault}; {wanted.expect} is expected ({where})")
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            answer.close()
        sha256 = body.digest.hexdigest()
        status = "unchanged" if known and known.sha256 == sha256 else "new"
        file = File(wanted.feed, wanted.key, status, body.size, sha256, wanted.url, fetched_at=_now())
        etag, modified = _validator(answer, "ETag"), _validator(answer, "Last-Modified")
        return Fetched(wanted, replace(file, etag=etag, last_modified=modified), part)


def _conditions(known: Known | None) -> dict[str, str]:
    said = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
    return {name: value for name, value in said.items() if value and re.fullmatch(r"[\x20-\x7e]+", value)}


def _validator(answer: http.client.HTTPResponse, name: str) -> str | None:
    value = answer.getheader(name)
    return value if value and len(value) <= 1024 else None


def _refused(answer: http.client.HTTPResponse, where: str) -> Failure:
    """What a status means that brings no data."""
    status, message = answer.status, f"status {answer.status} from {where}"
    if status in PASSING or status >= 500:
        asked = answer.getheader("Retry-After") if status in (429, 503) else None
        return Failure(Exit.TEMPORARY, message, retry_after(asked, time.time()))
    if status in (401, 403, 407):
        return Failure(Exit.PERMISSION, message)
    if 200 <= status < 400 and status != 300:
        return Failure(Exit.DATA, f"{message}, without data")
    return Failure(Exit.UNAVAILABLE, message)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
