"""A scripted upstream on the loopback interface, and requests to run against it."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = Callable[[BaseHTTPRequestHandler], None]
LIMITS = {
    "deadline_s": 30,
    "silence_s": 10,
    "max_bytes": 1 << 30,
    "max_file_bytes": 1 << 20,
    "max_files": 100,
    "requests_per_second": 1000,
    "concurrency": 2,
}


def plain(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer with a status, a body and headers (`_` stands for `-`)."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Upstream:
    """Answers each path with what was scripted for it, one after the other; the last answer stays."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, Mapping[str, str]]] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream.seen.append((self.path, dict(self.headers)))
                script = upstream.answers.get(self.path, [plain(404)])
                (script.pop(0) if len(script) > 1 else script[0])(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def write_request(folder: Path, url: str, **changes: object) -> Path:
    """request.json for a source `shop` with one feed, `table`, below `url`."""
    request = {
        "protocol": 1,
        "task": "extract",
        "source": "shop",
        "run": "r1",
        "attempt": 1,
        "interval": None,
        "feeds": {"table": {"format": "csv", "key": "table.csv"}},
        "config": {"contact": "data@shop.example"},
        "secrets": None,
        "known": None,
        "state": None,
        "limits": LIMITS,
        "bases": {"main": {"url": url, "mirror": "data"}},
        "mirror": None,
        **changes,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "request.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    return path
