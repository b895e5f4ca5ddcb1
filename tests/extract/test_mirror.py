"""The mirror serves a folder as a good upstream would, and nothing beside it."""

import http.client
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldhouse.errors import NotFound
from fieldhouse.extract.mirror import Mirror


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "mirror"
    (root / "leagues" / "data").mkdir(parents=True)
    (root / "leagues" / "data" / "a b.json").write_bytes(b"0123456789")
    (root / "leagues" / "empty").write_bytes(b"")
    (tmp_path / "secret").write_text("outside")
    return root


@pytest.fixture
def mirror(folder: Path) -> Iterator[Mirror]:
    with Mirror(folder) as mirror:
        yield mirror


PATH = "/leagues/data/a%20b.json"


def ask(mirror: Mirror, path: str = PATH, method: str = "GET", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(mirror.url.rpartition(":")[2]))
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, dict(answer.headers)


def test_a_file_comes_with_its_validators(mirror: Mirror) -> None:
    status, body, headers = ask(mirror)
    assert (status, body) == (200, b"0123456789")
    assert {"ETag", "Last-Modified", "Accept-Ranges"} <= headers.keys()


def test_its_validators_give_304(mirror: Mirror) -> None:
    _, _, headers = ask(mirror)
    assert ask(mirror, If_None_Match=headers["ETag"])[:2] == (304, b"")
    assert ask(mirror, If_None_Match=f'"x", W/{headers["ETag"]}')[0] == 304
    assert ask(mirror, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert ask(mirror, If_None_Match='"x"', If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_a_file_laid_over_it_with_the_same_size_and_time_is_another(mirror: Mirror, folder: Path) -> None:
    """Unpacked archives give all files one time."""
    path = folder / "leagues/data/a b.json"
    _, _, headers = ask(mirror)
    status = path.stat()
    path.with_name("new").write_bytes(b"9876543210")
    os.utime(path.with_name("new"), ns=(status.st_atime_ns, status.st_mtime_ns))
    path.with_name("new").rename(path)
    assert ask(mirror, If_None_Match=headers["ETag"], If_Modified_Since=headers["Last-Modified"])[0] == 200


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=0-99", 206, b"0123456789"[:10]),
        ("bytes=10-", 416, b""),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_ranges(mirror: Mirror, asked: str, status: int, body: bytes) -> None:
    found = ask(mirror, Range=asked)
    expected = 200 if asked == "bytes=0-99" else status  # the whole file is no part of itself
    assert found[:2] == (expected, body)


def test_an_empty_file_is_served(mirror: Mirror) -> None:
    assert ask(mirror, "/leagues/empty")[:2] == (200, b"")
    assert ask(mirror, "/leagues/empty", Range="bytes=0-1")[:2] == (200, b"")


def test_head_has_headers_only(mirror: Mirror) -> None:
    status, body, headers = ask(mirror, method="HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", "10")


def test_other_methods_are_refused(mirror: Mirror) -> None:
    assert ask(mirror, method="POST")[0] == 405


@pytest.mark.parametrize(
    "path",
    ["/", "/leagues", "/leagues/", "/leagues/data/", "/none", "/leagues/../../secret", "/..%2fsecret", "/%2e%2e/secret",
     "//etc/passwd", "/leagues/data/a%20b.json%00", "/" + "x" * 5000, "/leagues/./empty", "secret"],
)  # fmt: skip
def test_nothing_else_exists(mirror: Mirror, path: str) -> None:
    assert ask(mirror, path)[0] == 404


def test_a_query_does_not_matter(mirror: Mirror) -> None:
    assert ask(mirror, f"{PATH}?v=1")[0] == 200


def test_one_connection_serves_many_requests(mirror: Mirror) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(mirror.url.rpartition(":")[2]))
    for _ in range(3):
        connection.request("GET", PATH)
        assert connection.getresponse().read() == b"0123456789"
    connection.close()


def test_a_large_file_is_whole(mirror: Mirror, folder: Path) -> None:
    body = os.urandom(1 << 20)
    (folder / "large").write_bytes(body)
    assert ask(mirror, "/large")[1] == body
    assert ask(mirror, "/large", Range="bytes=1000-1000000")[1] == body[1000:1000001]


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is no folder"):
        Mirror(tmp_path / "none")
