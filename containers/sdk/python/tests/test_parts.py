"""Parts that can be asked without a network: guards, pace, secrets, state."""

import json
from pathlib import Path

import pytest
from extractor import Extraction, Failure, Wanted, log
from extractor.expect import fault_of
from extractor.guard import is_private, next_hop
from extractor.pace import Clock, Pace, retry_after
from extractor.process import run
from extractor.request import read_request
from upstream import plain, write_request

PRIVATE = ["localhost", "a.localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "100.64.0.1"]
PRIVATE += ["::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "0.0.0.0", "224.0.0.1"]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_hosts_are_seen(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["shop.example", "1.1.1.1", "2606:4700::1111"])
def test_public_ones_too(host: str) -> None:
    assert not is_private(host)


def test_a_redirect_stays_encrypted() -> None:
    assert next_hop("https://a.example/x/y", "../z", 1) == "https://a.example/z"
    for location in ("http://a.example/", "ftp://a.example/", "https://u@a.example/", None):
        with pytest.raises(Failure):
            next_hop("https://a.example/", location, 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("Thu, 01 Jan 1970 00:02:00 GMT", 20), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("soon", None)],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(text, 100.0) == seconds


def test_a_pace_spaces_requests_and_never_waits_past_the_deadline() -> None:
    pace = Pace(Clock(10), 3600)
    pace.wait()
    with pytest.raises(Failure, match="deadline"):
        pace.wait()


@pytest.mark.parametrize(
    ("expect", "body", "fault"),
    [
        ("json", b'\xef\xbb\xbf {"a": 1}\n', ""),
        ("json", b'{"a": ', "cut"),
        ("json", b"Not found", "neither"),
        ("ndjson", b'{"a": 1}\n{"a": 2}\n', ""),
        ("csv", b"a,b\n1,2\n", ""),
        ("csv", b"<Error>", "no csv"),
        ("parquet", b"PAR1....PAR1", ""),
        ("parquet", b"PAR1....", "no parquet"),
        ("text", b"anything", ""),
        ("text", b"  \n", "empty"),
    ],
)
def test_an_error_page_is_no_data(expect: str, body: bytes, fault: str) -> None:
    found = fault_of(expect, body, body)
    assert fault in found
    assert bool(fault) == bool(found)


def test_a_secret_is_blotted_out_of_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "token").write_text('s3cr"et\n')
    request = read_request(write_request(tmp_path / "in", "https://shop.example", secrets=str(tmp_path)))
    assert request.secret("token") == 's3cr"et'
    log.say("info", 'asking with s3cr"et', header='Bearer s3cr"et')
    line = capfd.readouterr().err
    assert "s3cr" not in line
    assert json.loads(line)["header"] == "Bearer ***"
    with pytest.raises(Failure, match="missing"):
        request.secret("other")


def test_state_is_handed_on_and_fresh_bytes_come_in_any_case(tmp_path: Path, upstream) -> None:
    """An extractor of its own: what it must read itself it asks for without conditions, or has in its state."""
    upstream.on("/index.csv", plain(200, b"a\nb\n", ETag='"1"'))
    bodies: list[bytes | None] = []

    def extract(run: Extraction) -> dict[str, object]:
        index = Wanted("table", "index.csv", upstream.url + "/index.csv", fresh=not run.request.state)
        [found] = run.fetch([index])
        bodies.append(found.body and found.body.read_bytes())
        return {"seen": True}

    def once(name: str, **changes: object) -> dict[str, object]:
        out = tmp_path / name
        out.mkdir()
        request = write_request(tmp_path / f"{name}-in", upstream.url, **changes)
        assert run(extract, [str(request), str(out)]) == 0
        seal: dict[str, object] = json.loads((out / "manifest.json").read_text())
        return seal

    first = once("a")
    [file] = first["files"]
    line = {name: file[name] for name in ("feed", "key", "sha256", "bytes", "etag", "last_modified")}
    (tmp_path / "known.ndjson").write_text(json.dumps(line) + "\n")
    lake = {"known": str(tmp_path / "known.ndjson")}
    without, within = once("b", **lake), once("c", **lake, state=first["state"])
    assert bodies == [b"a\nb\n", b"a\nb\n", None]
    assert "If-None-Match" not in upstream.seen[1][1]
    assert upstream.seen[2][1]["If-None-Match"] == '"1"'
    assert [seal["files"][0]["status"] for seal in (first, without, within)] == ["new", "unchanged", "unchanged"]


def test_a_feed_that_is_not_asked_for_has_no_base(tmp_path: Path) -> None:
    request = read_request(write_request(tmp_path, "https://shop.example"))
    assert request.base("table") == "https://shop.example/"
    with pytest.raises(Failure, match="the feed index is needed"):
        request.base("index")


def test_too_much_state_is_a_defect(tmp_path: Path, upstream, capfd: pytest.CaptureFixture[str]) -> None:
    upstream.on("/a", plain(200, b"a"))

    def extract(run: Extraction) -> dict[str, object]:
        run.fetch([Wanted("table", "a", upstream.url + "/a")])
        return {"x": "y" * 70_000}

    out = tmp_path / "out"
    out.mkdir()
    assert run(extract, [str(write_request(tmp_path / "in", upstream.url)), str(out)]) == 70
