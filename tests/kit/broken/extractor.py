"""A whole extractor of files at URLs, and one flaw for each check of the conformance kit: `--flaw CHECK REQUEST OUT`.

Without a flaw it is gold. A flaw breaks what its check proves, and nothing else.
"""

import contextlib
import hashlib
import http.client
import json
import os
import signal
import sys
import threading
import time
import zlib
from urllib.parse import quote, urljoin, urlsplit

FLAW = sys.argv[2] if sys.argv[1:2] == ["--flaw"] else ""
REQUEST, OUT = sys.argv[-2:]
CHUNK = 64 << 10
TRIES = 5
BACKOFF_S = float(os.environ.get("FIELDHOUSE_HTTP_BACKOFF_S", "1"))
KNOWN_FIELDS = set(
    "protocol task source run attempt interval feeds config secrets known state limits bases mirror".split()  # noqa: SIM905
)
STARTED = time.monotonic()


class End(Exception):
    """Why it fails, and with which code."""

    def __init__(self, code: int, msg: str, pause: float | None = None) -> None:
        super().__init__(msg)
        self.code, self.msg, self.pause = code, msg, pause


def say(level: str, msg: str, **fields: object) -> None:
    os.write(2, json.dumps({"level": level, "msg": msg, **fields}).encode() + b"\n")


def terminated(*_: object) -> None:
    say("error", "ended by SIGTERM", code=143)
    os._exit(143)


def read_request() -> dict:
    with open(REQUEST, encoding="utf-8") as file:
        request = json.load(file)
    if request["protocol"] != 1 and FLAW != "unknown_protocol":
        raise End(64, f"protocol {request['protocol']} is not known")
    if request["task"] != "extract" and FLAW != "unknown_task":
        raise End(64, f"the task {request['task']} is not known")
    if request["interval"] and FLAW != "interval":
        raise End(64, "intervals are not known")
    if FLAW == "unknown_fields" and request.keys() - KNOWN_FIELDS:
        raise End(64, "a field is not known")
    return request


class Extraction:
    def __init__(self, request: dict) -> None:
        self.request = request
        self.until = STARTED + request["limits"]["deadline_s"] - 1
        self.known = {}
        if request["known"] and FLAW != "known":
            with open(request["known"], encoding="utf-8") as file:
                self.known = {(line["feed"], line["key"]): line for line in map(json.loads, file)}
        self.files: list[dict] = []
        self.failures: list[End] = []
        self.headers = {"Accept-Encoding": "gzip", "User-Agent": f"broken/1 (+{request['config'].get('contact')})"}
        if FLAW == "agent":
            del self.headers["User-Agent"]

    def left(self) -> float:
        seconds = self.until - time.monotonic()
        if FLAW == "deadline":
            return 12.0 if time.monotonic() - STARTED < 11 else 0.0
        return seconds

    def run(self) -> None:
        for feed, table in self.wanted().items():
            key = table.get("key")
            if not key:
                if FLAW == "configuration":
                    continue
                raise End(78, f"feeds.{feed} has no key")
            with contextlib.suppress(FileNotFoundError):  # absent, where that is no fault
                self.one(feed, key)
        self.seal()
        if self.failures:
            first = self.failures[0]
            raise End(75, f"{len(self.failures)} failed, the first: {first.msg}", first.pause)

    def wanted(self) -> dict:
        feeds = dict(self.request["feeds"])
        if FLAW == "feeds":
            feeds |= {name: {"key": key} for name, key in (("table", "table.csv"), ("season", "season.json"))}
        return feeds

    def one(self, feed: str, key: str) -> None:
        known = self.known.get((feed, key))
        if known and FLAW == "resumed":
            self.files.append({**known, "status": "unchanged", "url": None})
            return
        url = f"{self.request['mirror'].rstrip('/')}/{self.request['source']}/data/{quote(key)}"
        try:
            self.tried(feed, key, url, known)
        except End as end:
            if end.code != 75:
                raise
            self.failures.append(end)

    def tried(self, feed: str, key: str, url: str, known: dict | None) -> None:
        pause = BACKOFF_S
        for left in range(TRIES - 1, -1, -1):
            try:
                return self.get(feed, key, url, url, known)
            except End as end:
                if end.code != 75 or not left:
                    raise
                wait = pause if end.pause is None else end.pause
                if wait >= self.left():
                    raise
                time.sleep(wait)
                pause *= 2

    def get(self, feed: str, key: str, url: str, shown: str, known: dict | None, hops: int = 5) -> None:
        parts = urlsplit(url)
        if self.left() <= 0:
            raise End(75, "the deadline is over")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=max(0.1, self.left()))
        try:
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            connection.request("GET", path, headers={**self.headers, **self.conditions(known)})
            response = connection.getresponse()
            if response.status in (301, 302, 307, 308) and hops:
                return self.get(feed, key, urljoin(url, response.headers["Location"]), shown, known, hops - 1)
            self.answered(response, feed, key, shown, known)
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and error.filename:
                raise End(74, f"cannot write: {error.strerror}") from error
            if isinstance(error, OSError) and error.errno == 28:
                raise End(70 if FLAW == "disk_full" else 74, "the disk is full") from error
            if FLAW == "unreachable" and isinstance(error, ConnectionRefusedError):
                raise End(70, "it is not there") from error
            raise End(75, f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def conditions(self, known: dict | None) -> dict:
        if not known or FLAW == "conditional":
            return {}
        pairs = {"If-None-Match": known["etag"], "If-Modified-Since": known["last_modified"]}
        return {name: value for name, value in pairs.items() if value}

    def answered(self, response: http.client.HTTPResponse, feed: str, key: str, url: str, known: dict | None) -> None:
        status = response.status
        if status == 304 and known:
            self.files.append({**known, "status": "unchanged", "url": url})
        elif status == 200:
            self.body(response, feed, key, url, known)
        elif status in (404, 410):
            if FLAW == "lost":
                raise FileNotFoundError
            raise End(69, f"{key} is not there")
        elif status in (401, 403):
            raise End(69 if FLAW == "denied" else 77, "access is denied")
        elif status == 500 and FLAW == "server_error":
            raise End(69, "the server failed")
        else:
            after = response.headers.get("Retry-After")
            raise End(75, f"status {status}", float(after) if after and FLAW != "retry_after" else None)

    def body(self, response: http.client.HTTPResponse, feed: str, key: str, url: str, known: dict | None) -> None:
        part = os.path.join(OUT, "tmp", f"{feed}.part")
        os.makedirs(os.path.dirname(part), exist_ok=True)
        announced = int(response.headers.get("Content-Length") or -1)
        digest, size, came = hashlib.sha256(), 0, 0
        packed = response.headers.get("Content-Encoding") == "gzip"
        most = self.request["limits"]["max_file_bytes"]
        unpack = zlib.decompressobj(wbits=31)
        head = b""
        with open(part, "wb", buffering=0) as file:
            while chunk := self.read(response):
                came += len(chunk)
                while chunk:
                    data = unpack.decompress(chunk, CHUNK) if packed else chunk
                    chunk = unpack.unconsumed_tail if packed else b""
                    data = data.replace(b"\n", b"\r\n") if packed and FLAW == "coding" else data
                    head = head or data[:100]
                    digest.update(data)
                    size += file.write(data)
                    if size > most and FLAW != "max_file_bytes":
                        raise End(65, f"{key} has more than {most} bytes")
            if FLAW == "bytes":
                digest.update(b"\n")
                size += file.write(b"\n")
        if 0 <= came < announced and FLAW != "truncated":
            raise End(75, f"{key} was cut after {came} of {announced} bytes")
        if head.lstrip().lower().startswith((b"<!doctype", b"<html")) and FLAW != "html":
            raise End(65, f"{key} is an HTML page")
        entry = {
            "feed": feed,
            "key": f"{time.time_ns()}-{key}" if FLAW == "rerun" else key,
            "bytes": size + 1 if FLAW == "truth" else size,
            "sha256": digest.hexdigest(),
            "etag": response.headers.get("ETag"),
            "last_modified": response.headers.get("Last-Modified"),
        }
        same = known and known["sha256"] == entry["sha256"] and FLAW != "by_hash"
        self.files.append({**entry, "status": "unchanged" if same else "new", "url": url})
        if not same:
            path = os.path.join(OUT, "files", feed, str(entry["key"]))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.replace(part, path)

    def read(self, response: http.client.HTTPResponse) -> bytes:
        if FLAW == "memory":
            return response.read() if not response.isclosed() else b""
        try:
            return response.read(CHUNK)
        except http.client.IncompleteRead as error:
            if FLAW == "truncated":
                return error.partial
            raise

    def seal(self) -> None:
        if FLAW == "lands" or (self.failures and not self.files):
            return
        names = ("protocol", "source", "run", "attempt")
        document = {**{name: self.request[name] for name in names}, "files": self.files, "state": None}
        draft = os.path.join(OUT, "manifest.part")
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(document, file)
        os.replace(draft, os.path.join(OUT, "manifest.json"))
        if FLAW == "seal_last":
            self.touch()

    def touch(self) -> None:
        time.sleep(0.05)
        for entry in self.files:
            if entry["status"] == "new":
                os.utime(os.path.join(OUT, "files", entry["feed"], entry["key"]))


def beat(every: float) -> None:
    while True:
        time.sleep(every)
        say("info", "still there")


def before(request: dict) -> None:
    """Flaws that show themselves before anything is fetched."""
    if FLAW == "log":
        os.write(2, b'{"level": "fatal", "message": "not a record of the protocol"}\n')
    if FLAW == "inside":
        with contextlib.suppress(OSError), open("cache", "w", encoding="utf-8") as file:
            file.write("left behind")
    if FLAW == "any_user" and not os.access(os.environ["HOME"], os.W_OK):
        raise End(70, "HOME cannot be written")
    if FLAW == "secrets" and request["secrets"]:
        for name in os.listdir(request["secrets"]):
            with open(os.path.join(request["secrets"], name), encoding="utf-8") as file:
                say("info", f"{name} is {file.read()}")
    if FLAW != "heartbeat":
        threading.Thread(target=beat, args=(request["limits"]["silence_s"] / 3,), daemon=True).start()


def extract() -> None:
    request = read_request()
    say("info", "fetching")
    before(request)
    lock = os.path.join(os.environ["TMPDIR"], "lock")
    if FLAW == "parallel":
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    try:
        Extraction(request).run()
    finally:
        if FLAW == "parallel":
            os.unlink(lock)


def main() -> int:
    if FLAW != "sigterm":
        signal.signal(signal.SIGTERM, terminated)
    try:
        extract()
    except End as end:
        if FLAW != "last_line":
            say("error", end.msg, code=end.code, **({"retry_after_s": end.pause} if end.pause is not None else {}))
        return end.code
    except OSError as error:
        code = 70 if FLAW in ("disk_full", "parallel") else 74
        say("error", f"cannot write: {error}", code=code)
        return code
    return 0


if __name__ == "__main__":
    code = main()
    os._exit(code)
