"""A mirror that pods of a test cluster reach: files over HTTP from this machine, which a test may hold back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Upstream:
    """Serves the files below `folder` on `host`. While it is held, requests of one path wait half way through the answer."""

    def __init__(self, folder: Path, host: str) -> None:
        self.folder = folder
        self._held = ""
        self._open = threading.Event()
        self._open.set()
        self._reached = threading.Event()
        self._server = ThreadingHTTPServer((host, 0), partial(_Handler, self, folder))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://{host}:{self._server.server_port}"

    @contextmanager
    def held(self, path: str) -> Iterator[threading.Event]:
        """Hold back what ends in `path`; the event is set when somebody has asked for it and waits."""
        self._reached.clear()
        self._open.clear()
        self._held = path
        try:
            yield self._reached
        finally:
            self._held = ""
            self._open.set()

    def wait(self, path: str) -> None:
        """Called by a request: returns when it may go on."""
        if self._held and path.endswith(self._held):
            self._reached.set()
            self._open.wait(300)

    def close(self) -> None:
        """Serve nothing any more."""
        self._open.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the head of an answer would wait for an acknowledgement that comes late

    def __init__(self, upstream: Upstream, folder: Path, *args: object) -> None:
        self._upstream = upstream
        super().__init__(*args, directory=str(folder))

    def copyfile(self, source: object, outputfile: object) -> None:
        """The body: held back where a test asked for it."""
        self._upstream.wait(self.path)
        try:
            super().copyfile(source, outputfile)  # type: ignore[type-var]
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked was killed

    def log_message(self, *_: object) -> None:
        """Say nothing."""
