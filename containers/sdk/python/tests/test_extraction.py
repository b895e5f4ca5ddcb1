"""The example, run as the pipeline runs it: what is landed, and how it ends."""

import gzip
import hashlib
import json
import signal
import subprocess
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from upstream import LIMITS, plain

from conftest import environment

BODY = b"name,points\n" + b"Ajax,3\n" * 100
PATH = "/table.csv"


def known(folder: Path, **entry: object) -> str:
    line = {"feed": "table", "key": "table.csv", "sha256": hashlib.sha256(BODY).hexdigest(), "bytes": len(BODY)}
    path = folder / "known.ndjson"
    path.write_text(json.dumps({**line, "etag": '"1"', "last_modified": None, **entry}) + "\n")
    return str(path)


def test_what_upstream_has_is_landed_and_sealed(run, upstream) -> None:
    upstream.on(PATH, plain(200, BODY, ETag='"1"', Last_Modified="Mon, 01 Jun 2026 00:00:00 GMT"))
    ended = run()
    assert ended.code == 0
    [file] = ended.files
    assert file.pop("fetched_at")
    assert file == {
        "feed": "table",
        "key": "table.csv",
        "status": "new",
        "bytes": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "url": f"{upstream.url}/table.csv",
        "etag": '"1"',
        "last_modified": "Mon, 01 Jun 2026 00:00:00 GMT",
    }
    assert (ended.out / "files/table/table.csv").read_bytes() == BODY
    assert upstream.seen[0][1]["User-Agent"] == "fieldhouse-python/1 (+data@shop.example)"


def test_a_mirror_stands_in_for_the_base(run, upstream) -> None:
    upstream.on("/shop/data/table.csv", plain(200, BODY))
    assert run(mirror=upstream.url, bases={"main": {"url": "https://shop.example", "mirror": "data"}}).code == 0


def test_what_is_known_is_asked_for_conditionally(run, upstream, tmp_path) -> None:
    upstream.on(PATH, plain(304))
    ended = run(known=known(tmp_path))
    assert upstream.seen[0][1]["If-None-Match"] == '"1"'
    assert [(file["status"], file["etag"]) for file in ended.files] == [("unchanged", '"1"')]


def test_equal_bytes_are_unchanged_without_validators(run, upstream, tmp_path) -> None:
    upstream.on(PATH, plain(200, BODY))
    ended = run(known=known(tmp_path, etag=None))
    assert [file["status"] for file in ended.files] == ["unchanged"]
    assert not (ended.out / "files").exists()


def test_gzip_is_undone(run, upstream) -> None:
    upstream.on(PATH, plain(200, gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]), Content_Encoding="gzip"))
    assert (run().out / "files/table/table.csv").read_bytes() == BODY


def test_a_gzip_of_exactly_one_portion_is_whole(run, upstream) -> None:
    body = b"x" * (1 << 20)
    upstream.on(PATH, plain(200, gzip.compress(body), Content_Encoding="gzip"))
    assert run().files[0]["bytes"] == 1 << 20


def test_what_passes_leaves_no_trace(run, upstream) -> None:
    upstream.on(PATH, plain(503), plain(429, Retry_After="0"), plain(200, BODY))
    assert run().files[0]["bytes"] == len(BODY)


TEMPORARY = {
    "500": plain(500),
    "a short body": plain(200, BODY, Content_Length=str(len(BODY) + 1)),
    "half a gzip stream": plain(200, gzip.compress(BODY)[:-12], Content_Encoding="gzip"),
    "damaged gzip": plain(200, BODY, Content_Encoding="gzip"),
    "a cut chunked body": plain(200, b"ff\r\nabc", Transfer_Encoding="chunked"),
    "no HTTP": lambda handler: handler.wfile.write(b"hello\r\n"),
}
PERMANENT = {
    "404": (69, plain(404)),
    "403": (77, plain(403)),
    "206": (65, plain(206, BODY)),
    "an HTML page": (65, plain(200, b"<!DOCTYPE html><p>")),
    "nothing": (65, plain(200)),
    "more than is allowed": (65, plain(200, gzip.compress(bytes(9 << 20)), Content_Encoding="gzip")),
    "a coding that was not asked for": (65, plain(200, BODY, Content_Encoding="br")),
    "an endless redirect": (69, plain(302, Location=PATH)),
    "a redirect to a file": (69, plain(302, Location="file:///etc/passwd")),
}


@pytest.mark.parametrize("answer", TEMPORARY.values(), ids=TEMPORARY)
def test_what_may_pass_is_tried_five_times(run, upstream, answer) -> None:
    upstream.on(PATH, answer)
    ended = run()
    assert (ended.code, ended.seal, len(upstream.seen)) == (75, None, 5)
    last = ended.log[-1]
    assert (last["level"], last["code"], last["feed"], last["key"]) == ("error", 75, "table", "table.csv")


@pytest.mark.parametrize(("code", "answer"), PERMANENT.values(), ids=PERMANENT)
def test_what_will_not_pass_ends_the_run(run, upstream, code, answer) -> None:
    upstream.on(PATH, answer)
    ended = run()
    assert (ended.code, ended.seal, ended.log[-1]["code"]) == (code, None, code)


def test_a_wait_past_the_deadline_is_told_and_not_waited(run, upstream) -> None:
    upstream.on(PATH, plain(429, Retry_After="3600"))
    began = time.monotonic()
    ended = run()
    assert (ended.code, ended.log[-1]["retry_after_s"], len(upstream.seen)) == (75, 3600, 1)
    assert time.monotonic() - began < 20


def test_one_that_fails_for_a_while_does_not_keep_the_others(run, upstream) -> None:
    upstream.on(PATH, plain(200, BODY))
    upstream.on("/other.csv", plain(500))
    feeds = {name: {"format": "csv", "key": f"{name}.csv"} for name in ("table", "other")}
    ended = run(feeds=feeds)
    assert (ended.code, [file["key"] for file in ended.files]) == (75, ["table.csv"])


@pytest.mark.parametrize(("known_before", "sealed"), [(False, []), (True, ["gone"])])
def test_an_optional_key_may_be_absent(run, upstream, tmp_path, known_before, sealed) -> None:
    upstream.on("/other.csv", plain(200, BODY))
    feeds = {
        "table": {"format": "csv", "key": "table.csv", "optional": True},
        "other": {"format": "csv", "key": "other.csv"},
    }
    ended = run(feeds=feeds, known=known(tmp_path) if known_before else None)
    assert ended.code == 0
    assert [file["status"] for file in ended.files if file["feed"] == "table"] == sealed


def test_the_deadline_is_the_extractors_own(run, upstream) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        plain(200, Content_Length="1000")(handler)
        for _ in range(200):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    upstream.on(PATH, drip)
    ended = run(limits={**LIMITS, "deadline_s": 1})
    assert (ended.code, ended.seal) == (75, None)


def test_sigterm_ends_it_with_143_and_without_a_seal(run, upstream) -> None:
    upstream.on(PATH, lambda handler: time.sleep(2))
    command, out = run.command()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr
        process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        *_, last = process.stderr.read().splitlines()
    assert process.returncode == json.loads(last)["code"] == 143
    assert not (out / "manifest.json").exists()


WRONG = {
    "protocol 2": (64, {"protocol": 2}),
    "a task to read": (64, {"task": "read"}),
    "an interval": (64, {"interval": {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}}),
    "no limit": (78, {"limits": {**LIMITS, "concurrency": 0}}),
    "a base that is none": (78, {"bases": {"main": {"url": "https://user:word@shop.example"}}}),
    "a key with a place": (78, {"feeds": {"table": {"format": "csv", "key": "{season}.csv"}}}),
    "a key that leads out": (78, {"feeds": {"table": {"format": "csv", "key": "../a", "url": "a"}}}),
    "a contact that is none": (78, {"config": {"contact": "ä"}}),
}


@pytest.mark.parametrize(("code", "changes"), WRONG.values(), ids=WRONG)
def test_a_wrong_request_is_refused_before_anything_is_fetched(run, upstream, code, changes) -> None:
    ended = run(**changes)
    assert (ended.code, ended.log[-1]["code"], upstream.seen) == (code, code, [])


def test_unknown_fields_are_ignored(run, upstream) -> None:
    upstream.on(PATH, plain(200, BODY))
    assert run(anything={"new": True}).code == 0


def test_a_disk_that_cannot_be_written_is_74(run, upstream) -> None:
    upstream.on(PATH, plain(200, BODY))
    command, out = run.command()
    (out / "tmp").write_text("in the way")
    assert subprocess.run(command, check=False, env=environment(), stderr=subprocess.DEVNULL).returncode == 74
