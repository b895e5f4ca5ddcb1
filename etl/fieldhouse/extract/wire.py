"""Just enough of HTTP/1.1 to serve files and faults on the loopback interface: requests in, bytes out."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_MAX_HEAD = 64 << 10


@dataclass(frozen=True)
class Asked:
    """One request. `target`: as sent, a path or (to a proxy) a whole URL. `headers`: names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def keeps(self) -> bool:
        """Whether the connection stays open after the answer."""
        return self.headers.get("connection", "").lower() != "close"


class Requests:
    """The requests of one connection, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def next(self) -> Asked | None:
        """The next request; None where the other side is done, or does not speak HTTP."""
        while (end := self._rest.find(b"\r\n\r\n")) < 0:
            chunk = self._connection.recv(_MAX_HEAD)
            if not chunk or len(self._rest) > _MAX_HEAD:
                return None
            self._rest += chunk
        first, *lines = self._rest[:end].decode("latin-1").split("\r\n")
        self._rest = self._rest[end + 4 :]
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        words = first.split(" ")
        return Asked(words[0], words[1], headers) if len(words) == 3 else None


class LoopbackServer:
    """A server on 127.0.0.1 at a free port, one thread a connection; use it in a `with` statement."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Where the server is, without a final slash."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until it ends."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._thread.join()
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.serve(connection)
        except OSError:
            pass  # the other side went away
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()
