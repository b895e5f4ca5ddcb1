"""Seals are believed only as far as they can be re-hashed: each way to lie, and what is said of it."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fieldhouse.errors import Exit
from fieldhouse.extract import schemas
from fieldhouse.extract.reading import Faults, fault_of_url, parse_json, parse_seal
from fieldhouse.extract.seal import Seal, SealedFile, SealRefused, Unsealed, write_seal


def test_an_honest_output_is_believed(output) -> None:
    output.new(
        "season", "2015-16/en.1.json", b'{"a": 1}', url="https://leagues.example/x", fetched_at="2026-08-01T06:00:00Z"
    )
    output.new("table", "table.csv", b"a,b\n", archive={"url": None, "sha256": "a" * 64, "bytes": 9, "member": "t"})
    same = output.know("season", "b")
    output.say("season", "b", "unchanged", bytes=same.bytes, sha256=same.sha256)
    output.know("season", "c")
    output.say("season", "c", "gone")
    (output.out / "tmp").mkdir()
    (output.out / "tmp" / "half").write_text("partial work is ignored")
    seal = output.seal()
    assert [file.key for file in seal.of("new")] == ["2015-16/en.1.json", "table.csv"]
    assert [file.key for file in seal.of("gone")] == ["c"]
    assert seal.files[1].archive.member == "t"


def test_what_write_seal_writes_is_read_back_and_fits_the_schema(output) -> None:
    known = output.know("season", "b", b"{}")
    seal = Seal(
        1,
        "leagues",
        "day-1",
        1,
        (SealedFile("season", "b", "unchanged", known.bytes, known.sha256, "https://leagues.example/b", '"e"'),),
        state={"cursor": "é"},
        stats={"requests": 1},
    )
    path = write_seal(output.out, seal)
    jsonschema.validate(json.loads(path.read_text()), schemas.manifest())
    assert output.verify() == seal


def refused(output, problem: str) -> SealRefused:
    with pytest.raises(SealRefused) as caught:
        output.seal()
    assert caught.value.exit == Exit.DATA
    assert any(problem in found for found in caught.value.problems), caught.value.problems
    return caught.value


def test_no_seal_is_no_success(output) -> None:
    output.new("season", "a")
    with pytest.raises(Unsealed, match="there is no seal") as caught:
        output.verify()
    assert caught.value.exit == Exit.TEMPORARY


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'{"protocol": 1, "files": [',
        b"[]",
        b"\xff\xfe",
        b'{"protocol": NaN}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000,
    ],
)
def test_a_seal_that_is_no_json_object_is_no_seal(output, text: bytes) -> None:
    (output.out / "manifest.json").write_bytes(text)
    with pytest.raises(Unsealed, match="cannot be read"):
        output.verify()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("source", "others", "another request: source is 'others'"),
        ("run", "day-2", "another request: run is 'day-2'"),
        ("attempt", 2, "another request: attempt is 2"),
        ("protocol", 2, "protocol is 2; 1 is known"),
        ("attempt", True, "attempt is True; a whole number"),
        ("files", {}, "files is {}; a list"),
        ("files", ["a"], "files[0] is 'a'; an object"),
        ("state", "text", "state is 'text'; an object"),
        ("state", {"x": "y" * 70_000}, "65536 are allowed"),
        ("state", {"x": "\ud800"}, "no valid Unicode"),
        ("stats", {"x": "y" * 70_000}, "65536 are allowed"),
    ],
)
def test_a_seal_of_another_request_or_shape_is_refused(output, name: str, value: object, problem: str) -> None:
    output.manifest[name] = value
    refused(output, problem)


def test_a_seal_without_state_is_refused(output) -> None:
    del output.manifest["state"]
    refused(output, "state is missing")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("sha256", "0" * 64, "the seal says 0000"),
        ("sha256", "A" * 64, "64 lower-case"),
        ("bytes", 3, "has 2 bytes; the seal says 3"),
        ("bytes", "2", "whole number"),
        ("bytes", None, "whole number"),
        ("status", "fresh", "one of new, unchanged, gone"),
        ("status", "unchanged", "the lake does not know it"),
        ("status", "gone", "the lake does not know it"),
        ("feed", "saison", "there is no feed 'saison'"),
        ("feed", "../season", "there is no feed"),
        ("key", "b", "the output has no such file"),
        ("key", "../a", "leads elsewhere"),
        ("key", "/etc/passwd", "empty part"),
        ("key", "a\x00", "control character"),
        ("key", "\ud800", "a text is expected"),
        ("key", 7, "a text is expected"),
        ("url", "https://user:pw@leagues.example/a", "holds a user or a password"),
        ("url", "https://leagues.example/a?api_key=1", "'api_key', which looks like a secret"),
        ("url", "https://leagues.example/a#b", "fragment"),
        ("url", "a.json", "no absolute URL"),
        ("fetched_at", "2026-08-01 06:00", "a time in UTC"),
        ("fetched_at", "2026-13-01T06:00:00Z", "a time in UTC"),
        ("etag", 1, "a text is expected"),
        ("archive", {"sha256": "x", "bytes": 1, "member": "m"}, "archive: sha256"),
        ("archive", "a.zip", "an object is expected"),
    ],
)
def test_each_wrong_field_of_a_file_is_named(output, name: str, value: object, problem: str) -> None:
    output.new("season", "a")[name] = value
    refused(output, problem)


def test_all_problems_are_listed_not_only_the_first(output) -> None:
    for n in range(8):
        output.new("season", f"k{n}")["sha256"] = "0" * 64
    error = refused(output, "k7")
    assert len(error.problems) == 8
    assert "and 3 more" in str(error)


def test_a_secret_in_a_url_is_not_repeated(output) -> None:
    output.new("season", "a")["url"] = "https://user:hunter2@leagues.example/a?token=hunter3"
    assert "hunter" not in str(refused(output, "user or a password"))


def test_a_pair_is_named_once(output) -> None:
    output.files.append(dict(output.new("season", "a")))
    refused(output, "season/a is named 2 times")


def test_a_file_that_the_seal_does_not_name_is_refused(output) -> None:
    output.new("season", "a")
    (output.out / "files" / "season" / "extra.json").write_text("{}")
    refused(output, "'files/season/extra.json' lies in the output")


def test_a_file_beside_the_folder_files_is_refused(output) -> None:
    (output.out / "notes.txt").write_text("x")
    refused(output, "'notes.txt' lies in the output")


def test_bytes_of_an_unchanged_key_are_an_extra_file(output) -> None:
    known = output.know("season", "a")
    output.new("season", "a")["status"] = "unchanged"
    assert known.bytes == 2
    refused(output, "the seal does not name it as new")


@pytest.mark.parametrize("field", ["sha256", "bytes"])
def test_unchanged_means_the_bytes_that_the_lake_knows(output, field: str) -> None:
    known = output.know("season", "a")
    values = {"sha256": known.sha256, "bytes": known.bytes} | {field: {"sha256": "0" * 64, "bytes": 9}[field]}
    output.say("season", "a", "unchanged", **values)
    refused(output, "the lake knows")


def _symlink(path: Path, target: Path) -> None:
    path.symlink_to(target)


def _folder_link(path: Path, target: Path) -> None:
    path.symlink_to(target.parent)


def _hard_link(path: Path, target: Path) -> None:
    os.link(target, path)


def _fifo(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, _: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (_symlink, "symbolic link"),
        (_folder_link, "symbolic link"),
        (_hard_link, "hard link"),
        (_fifo, "named pipe"),
        (_socket, "socket"),
    ],
)
def test_nothing_but_plain_files_is_accepted(
    output, tmp_path: Path, make: Callable[[Path, Path], None], problem: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"[]")
    path = output.out / "files" / "season" / "a"
    output.new("season", "a")
    path.unlink()
    make(path, secret)
    refused(output, problem)


def test_a_folder_that_is_a_link_is_not_entered(output, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    output.new("season", "a")
    (output.out / "files" / "season" / "a").rename(elsewhere / "a")
    (output.out / "files" / "season").rmdir()
    (output.out / "files" / "season").symlink_to(elsewhere)
    refused(output, "'files/season' is a symbolic link")


def test_a_seal_that_is_a_link_is_refused(output, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(output.manifest))
    (output.out / "manifest.json").symlink_to(tmp_path / "manifest.json")
    with pytest.raises(SealRefused, match="symbolic link"):
        output.verify()


def test_limits_hold_for_what_was_written(output) -> None:
    output.new("season", "big", b"x" * 5_001)
    refused(output, "limits.max_file_bytes is 5000")
    output.new("season", "more", b"x" * 5_000)
    refused(output, "limits.max_bytes is 10000")
    for n in range(20):
        output.new("season", f"k{n}", b"")
    refused(output, "limits.max_files is 20")


def test_keys_must_fit_beside_those_that_the_lake_keeps(output) -> None:
    output.know("season", "EN.json")
    output.new("season", "en.json")
    refused(output, "equal but for upper and lower case")
    output.say("season", "EN.json", "gone")
    for n in range(2):
        output.know("season", f"k{n}")
    output.seal()


def test_more_gone_than_declared_is_refused_with_the_numbers_and_the_way_out(output) -> None:
    for n in range(5):
        output.know("season", f"k{n}")
    for n in range(3):
        output.say("season", f"k{n}", "gone")
    error = refused(output, "3 of 5 known keys are gone, 60.0%; limits.max_vanished allows 50.0%, which is 2")
    assert "raise limits.max_vanished in containers/leagues/source.toml" in error.hint


def test_exactly_the_declared_share_may_be_gone(output) -> None:
    for n in range(4):
        output.know("season", f"k{n}")
    for n in range(2):
        output.say("season", f"k{n}", "gone")
    assert len(output.seal().of("gone")) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://leagues.example/a?season=2015&page_token=2",
        "https://leagues.example/a?monkey=1",
        "s3://bucket/key",
        "https://[::1]:80/a",
        "https://leagues.example/M%C3%BCller",
    ],
)
def test_a_harmless_url_is_kept(url: str) -> None:
    assert not fault_of_url(url)


@pytest.mark.parametrize(
    "name", ["key", "X-Amz-Signature", "access_token", "ApiKey", "AWSAccessKeyId", "client_secret"]
)
def test_a_query_that_looks_secret_is_refused(name: str) -> None:
    assert "looks like a secret" in fault_of_url(f"https://leagues.example/a?x=1&{name}=v")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FILE_FIELDS = ("feed", "key", "status", "bytes", "sha256", "url", "etag", "last_modified", "fetched_at", "archive")


@given(st.dictionaries(st.sampled_from(FILE_FIELDS), JSON), st.sampled_from(["new", "unchanged", "gone"]))
@example({"bytes": []}, "gone")
@example({"sha256": "A" * 64}, "gone")
def test_what_is_accepted_fits_the_schema(spoilt: dict[str, object], status: str) -> None:
    """Whatever the reader lets through, the published schema lets through, too: they cannot drift apart."""
    entry = {"feed": "season", "key": "a", "status": status, "bytes": 1, "sha256": "a" * 64, **spoilt}
    manifest = {"protocol": 1, "source": "s", "run": "r", "attempt": 1, "files": [entry], "state": None}
    try:
        parse_seal(manifest)
    except Faults:
        return
    names = {name: value for name, value in schemas.manifest()["$defs"]["file"]["properties"].items() if name != "key"}
    loose = {**schemas.manifest()["$defs"]["file"], "properties": {**names, "feed": {"type": "string"}}}
    jsonschema.validate(entry, {**loose, "$defs": schemas.manifest()["$defs"]})


@given(JSON)
def test_no_document_makes_the_reader_fail_in_another_way(document: object) -> None:
    try:
        parse_seal(parse_json(json.dumps(document).encode()))
    except (ValueError, Faults):
        return
    pytest.fail("a random document is no seal")


@given(text=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_the_reader_fail_in_another_way(output, text: bytes) -> None:
    (output.out / "manifest.json").write_bytes(text)
    with pytest.raises((Unsealed, SealRefused)):
        output.verify()
