"""A lake behind a web server: read-only, nothing can be listed, files are copied to scratch once."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import fieldhouse as fh
from fieldhouse.consume import opened
from fieldhouse.lake.store import Store


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder and keeps a list of what was asked for."""

    asked: list[str]

    def log_message(self, *_: object) -> None:
        self.asked.append(self.path)


@pytest.fixture
def web(lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """The lake's address on loopback, and the paths asked for."""
    import obstore.store

    asked: list[str] = []
    handler = functools.partial(type("Handler", (Quiet,), {"asked": asked}), directory=str(lake))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        # Plain HTTP is for this test alone: the store is made as for https, but for that.
        backend = obstore.store.from_url(url, client_options={"allow_http": True})
        monkeypatch.setattr(opened, "open_store", lambda _, make: Store(backend, url, None))
        yield url, asked
        server.shutdown()
        thread.join()


def test_a_release_is_read_over_the_web_and_its_parts_are_copied_once(web: tuple[str, list[str]]) -> None:
    url, asked = web
    for _ in range(2):
        assert len(fh.load("football.standing", lake=url)) == 8
        assert fh.sql("SELECT count(*) AS n FROM core.team", lake=url)["n"].tolist() == [2]
    parts = [path for path in asked if path.startswith("/parts/")]
    assert len(parts) == len(set(parts)) == 3


def test_releases_are_found_by_walking_back_from_the_newest(web: tuple[str, list[str]]) -> None:
    assert [release.number for release in fh.releases(lake=web[0])] == [1, 2]


def test_a_release_that_is_not_there_is_named_with_the_newest(web: tuple[str, list[str]]) -> None:
    with pytest.raises(fh.NotFound, match="no release 9"):
        fh.datasets(9, lake=web[0])


def test_an_unknown_server_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore.exceptions

    def refuse(*_: object) -> None:
        raise obstore.exceptions.GenericError("no such host\nand much more")

    monkeypatch.setattr(Store, "find", refuse)
    with pytest.raises(fh.UnavailableError, match="cannot be read: no such host\n  →"):
        fh.datasets()
