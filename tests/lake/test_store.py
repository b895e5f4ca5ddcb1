"""Bytes by name: who wins, what is overwritten, what is listed."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fieldhouse.errors import StorageError, UnavailableError, UsageError
from fieldhouse.lake import Store, open_store


def test_of_many_writers_one_creates_a_name(store: Store) -> None:
    start = threading.Barrier(16)

    def create(writer: int) -> bool:
        own = open_store(store.url)
        start.wait()
        return own.create("releases/00000001.json", b"writer %d" % writer)

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(create, range(16)))
    assert sum(won) == 1
    assert store.get("releases/00000001.json") == b"writer %d" % won.index(True)


def test_two_stores_on_one_folder_race_alike(store: Store) -> None:
    other = open_store(store.url)
    assert store.create("landings/toy/00000001.json", b"first")
    assert not other.create("landings/toy/00000001.json", b"second")
    assert other.get("landings/toy/00000001.json") == b"first"


def test_put_writes_content_once(store: Store) -> None:
    assert store.put("raw/ab/abc", b"content")
    assert not store.put("raw/ab/abc", b"content")


def test_put_takes_files_too(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert store.put("raw/ab/abc", path)
    assert store.get("raw/ab/abc") == b"content"
    assert not store.put("raw/ab/abc", path)


@pytest.mark.parametrize("half", [b"", b"con", b"content and more"])
def test_put_overwrites_what_a_crash_left_of_a_file(store: Store, half: bytes) -> None:
    store.hint("raw/ab/abc", half)
    assert store.put("raw/ab/abc", b"content")
    assert store.get("raw/ab/abc") == b"content"


def test_what_is_put_again_counts_as_young(store: Store, written_at: Callable[..., None]) -> None:
    store.put("parts/core.team/abc", b"content")
    written_at(1)
    assert store.times("parts") == {"parts/core.team/abc": 1.0}
    store.put("parts/core.team/abc", b"content")
    assert store.times("parts")["parts/core.team/abc"] > 1.0
    assert store.get("parts/core.team/abc") == b"content"


def test_a_hint_is_overwritten(store: Store) -> None:
    store.hint("releases/latest", b"1")
    store.hint("releases/latest", b"2")
    assert store.find("releases/latest") == b"2"


def test_what_is_not_there(store: Store) -> None:
    assert store.find("raw/ab/abc") is None
    assert store.size("raw/ab/abc") is None
    assert store.size("raw/ab/abc/below/a/file/that/is/none") is None
    with pytest.raises(StorageError, match="raw/ab/abc is missing"):
        store.get("raw/ab/abc")
    lost = f"raw/ab/{'ab' * 32}"
    with pytest.raises(StorageError, match=f"{lost} is missing"):
        store.local(lost)


def test_names_are_sorted(store: Store) -> None:
    for name in ("parts/b/2", "parts/a/1", "partsandmore/x", "raw/c"):
        store.put(name, b"xy")
    assert store.names("parts") == ["parts/a/1", "parts/b/2"]
    assert store.entries("parts") == [("parts/a/1", 2), ("parts/b/2", 2)]
    assert store.names("memo") == []


def test_more_names_than_one_page_of_a_listing_holds_are_listed_and_deleted(store: Store) -> None:
    names = sorted(f"raw/{number}" for number in range(1100))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store.put(name, b"x"), names))
    assert store.names("raw") == names
    store.delete(names)
    assert store.names("raw") == []


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_half_written_files_are_no_names(store: Store) -> None:
    store.put("parts/a/1", b"xy")
    (Path(store.url) / "parts/a/3#1").write_bytes(b"half")
    assert store.names("parts") == ["parts/a/1"]
    assert [path.name for path in store.leftovers()] == ["3#1"]


def test_content_is_had_as_local_files_in_the_order_asked_for(store: Store) -> None:
    contents = [b"one", b"", b"three" * 1000]
    names = [f"raw/ab/{hashlib.sha256(content).hexdigest()}" for content in contents]
    for name, content in zip(names, contents, strict=True):
        store.put(name, content)
    assert [path.read_bytes() for path in store.local_paths([*names, names[0]])] == [*contents, b"one"]
    assert store.local_paths([]) == []


def test_a_lake_can_be_written_until_somebody_says_no(store: Store) -> None:
    store.check_writable()
    store.check_writable()


def test_deleting_what_is_gone_is_no_error(store: Store) -> None:
    store.put("raw/ab/abc", b"content")
    store.delete(["raw/ab/abc", "raw/ab/abc", "raw/xy/never"])
    assert store.names("raw") == []


def test_a_lake_is_a_folder_or_a_bucket(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a lake is a folder, or s3://"):
        open_store("ftp://host/lake")
    with pytest.raises(UnavailableError, match="there is no lake at"):
        open_store(str(tmp_path / "nothing"), make=False)
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="the lake's folder cannot be made"):
        open_store(str(tmp_path / "file"))


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_what_cannot_be_written_says_so(store: Store) -> None:
    (Path(store.url) / "raw").write_bytes(b"a file where a folder belongs")
    with pytest.raises(StorageError, match="raw/ab/abc cannot be written"):
        store.put("raw/ab/abc", b"content")


def test_many_threads_put_and_create_at_once(store: Store) -> None:
    def work(number: int) -> bool:
        store.put(f"raw/{number % 3}/{number}", b"content")
        return store.create(f"landings/toy/{number:08d}.json", b"{}")

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(40)))
    assert len(store.names("landings")) == 40
    assert not store.leftovers()
