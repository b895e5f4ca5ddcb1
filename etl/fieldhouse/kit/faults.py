"""A server on this machine's loopback interface that answers as upstreams do on their bad days.

    with FaultServer() as server:
        server.on("/table.csv", Status(503), Ok(b"a,b\\n1,2\\n", etag='"1"'))
        …                                  # the first request gets 503, all later ones the file
        assert len(server.seen("/table.csv")) == 2

A path's behaviours are used one after the other, the last one for ever; other paths are 404. As a proxy (HTTP_PROXY)
it answers for whole URLs: `server.on("http://upstream.example/table.csv", …)`.
"""

import gzip
import socket
import struct
import threading
import zlib
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from fieldhouse.extract.wire import Asked, LoopbackServer, Requests

_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Exchange:
    """One request on its connection, for a behaviour to answer. `pause` waits, and ends early with the server."""

    asked: Asked
    connection: socket.socket
    closing: threading.Event

    def send(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Send a whole answer, with the length of `body` unless `headers` say otherwise."""
        fields = {"Content-Length": str(len(body)), **headers}
        if "Transfer-Encoding" in headers:
            del fields["Content-Length"]
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.connection.sendall(f"HTTP/1.1 {status} Answer\r\n{lines}\r\n".encode() + body)

    def pause(self, seconds: float) -> bool:
        """Wait; whether the server is still open."""
        return not self.closing.wait(seconds)


class Behaviour(ABC):
    """What a path does when it is asked."""

    @abstractmethod
    def answer(self, exchange: Exchange) -> bool:
        """Answer one request; whether the connection can be used for another."""


@dataclass(frozen=True)
class Ok(Behaviour):
    """200 with `body`; 304 where a conditional request has its `etag` or, without one, its `last_modified`."""

    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, exchange: Exchange) -> bool:
        validators = {"ETag": self.etag, "Last-Modified": self.last_modified}
        headers = {name: value for name, value in validators.items() if value} | dict(self.headers)
        if self._is_current(exchange.asked.headers):
            exchange.send(304, headers)
        else:
            exchange.send(200, headers, self.body)
        return True

    def _is_current(self, asked: Mapping[str, str]) -> bool:
        if "if-none-match" in asked:
            return self.etag is not None and asked["if-none-match"] == self.etag
        return self.last_modified is not None and asked.get("if-modified-since") == self.last_modified


@dataclass(frozen=True)
class Status(Behaviour):
    """Any status, with `headers` and `body`."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def answer(self, exchange: Exchange) -> bool:
        exchange.send(self.status, self.headers, self.body)
        return True


def retry_after(when: float | str, status: int = 429) -> Status:
    """`status` with Retry-After: seconds, or a date as HTTP writes it."""
    return Status(status, {"Retry-After": when if isinstance(when, str) else f"{when:g}"})


def redirect(to: str, status: int = 302) -> Status:
    """A redirect to a path or URL; one to its own path is a loop."""
    return Status(status, {"Location": to})


def not_modified() -> Status:
    """304 whatever was asked."""
    return Status(304)


def html(status: int = 200) -> Status:
    """An error page that claims success, as portals and content networks send it."""
    page = b"<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body>Try again later.</body></html>\n"
    return Status(status, {"Content-Type": "text/html"}, page)


def zipped(body: bytes, coding: str = "gzip") -> Status:
    """`body` as gzip, as deflate, or as deflate without zlib's header ("raw"), which some servers send for it."""
    match coding:
        case "gzip":
            return Status(200, {"Content-Encoding": "gzip"}, gzip.compress(body, mtime=0))
        case "deflate":
            return Status(200, {"Content-Encoding": "deflate"}, zlib.compress(body))
        case _:
            return Status(200, {"Content-Encoding": "deflate"}, zlib.compress(body)[2:-4])


def half_gzip(body: bytes) -> Status:
    """A gzip stream that stops in its middle, though the message is whole."""
    packed = gzip.compress(body, mtime=0)
    return Status(200, {"Content-Encoding": "gzip"}, packed[: len(packed) // 2])


def gzip_bomb(size: int) -> Status:
    """`size` zeros in about a thousandth of the bytes."""
    packer = zlib.compressobj(wbits=31)
    piece = bytes(1 << 20)
    packed = b"".join(packer.compress(piece[: min(len(piece), size - at)]) for at in range(0, size, len(piece)))
    return Status(200, {"Content-Encoding": "gzip"}, packed + packer.flush())


@dataclass(frozen=True)
class ShortBody(Behaviour):
    """Announces `body` and ends the connection after `sent` bytes of it."""

    body: bytes
    sent: int

    def answer(self, exchange: Exchange) -> bool:
        exchange.send(200, {"Content-Length": str(len(self.body))}, self.body[: self.sent])
        return False


@dataclass(frozen=True)
class Chunked(Behaviour):
    """`body` in chunks of `size` bytes; `cut` leaves the last chunk out and ends the connection."""

    body: bytes
    size: int = 4
    cut: bool = False

    def answer(self, exchange: Exchange) -> bool:
        pieces = [self.body[at : at + self.size] for at in range(0, len(self.body), self.size)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        exchange.send(200, {"Transfer-Encoding": "chunked"}, chunks if self.cut else chunks + b"0\r\n\r\n")
        return not self.cut


@dataclass(frozen=True)
class Drip(Behaviour):
    """Sends `body` one byte every `pause` seconds: never silent, never done."""

    body: bytes
    pause: float

    def answer(self, exchange: Exchange) -> bool:
        exchange.send(200, {"Content-Length": str(len(self.body))})
        for at in range(len(self.body)):
            exchange.connection.sendall(self.body[at : at + 1])
            if not exchange.pause(self.pause):
                return False
        return True


@dataclass(frozen=True)
class Reset(Behaviour):
    """Resets the connection instead of answering, or after `sent` bytes of an announced body."""

    body: bytes = b""
    sent: int = 0

    def answer(self, exchange: Exchange) -> bool:
        if self.sent:
            exchange.send(200, {"Content-Length": str(len(self.body))}, self.body[: self.sent])
        # Lingering for no time makes close() send a reset.
        exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


@dataclass(frozen=True)
class Hang(Behaviour):
    """Takes the request and never answers."""

    def answer(self, exchange: Exchange) -> bool:
        exchange.pause(_DAY)
        return False


@dataclass(frozen=True)
class Raw(Behaviour):
    """Sends exactly these bytes, which need not be HTTP, and ends the connection."""

    data: bytes

    def answer(self, exchange: Exchange) -> bool:
        exchange.connection.sendall(self.data)
        return False


class FaultServer(LoopbackServer):
    """Answers paths as told by `on`, and remembers what it was asked; use it in a `with` statement."""

    def __init__(self) -> None:
        super().__init__()
        self._scripts: dict[str, list[Behaviour]] = {}
        self._asked: dict[str, list[Asked]] = defaultdict(list)
        self._guard = threading.Lock()

    def on(self, path: str, *behaviours: Behaviour) -> None:
        """What `path` does: one behaviour a request, the last one for ever. A new script forgets what was seen."""
        if not behaviours:
            raise ValueError(f"{path} needs at least one behaviour")
        with self._guard:
            self._scripts[path] = list(behaviours)
            self._asked.pop(path, None)

    def seen(self, path: str) -> list[Asked]:
        """The requests for `path` so far, in order, with their headers (names in lower case)."""
        with self._guard:
            return list(self._asked[path])

    @property
    def paths(self) -> list[str]:
        """Every path that was asked for, in the order of first requests."""
        with self._guard:
            return [path for path, asked in self._asked.items() if asked]

    def serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until a behaviour ends it."""
        requests = Requests(connection)
        while asked := requests.next():
            behaviour = self._behaviour(asked)
            if not behaviour.answer(Exchange(asked, connection, self.closing)) or not asked.keeps:
                return

    def _behaviour(self, asked: Asked) -> Behaviour:
        parts = urlsplit(asked.target)
        path = asked.target if parts.netloc or asked.method == "CONNECT" else parts.path
        with self._guard:
            if path not in self._scripts:  # who asks may encode more than is needed
                path = unquote(path)
            seen = self._asked[path]
            seen.append(asked)
            script = self._scripts.get(path)
            return script[min(len(seen), len(script)) - 1] if script else Status(404)
