"""The fault server does what it is told, and remembers what it was asked."""

import gzip
import http.client
import zlib
from collections.abc import Iterator

import pytest

from fieldhouse.kit.faults import (
    Chunked,
    FaultServer,
    Ok,
    Raw,
    Reset,
    ShortBody,
    Status,
    gzip_bomb,
    half_gzip,
    retry_after,
    zipped,
)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def ask(server: FaultServer, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]))
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.headers)
    finally:
        connection.close()


def test_behaviours_follow_one_another_and_the_last_stays(server: FaultServer) -> None:
    server.on("/a", Status(503), Ok(b"x"))
    assert [ask(server, "/a")[0] for _ in range(3)] == [503, 200, 200]


def test_it_remembers_requests_with_their_headers(server: FaultServer) -> None:
    server.on("/a", Ok(b"x"))
    ask(server, "/a?q=1", If_None_Match='"1"')
    ask(server, "/b")
    assert [asked.headers["if-none-match"] for asked in server.seen("/a")] == ['"1"']
    assert server.seen("/a")[0].target == "/a?q=1"
    assert server.paths == ["/a", "/b"]
    assert server.seen("/c") == []


def test_what_is_not_told_is_404(server: FaultServer) -> None:
    assert ask(server, "/none")[0] == 404


def test_validators_are_compared(server: FaultServer) -> None:
    server.on("/a", Ok(b"x", etag='"1"', last_modified="Sat, 01 Aug 2026 00:00:00 GMT"))
    assert ask(server, "/a", If_None_Match='"1"')[0] == 304
    assert ask(server, "/a", If_None_Match='"2"', If_Modified_Since="Sat, 01 Aug 2026 00:00:00 GMT")[0] == 200
    assert ask(server, "/a", If_Modified_Since="Sat, 01 Aug 2026 00:00:00 GMT")[0] == 304


def test_bodies_that_are_cut(server: FaultServer) -> None:
    server.on("/short", ShortBody(b"0123456789", 4))
    server.on("/chunked", Chunked(b"0123456789", cut=True))
    for path in ("/short", "/chunked"):
        with pytest.raises(http.client.IncompleteRead):
            ask(server, path)
    server.on("/chunked", Chunked(b"0123456789"))
    assert ask(server, "/chunked")[1] == b"0123456789"


def test_connections_that_break(server: FaultServer) -> None:
    server.on("/reset", Reset())
    with pytest.raises(ConnectionResetError):
        ask(server, "/reset")
    server.on("/raw", Raw(b"not HTTP\r\n\r\n"))
    with pytest.raises(http.client.BadStatusLine):
        ask(server, "/raw")


def test_codings(server: FaultServer) -> None:
    server.on("/gzip", zipped(b"x" * 100))
    server.on("/deflate", zipped(b"x" * 100, "deflate"))
    server.on("/raw", zipped(b"x" * 100, "raw"))
    server.on("/half", half_gzip(bytes(range(256)) * 4))
    server.on("/bomb", gzip_bomb(3_000_000))
    assert gzip.decompress(ask(server, "/gzip")[1]) == b"x" * 100
    assert zlib.decompress(ask(server, "/deflate")[1]) == b"x" * 100
    assert zlib.decompress(ask(server, "/raw")[1], wbits=-15) == b"x" * 100
    with pytest.raises(EOFError):
        gzip.decompress(ask(server, "/half")[1])
    bomb = ask(server, "/bomb")[1]
    assert len(bomb) < 10_000
    assert len(gzip.decompress(bomb)) == 3_000_000


def test_retry_after_is_seconds_or_a_date(server: FaultServer) -> None:
    server.on("/a", retry_after(2), retry_after("Sat, 01 Aug 2026 00:00:00 GMT", 503))
    assert [(s, h["Retry-After"]) for s, _, h in (ask(server, "/a"), ask(server, "/a"))] == [
        (429, "2"),
        (503, "Sat, 01 Aug 2026 00:00:00 GMT"),
    ]


def test_a_script_needs_a_behaviour(server: FaultServer) -> None:
    with pytest.raises(ValueError, match="at least one"):
        server.on("/a")
