"""moto's S3 as a server of its own on loopback, which counts what it is asked and plays what goes wrong.

moto looks whether a name exists and then makes it, in two steps. S3 does both at once, so here one request is served
after the other. `/_play` takes rules, `/_asked` tells the requests since then, `/_age` makes an object older.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

Environ = dict[str, Any]
Start = Callable[..., object]


class Server:
    """moto's application behind a lock, with rules in front of it."""

    def __init__(self) -> None:
        self.app = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()
        self.rules: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/_"):
            return self._control(path, environ, start)
        self.asked.append(
            {
                "method": environ["REQUEST_METHOD"],
                "path": path,
                "query": environ["QUERY_STRING"],
                "sent": int(environ.get("CONTENT_LENGTH") or 0),
                "range": environ.get("HTTP_RANGE", ""),
            }
        )
        rule = self._rule(environ["REQUEST_METHOD"], path, environ["QUERY_STRING"])
        if rule.get("ignore"):
            environ.pop(rule["ignore"], None)
        time.sleep(rule.get("wait", 0))
        if not rule.get("status") or rule.get("done"):
            answer = self._moto(environ, start if not rule.get("done") else lambda *_: None)
            if not rule.get("done"):
                return answer
        body = rule.get("body", "").encode()
        start(rule["status"], [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def _moto(self, environ: Environ, start: Start) -> list[bytes]:
        with self.lock:
            return list(self.app(environ, start))

    def _rule(self, method: str, path: str, query: str) -> dict[str, Any]:
        """The first rule that fits and has not been played often enough."""
        for rule in self.rules:
            if rule["method"] in ("", method) and rule["path"] in f"{path}?{query}" and rule["times"] > 0:
                rule["times"] -= 1
                return rule
        return {}

    def _control(self, path: str, environ: Environ, start: Start) -> list[bytes]:
        given = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or "null")
        answer: object = None
        match path:
            case "/_play":
                self.rules, self.asked = given, []
            case "/_asked":
                answer = self.asked
            case "/_age":
                bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[given["bucket"]]
                for key, found in bucket.keys.items():
                    if key.startswith(given["prefix"]):
                        found.last_modified = datetime.fromtimestamp(given["time"], UTC).replace(tzinfo=None)
        data = json.dumps(answer).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
        return [data]


class Handler(MotoRequestHandler):
    """Connections are kept, and nothing is printed."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, Server(), threaded=True, request_handler=Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # whoever started the server has ended
