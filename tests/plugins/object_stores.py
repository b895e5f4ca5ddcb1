"""Fixtures of lakes that are no folder: buckets of moto's S3, and folders behind a web server, both on loopback."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest


@dataclass(frozen=True)
class Asked:
    """A request that a server got."""

    method: str
    path: str
    query: str = ""
    sent: int = 0
    range: str = ""


@dataclass(frozen=True)
class S3:
    """moto's server. `play` sets what goes wrong from here on, and forgets what was asked before."""

    url: str

    def _control(self, verb: str, given: object = None) -> Any:
        request = urllib.request.Request(f"{self.url}/_{verb}", data=json.dumps(given).encode())
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def play(self, *rules: dict[str, Any]) -> None:
        """`status` and `body` to answer, `times`, `wait` (seconds), `done` (it happens nevertheless), `ignore` a header."""
        self._control("play", [{"method": "", "path": "", "times": 1 << 30, **rule} for rule in rules])

    def asked(self) -> list[Asked]:
        """The requests since `play`."""
        return [Asked(**found) for found in self._control("asked")]

    def age(self, lake: str, prefix: str, time: float) -> None:
        """Let what lies below the prefix of a lake have been written at this time, in seconds since 1970."""
        bucket, _, folder = lake.removeprefix("s3://").partition("/")
        self._control("age", {"bucket": bucket, "prefix": f"{folder}/{prefix}".lstrip("/"), "time": time})

    def make(self, bucket: str) -> None:
        """Make a bucket."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/{bucket}", method="PUT")).close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """The server, which ends with the session however that ends."""
    script = Path(__file__).with_name("s3_server.py")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    port = process.stdout.readline().strip()
    assert port, "the object store of the tests did not start"
    yield S3(f"http://127.0.0.1:{port}")
    process.stdin.close()
    process.stdout.close()
    process.wait()


_numbers = count(1)


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[S3]:
    """The server as this test's S3: its address and credentials are in the environment, nothing goes wrong yet."""
    for variable in [v for v in os.environ if v.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    given = {
        "AWS_ENDPOINT_URL": s3_server.url,
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "a secret of the tests",
        "AWS_REGION": "us-east-1",
        "FIELDHOUSE_SCRATCH": str(tmp_path / "scratch-of-s3"),
    }
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    s3_server.play()
    yield s3_server
    s3_server.play()


@pytest.fixture
def bucket(s3: S3) -> str:
    """The URL of an empty lake in a bucket of this test's own."""
    name = f"bucket-{os.getpid()}-{next(_numbers)}"
    s3.make(name)
    return f"s3://{name}/some/lake"


@dataclass(frozen=True)
class Served:
    """A folder behind a web server: its address, and the requests that it got."""

    url: str
    asked: list[Asked]


Serve = Callable[..., Served]


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and keeps a list of what was asked for."""

    protocol_version = "HTTP/1.1"
    asked: list[Asked]

    def log_message(self, *_: object) -> None:
        pass

    def log_request(self, *_: object) -> None:
        if hasattr(self, "path"):  # else what came was no HTTP
            self.asked.append(Asked(self.command, self.path, range=self.headers.get("Range", "")))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Serve]:
    """Serves a folder on loopback until the test ends; `handler` may answer in another way."""
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch-of-web"))
    running: list[tuple[ThreadingHTTPServer, Thread]] = []

    def start(folder: Path, handler: type[Handler] = Handler) -> Served:
        asked: list[Asked] = []
        own = type("Handler", (handler,), {"asked": asked})
        server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: own(*args, directory=str(folder)))
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return Served(f"http://127.0.0.1:{server.server_port}", asked)

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()
