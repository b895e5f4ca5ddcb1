"""A lake in a bucket: lost answers, stores that promise too little, and every way to be refused."""

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from object_stores import S3

from fieldhouse.errors import (
    ConfigurationError,
    Exit,
    FieldhouseError,
    RefusedError,
    StorageError,
    TemporaryError,
    UnavailableError,
    UsageError,
)
from fieldhouse.lake import Store, open_store, releases, runs
from fieldhouse.lake.bucket import PROOF
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release
from fieldhouse.lake.runs import Receipt
from fieldhouse.lake.trouble import meaning


@pytest.fixture
def store(bucket: str) -> Store:
    """An empty lake in a bucket."""
    return open_store(bucket)


def methods(s3: S3) -> list[str]:
    return [asked.method for asked in s3.asked()]


def test_a_create_whose_answer_was_lost_is_won_all_the_same(store: Store, s3: S3) -> None:
    store.check_writable()
    s3.play({"method": "PUT", "status": "500 Internal Server Error", "times": 1, "done": True})
    assert store.create("releases/00000001.json", b"mine")
    assert methods(s3) == ["PUT", "PUT", "GET"]
    assert not store.create("releases/00000001.json", b"another's")
    assert store.get("releases/00000001.json") == b"mine"


def test_a_create_that_met_another_which_came_to_nothing_is_tried_again(store: Store, s3: S3) -> None:
    store.check_writable()
    body = "<Error><Code>ConditionalRequestConflict</Code></Error>"
    s3.play({"method": "PUT", "status": "409 Conflict", "times": 2, "body": body})
    assert store.create("releases/00000001.json", b"mine")
    assert store.get("releases/00000001.json") == b"mine"


def test_a_name_that_can_never_be_made_is_given_up(store: Store, s3: S3) -> None:
    store.check_writable()
    s3.play({"method": "PUT", "status": "409 Conflict"})
    with pytest.raises(TemporaryError, match="is neither there nor can be made"):
        store.create("releases/00000001.json", b"mine")


def test_a_store_that_creates_what_exists_is_not_written_to(store: Store, s3: S3) -> None:
    s3.play({"method": "PUT", "ignore": "HTTP_IF_NONE_MATCH"})
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="ignores `If-None-Match: \\*`") as caught:
            store.create("releases/00000001.json", b"mine")
        assert caught.value.exit == Exit.CONFIGURATION
    assert store.names("") == [PROOF]


def test_that_a_store_keeps_its_promise_is_asked_once_a_process(store: Store, s3: S3) -> None:
    store.create("landings/toy/00000001.json", b"1")
    s3.play()
    store.create("landings/toy/00000002.json", b"2")
    assert methods(s3) == ["PUT"]
    s3.play()
    open_store(store.url).create("landings/toy/00000003.json", b"3")
    assert methods(s3) == ["PUT", "PUT"]


def test_content_costs_one_request(store: Store, s3: S3, tmp_path: Path) -> None:
    s3.play()
    (tmp_path / "file").write_bytes(b"content")
    assert store.put("raw/ab/abc", tmp_path / "file")
    assert methods(s3) == ["PUT"]


def test_content_that_is_there_and_young_is_not_written_again(store: Store, s3: S3) -> None:
    store.put("raw/ab/abc", b"content")
    s3.play()
    assert not store.put("raw/ab/abc", b"content")
    assert methods(s3) == ["PUT", "HEAD"]


def test_big_content_is_made_at_once_or_not_at_all(store: Store, s3: S3) -> None:
    data = os.urandom(6 << 20)
    s3.play({"method": "PUT", "status": "500 Internal Server Error", "times": 1})
    assert store.put("raw/ab/abc", data)
    s3.age(store.url, "raw", 1)
    assert not store.put("raw/ab/abc", data)
    assert {(asked.method, asked.query) for asked in s3.asked()} == {("PUT", ""), ("HEAD", "")}
    assert store.get("raw/ab/abc") == data


def test_what_fails_for_a_moment_is_tried_again(store: Store, s3: S3, publish: Callable[..., Release]) -> None:
    publish()
    s3.play({"status": "503 Slow Down", "times": 2})
    assert releases.newest(store) == 1


def test_whether_many_parts_are_there_is_one_request(store: Store, s3: S3, part: Callable[..., Part]) -> None:
    made = {found.path: found.bytes for found in map(part, range(20))}
    s3.play()
    assert store.holds(made)
    assert store.holds({})
    assert methods(s3) == ["GET"]
    assert not store.holds({**made, "parts/core.team/none": 1})
    assert not store.holds({name: size + 1 for name, size in made.items()})


def test_parts_that_another_process_made_since_are_there(store: Store, s3: S3, part: Callable[..., Part]) -> None:
    assert store.holds({part(1).path: part(1).bytes})
    assert open_store(store.url).put("parts/core.team/later", b"content")
    assert store.holds({"parts/core.team/later": 7})


def test_parts_that_are_deleted_or_cut_short_are_no_longer_there(store: Store, part: Callable[..., Part]) -> None:
    made = {part(1).path: part(1).bytes}
    assert store.holds(made)
    store.hint(part(1).path, b"half")
    assert not store.holds(made)
    part(1)
    assert store.holds(made)
    store.delete(made)
    assert not store.holds(made)


def test_receipts_are_read_where_no_library_that_reads_tables_is_installed(store: Store) -> None:
    left = runs.leave(store, Receipt("run", "land.toy", 1, counts={"landing": 1}))
    script = """
        import sys
        for name in ("pyarrow", "pandas", "duckdb", "polars"):
            sys.modules[name] = None  # importing it fails
        from fieldhouse.lake import open_store, runs
        print(runs.receipt(open_store(sys.argv[1], make=False), "run", "land.toy").digest)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), store.url], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == left.digest


def test_the_clock_of_gc_is_the_stores(store: Store, s3: S3) -> None:
    store.put("raw/ab/abc", b"content")
    s3.age(store.url, "raw", 1234567)
    assert store.times("raw") == {"raw/ab/abc": 1234567.0}


@dataclass(frozen=True)
class Refusal:
    """What the store answers, and what that is."""

    rule: dict[str, Any]
    kind: type[FieldhouseError]
    exit: Exit
    says: str


def _body(code: str, message: str) -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


REFUSALS = {
    "denied": Refusal(
        {"status": "403 Forbidden", "body": _body("AccessDenied", "Access Denied")},
        RefusedError,
        Exit.PERMISSION,
        "access is refused: AccessDenied: Access Denied",
    ),
    "expired": Refusal(
        {"status": "400 Bad Request", "body": _body("ExpiredToken", "Log in again")},
        RefusedError,
        Exit.PERMISSION,
        "access is refused: ExpiredToken: Log in again",
    ),
    "down": Refusal(
        {"status": "503 Service Unavailable"}, TemporaryError, Exit.TEMPORARY, "not to be had now: HTTP 503"
    ),
    "too much": Refusal(
        {"status": "503 Slow Down", "body": _body("SlowDown", "Less, please")},
        TemporaryError,
        Exit.TEMPORARY,
        "not to be had now: SlowDown: Less, please",
    ),
    "slow": Refusal({"wait": 3, "times": 9}, TemporaryError, Exit.TEMPORARY, "no whole answer within 0.5 s"),
    "elsewhere": Refusal(
        {"status": "301 Moved"}, ConfigurationError, Exit.CONFIGURATION, "the bucket is in another region"
    ),
    "gone": Refusal(
        {"status": "404 Not Found", "body": _body("NoSuchBucket", "")},
        UnavailableError,
        Exit.UNAVAILABLE,
        "there is no such bucket",
    ),
    "odd": Refusal({"status": "418 Teapot"}, UnavailableError, Exit.UNAVAILABLE, "not to be had: HTTP 418"),
}
VERBS: dict[str, Callable[[Store], object]] = {
    "find": lambda store: store.find("releases/latest"),
    "create": lambda store: store.create("releases/00000001.json", b"{}"),
    "put": lambda store: store.put("raw/ab/abc", b"content"),
    "hint": lambda store: store.hint("releases/latest", b"1"),
    "names": lambda store: store.names("releases"),
    "delete": lambda store: store.delete(["releases/latest"]),
    "local": lambda store: store.local(f"raw/ab/{'ab' * 32}"),
    "check_writable": lambda store: store.check_writable(),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_refusal_is_an_error_of_its_class_that_names_the_lake(
    bucket: str, s3: S3, monkeypatch: pytest.MonkeyPatch, verb: str, refusal: Refusal
) -> None:
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "0.5")
    store = open_store(bucket)
    s3.play(refusal.rule)
    with pytest.raises(refusal.kind, match=rf"^{bucket}: .*{refusal.says}") as caught:
        VERBS[verb](store)
    assert caught.value.exit == refusal.exit
    assert caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("verb", VERBS)
def test_a_bucket_that_is_not_there_is_unavailable(s3: S3, verb: str) -> None:
    store = open_store("s3://no-such-bucket/lake")
    with pytest.raises(UnavailableError, match=r"^s3://no-such-bucket/lake: there is no such bucket"):
        VERBS[verb](store)


def test_a_reader_of_a_lake_that_may_not_write_is_told_so(store: Store, s3: S3) -> None:
    s3.play({"method": "PUT", "status": "403 Forbidden"})
    assert releases.newest(store) == 0
    with pytest.raises(RefusedError, match="only-once: access is refused"):
        store.check_writable()


@pytest.mark.parametrize(
    ("endpoint", "kind", "says"),
    [
        ("http://127.0.0.1:9", TemporaryError, "nothing answers there"),
        ("http://no.such.host.invalid", UnavailableError, "nobody knows a server of that name"),
    ],
)
def test_a_store_that_cannot_be_reached(
    s3: S3, monkeypatch: pytest.MonkeyPatch, endpoint: str, kind: type[FieldhouseError], says: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "0.5")
    with pytest.raises(kind, match=f"^s3://some-bucket/lake: releases/latest: {says}"):
        releases.newest(open_store("s3://some-bucket/lake"))


def test_without_credentials_it_is_said_that_there_are_none(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", "0.5")
    with pytest.raises(RefusedError, match="no credentials were found"):
        releases.newest(open_store("s3://some-bucket/lake"))


@pytest.mark.parametrize("verb", VERBS)
def test_no_message_holds_a_secret(bucket: str, s3: S3, verb: str) -> None:
    s3.play({"status": "403 Forbidden"})
    with pytest.raises(RefusedError) as caught:
        VERBS[verb](open_store(bucket))
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///lake", "s3://two words/lake", "s3://key:secret@bucket/lake", "gs://b/x?secret", "az://"]
)
def test_what_is_no_address_of_a_bucket_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("given", ["0", "-1", "soon", "nan", "100000"])
def test_patience_is_seconds(s3: S3, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("FIELDHOUSE_PATIENCE", given)
    with pytest.raises(ConfigurationError, match="FIELDHOUSE_PATIENCE"):
        open_store("s3://bucket/lake")


def test_a_copy_for_which_scratch_has_no_room_is_told(
    store: Store, part: Callable[..., Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fieldhouse.lake.cache._write", full)
    with pytest.raises(StorageError, match=r"cannot be copied to .*: No space left on device") as caught:
        store.local(part(1).path)
    assert "FIELDHOUSE_SCRATCH" in caught.value.hint


def test_a_copy_that_was_cut_short_is_not_kept(store: Store, part: Callable[..., Part], s3: S3) -> None:
    made = part(1)
    s3.play({"path": "/parts/", "status": "200 OK", "times": 1, "body": "PAR1"})
    with pytest.raises(StorageError, match="came with other content"):
        store.local(made.path)
    assert store.holds({made.path: made.bytes})
    assert store.local(made.path).read_bytes() == store.get(made.path)


def test_what_nobody_foresaw_is_said_as_it_is() -> None:
    error = meaning("Generic S3 error: something quite new\nand more", "s3://b", "name")
    assert str(error).startswith("s3://b: name: not to be had: Generic S3 error: something quite new\n  →")
    assert error.exit == Exit.UNAVAILABLE
