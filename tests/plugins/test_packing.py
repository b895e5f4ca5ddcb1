"""The packing mirror of the tests: archives of what a folder holds, with validators, the same bytes each time."""

import io
import os
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packing import Packed, PackingMirror


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"a/1.json": "{}", "a/deep/2.json": "[]", "b.csv": "x\n", "real.zip": "as it is"}.items():
        path = tmp_path / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), b""


def test_a_folder_is_served_as_a_zip(folder: Path) -> None:
    with PackingMirror(folder) as mirror:
        status, headers, body = get(f"{mirror.url}/toy/a.zip")
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert (status, headers["Content-Length"]) == (200, str(len(body)))
    assert {name: archive.read(name) for name in archive.namelist()} == {"1.json": b"{}", "deep/2.json": b"[]"}


def test_a_rule_says_what_stands_inside(folder: Path) -> None:
    rule = Packed("toy/a", inside="toy-1/", only="*.json", more={"README.txt": b"hello"})
    with PackingMirror(folder, {"toy/archive/v1.tar.gz": rule}) as mirror:
        _, _, body = get(f"{mirror.url}/toy/archive/v1.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        assert archive.getnames() == ["toy-1/1.json", "toy-1/README.txt"]
        assert archive.extractfile("toy-1/README.txt").read() == b"hello"


def test_what_is_not_changed_is_not_sent_again(folder: Path) -> None:
    with PackingMirror(folder) as mirror:
        url = f"{mirror.url}/toy/a.tar.gz"
        _, headers, first = get(url)
        status, again, _ = get(url, If_None_Match=headers["ETag"])
        assert (status, again["ETag"]) == (304, headers["ETag"])
        (folder / "toy/a/1.json").write_text("{ }")
        status, changed, second = get(url, If_None_Match=headers["ETag"])
        assert (status, changed["ETag"] == headers["ETag"], first == second) == (200, False, False)
        assert [asked.headers.get("if-none-match") for asked in mirror.asked] == [None, *[headers["ETag"]] * 2]


def test_another_mirror_of_equal_files_packs_equal_bytes(folder: Path) -> None:
    found = []
    for time in (1, 2):
        os.utime(folder / "toy/a/1.json", (time, time))
        with PackingMirror(folder) as mirror:
            found.append([get(f"{mirror.url}/toy/a{kind}")[1:] for kind in (".zip", ".tar.gz")])
    assert found[0] == found[1]


def test_files_are_served_as_they_are(folder: Path) -> None:
    with PackingMirror(folder) as mirror:
        assert get(f"{mirror.url}/toy/b.csv")[2] == b"x\n"
        assert get(f"{mirror.url}/toy/real.zip")[2] == b"as it is"
        assert get(f"{mirror.url}/toy/b.zip")[0] == get(f"{mirror.url}/../toy.zip")[0] == 404
