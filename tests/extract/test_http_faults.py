"""The HTTP extractor against upstreams on their bad days: the right exit code, and never a seal over bad bytes."""

import hashlib
import time
from email.utils import formatdate

import pytest

from fieldhouse.errors import Exit
from fieldhouse.extract.known import Known
from fieldhouse.kit.faults import (
    Behaviour,
    Chunked,
    Drip,
    FaultServer,
    Hang,
    Ok,
    Raw,
    Reset,
    ShortBody,
    Status,
    gzip_bomb,
    half_gzip,
    html,
    not_modified,
    redirect,
    retry_after,
    zipped,
)

TABLE = '[feeds.table]\nformat = "csv"\nkey = "table.csv"\n'
TEXT = '[feeds.table]\nformat = "text"\nkey = "table.csv"\n'
MANY = '[feeds.m]\nformat = "text"\nkey = "{n}"\noptional = true\nvalues = { n = { from = 1, to = 4 } }\n'
BODY = b"date,home,away\n" + b"2026-08-01,A,B\n" * 20
PATH = "/data/table.csv"


def known(body: bytes = BODY, etag: str | None = '"1"', modified: str | None = None, feed: str = "table"):
    entry = Known(feed, "table.csv", hashlib.sha256(body).hexdigest(), len(body), etag, modified)
    return {(entry.feed, entry.key): entry}


def test_a_good_answer_is_sealed_with_what_upstream_said(extract, server: FaultServer) -> None:
    server.on(PATH, Ok(BODY, etag='"1"', last_modified="Sat, 01 Aug 2026 00:00:00 GMT"))
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == 0
    (file,) = run.seal.files
    assert (file.status, file.bytes, file.etag) == ("new", len(BODY), '"1"')
    assert file.last_modified == "Sat, 01 Aug 2026 00:00:00 GMT"
    assert file.url == f"{server.url}{PATH}"
    assert (run.out / "files/table/table.csv").read_bytes() == BODY
    assert not list((run.out / "tmp").iterdir())


def test_it_names_product_and_contact(extract, server: FaultServer) -> None:
    server.on(PATH, Ok(BODY))
    extract(f"{server.url}/data/", TABLE)
    agent = server.seen(PATH)[0].headers["user-agent"]
    assert agent.startswith("fieldhouse")
    assert agent.endswith("(+data@leagues.example)")


@pytest.mark.parametrize(
    "answer",
    [
        Chunked(BODY),
        zipped(BODY),
        zipped(BODY, "deflate"),
        zipped(BODY, "raw"),
        Status(200, {"Content-Encoding": "identity"}, BODY),
        Raw(b"HTTP/1.1 200 OK\r\n\r\n" + BODY),
        Status(200, {"Content-Encoding": "gzip"}, zipped(BODY[:100]).body + zipped(BODY[100:]).body + b"\0\0"),
    ],
    ids=["chunked", "gzip", "deflate", "raw deflate", "identity", "until the end", "two gzip members, padded"],
)
def test_transfer_and_content_coding_are_undone(extract, server: FaultServer, answer: Behaviour) -> None:
    server.on(PATH, answer)
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == 0
    assert (run.out / "files/table/table.csv").read_bytes() == BODY


TEMPORARY = {
    "500": Status(500),
    "502": Status(502),
    "503": Status(503),
    "504": Status(504),
    "408": Status(408),
    "429": Status(429),
    "429, retry at once": retry_after(0),
    "short body": ShortBody(BODY, 100),
    "cut chunked body": Chunked(BODY, cut=True),
    "half a gzip stream": half_gzip(BODY),
    "damaged gzip": Status(200, {"Content-Encoding": "gzip"}, zipped(BODY).body[:-8] + bytes(8)),
    "reset": Reset(),
    "reset in the body": Reset(BODY, 100),
    "no HTTP": Raw(b"220 mail.example ESMTP\r\n\r\n"),
    "nothing": Raw(b""),
}


@pytest.mark.parametrize("answer", TEMPORARY.values(), ids=TEMPORARY)
def test_what_may_pass_is_tried_five_times_and_then_temporary(extract, server: FaultServer, answer: Behaviour) -> None:
    server.on(PATH, answer)
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == run.last["code"] == Exit.TEMPORARY
    assert run.seal is None
    assert len(server.seen(PATH)) == 5
    assert (run.last["feed"], run.last["key"]) == ("table", "table.csv")


@pytest.mark.parametrize("answer", TEMPORARY.values(), ids=TEMPORARY)
def test_what_did_pass_leaves_no_trace(extract, server: FaultServer, answer: Behaviour) -> None:
    server.on(PATH, answer, answer, Ok(BODY))
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == 0
    assert (run.out / "files/table/table.csv").read_bytes() == BODY


PERMANENT = {
    "HTML for CSV": (html(), Exit.DATA),
    "XML for CSV": (Ok(b"<?xml version='1.0'?><Error/>"), Exit.DATA),
    "a JSON error for CSV": (Ok(b'{"error": 1}'), Exit.DATA),
    "nothing for CSV": (Ok(b""), Exit.DATA),
    "blanks for CSV": (Ok(b" \r\n"), Exit.DATA),
    "a gzip bomb": (gzip_bomb(50_000_000), Exit.DATA),
    "too large": (Ok(b"x" * 5001), Exit.DATA),
    "too large, chunked": (Chunked(b"x" * 5001, size=1000), Exit.DATA),
    "a coding not asked for": (Status(200, {"Content-Encoding": "br"}, BODY), Exit.DATA),
    "not compressed as it says": (Status(200, {"Content-Encoding": "gzip"}, BODY), Exit.DATA),
    "304 unasked": (not_modified(), Exit.DATA),
    "204": (Status(204), Exit.DATA),
    "404": (Status(404), Exit.UNAVAILABLE),
    "410": (Status(410), Exit.UNAVAILABLE),
    "400": (Status(400), Exit.UNAVAILABLE),
    "451": (Status(451), Exit.UNAVAILABLE),
    "a redirect loop": (redirect(PATH), Exit.UNAVAILABLE),
    "a redirect nowhere": (Status(302), Exit.UNAVAILABLE),
    "a redirect to a file": (redirect("file:///etc/passwd"), Exit.UNAVAILABLE),
    "a redirect with a password": (redirect("http://u:p@127.0.0.1/"), Exit.UNAVAILABLE),
    "401": (Status(401), Exit.PERMISSION),
    "403": (Status(403), Exit.PERMISSION),
}


@pytest.mark.parametrize(("answer", "code"), PERMANENT.values(), ids=PERMANENT)
def test_what_will_not_pass_fails_at_once(extract, server: FaultServer, answer: Behaviour, code: Exit) -> None:
    server.on(PATH, answer)
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == run.last["code"] == code
    assert run.seal is None
    assert len(server.seen(PATH)) == (6 if answer == redirect(PATH) else 1)


def test_refused_bytes_are_kept_for_a_look(extract, server: FaultServer) -> None:
    server.on(PATH, html())
    run = extract(f"{server.url}/data/", TABLE)
    assert "HTML page" in run.last["msg"]
    assert "tmp/refused/table/table.csv" in run.last["msg"]
    assert (run.out / "tmp/refused/table/table.csv").read_bytes().startswith(b"<!DOCTYPE")


@pytest.mark.parametrize(
    ("expect", "body", "accepted"),
    [
        ("json", b'\xef\xbb\xbf {"a": 1}\r\n', True),
        ("json", b"[1, 2]", True),
        ("json", b'{"a": 1', False),
        ("json", b"a,b\n", False),
        ("json", b"null", False),
        ("ndjson", b'{"a": 1}\n{"a": 2}\n', True),
        ("ndjson", b'{"a": 1}\n{"a', False),
        ("csv", b'"a","b"\n', True),
        ("csv", b"a\0b\n", False),
        ("text", b"<note>", True),
        ("text", b"  <HTML><body>", False),
        ("parquet", b"PAR1....PAR1", True),
        ("parquet", b"PAR1....", False),
    ],
)
def test_what_bytes_must_look_like(extract, server: FaultServer, expect: str, body: bytes, accepted: bool) -> None:
    server.on("/data/t", Ok(body))
    run = extract(f"{server.url}/data/", f'[feeds.t]\nformat = "text"\nexpect = "{expect}"\nkey = "t"\n')
    assert run.code == (0 if accepted else Exit.DATA)


def test_a_drip_feed_is_too_slow(extract, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_HTTP_FLOOR_S", "0.05")
    server.on(PATH, Drip(BODY, 0.005))
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == Exit.TEMPORARY
    assert "too slowly" in run.last["msg"]


def test_silence_times_out(extract, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_HTTP_READ_S", "0.05")
    server.on(PATH, Hang())
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == Exit.TEMPORARY
    assert "timed out" in run.last["msg"]


def test_the_deadline_is_its_own_and_what_was_fetched_is_sealed(extract, server: FaultServer) -> None:
    for n in range(1, 4):
        server.on(f"/data/{n}", Ok(b"x"))
    server.on("/data/4", Hang())
    run = extract(f"{server.url}/data/", MANY, limits="deadline_s = 2.0")
    assert run.code == Exit.TEMPORARY
    assert run.statuses() == {"1": "new", "2": "new", "3": "new"}


def test_a_deadline_over_a_drip_feed_holds(extract, server: FaultServer) -> None:
    server.on(PATH, Drip(BODY, 0.01))
    started = time.monotonic()
    run = extract(f"{server.url}/data/", TABLE, limits="deadline_s = 0.5")
    assert run.code == Exit.TEMPORARY
    assert run.seal is None
    assert time.monotonic() - started < 5


def test_an_upstream_that_is_down_is_temporary(extract) -> None:
    with FaultServer() as server:
        url = server.url
    run = extract(f"{url}/data/", TABLE)
    assert run.code == Exit.TEMPORARY
    assert "cannot connect" in run.last["msg"]


def test_a_host_that_does_not_exist_is_unavailable(extract, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert extract("http://leagues.example/", TABLE).code == Exit.UNAVAILABLE


def test_a_resolver_that_does_not_answer_is_temporary(extract, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def later(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", later)
    assert extract("http://leagues.example/", TABLE).code == Exit.TEMPORARY


def test_retry_after_is_waited_for(extract, server: FaultServer) -> None:
    server.on(PATH, retry_after(1), Ok(BODY))
    started = time.monotonic()
    assert extract(f"{server.url}/data/", TABLE).code == 0
    assert time.monotonic() - started >= 1


def test_a_date_in_the_past_is_no_wait(extract, server: FaultServer) -> None:
    server.on(PATH, retry_after("Sat, 01 Aug 2020 00:00:00 GMT", 503), Ok(BODY))
    assert extract(f"{server.url}/data/", TABLE).code == 0


@pytest.mark.parametrize("as_date", [False, True])
def test_a_wait_beyond_the_deadline_is_handed_on(extract, server: FaultServer, as_date: bool) -> None:
    server.on(PATH, retry_after(formatdate(time.time() + 3600, usegmt=True) if as_date else 3600, 503))
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == Exit.TEMPORARY
    assert run.last["retry_after_s"] == pytest.approx(3600, abs=120)
    assert len(server.seen(PATH)) == 1


def test_known_validators_are_sent_and_304_is_unchanged(extract, server: FaultServer) -> None:
    date = "Sat, 01 Aug 2026 00:00:00 GMT"
    server.on(PATH, Ok(BODY, etag='"1"', last_modified=date))
    run = extract(f"{server.url}/data/", TABLE, known=known(modified=date))
    assert run.code == 0
    assert run.statuses() == {"table.csv": "unchanged"}
    (asked,) = server.seen(PATH)
    assert asked.headers["if-none-match"] == '"1"'
    assert asked.headers["if-modified-since"] == date
    assert not (run.out / "files").exists()


def test_a_changed_etag_over_equal_bytes_is_unchanged_with_the_new_etag(extract, server: FaultServer) -> None:
    server.on(PATH, Ok(BODY, etag='"2"'))
    run = extract(f"{server.url}/data/", TABLE, known=known())
    (file,) = run.seal.files
    assert (file.status, file.etag) == ("unchanged", '"2"')
    assert not (run.out / "files").exists()


def test_changed_bytes_are_new(extract, server: FaultServer) -> None:
    server.on(PATH, Ok(BODY + b"2026-08-02,C,D\n", etag='"2"'))
    assert extract(f"{server.url}/data/", TABLE, known=known()).statuses() == {"table.csv": "new"}


def test_an_upstream_without_validators_yields_unchanged(extract, server: FaultServer) -> None:
    server.on(PATH, Ok(BODY))
    run = extract(f"{server.url}/data/", TABLE, known=known(etag=None))
    assert run.statuses() == {"table.csv": "unchanged"}
    assert "if-none-match" not in server.seen(PATH)[0].headers


def test_304_without_a_condition_is_no_answer(extract, server: FaultServer) -> None:
    server.on(PATH, not_modified())
    assert extract(f"{server.url}/data/", TABLE, known=known(etag=None)).code == Exit.DATA


def test_an_etag_that_could_smuggle_a_header_is_not_sent(extract, server: FaultServer) -> None:
    server.on(PATH, Ok(BODY))
    assert extract(f"{server.url}/data/", TABLE, known=known(etag='"1"\r\nX-Evil: 1')).code == 0
    assert "x-evil" not in server.seen(PATH)[0].headers


def test_an_optional_key_is_absent_or_gone(extract, server: FaultServer) -> None:
    for n in (1, 2):
        server.on(f"/data/{n}", Ok(b"x"))
    before = {("m", key): Known("m", key, "0" * 64, 1) for key in ("2", "3")}
    run = extract(f"{server.url}/data/", MANY, known=before)
    assert run.code == 0
    assert run.statuses() == {"1": "new", "2": "new", "3": "gone"}


def test_nothing_at_all_is_no_success(extract, server: FaultServer) -> None:
    run = extract(f"{server.url}/data/", MANY)
    assert run.code == Exit.UNAVAILABLE
    assert "none of 4 keys exists" in run.last["msg"]


def test_what_was_got_is_sealed_when_some_keys_fail_for_now(extract, server: FaultServer) -> None:
    server.on("/data/1", Ok(b"x"))
    server.on("/data/2", Status(503))
    run = extract(f"{server.url}/data/", MANY)
    assert run.code == run.last["code"] == Exit.TEMPORARY
    assert run.statuses() == {"1": "new"}
    assert "1 of 4 keys failed" in run.last["msg"]


def test_one_key_that_fails_for_good_leaves_no_seal(extract, server: FaultServer) -> None:
    for n in (1, 2, 4):
        server.on(f"/data/{n}", Ok(b"x"))
    server.on("/data/3", html())
    run = extract(f"{server.url}/data/", MANY)
    assert run.code == Exit.DATA
    assert run.seal is None


def test_an_upstream_that_is_down_is_given_up_early(extract, server: FaultServer) -> None:
    feed = '[feeds.m]\nformat = "text"\nkey = "{n}"\nvalues = { n = { from = 1, to = 60 } }\n'
    for n in range(1, 61):
        server.on(f"/data/{n}", Status(503))
    run = extract(f"{server.url}/data/", feed)
    assert run.code == Exit.TEMPORARY
    assert "60 of 60 keys failed" in run.last["msg"]
    assert len(server.paths) < 20


def test_limits_on_all_files_together_hold(extract, server: FaultServer) -> None:
    for n in range(1, 5):
        server.on(f"/data/{n}", Ok(b"x" * 3000))
    run = extract(f"{server.url}/data/", MANY, limits="max_bytes = 10000")
    assert run.code == Exit.DATA
    assert "limits.max_bytes" in run.last["msg"]


def test_redirects_are_followed_and_the_declared_url_is_sealed(extract, server: FaultServer) -> None:
    server.on(PATH, redirect("/cdn/1?signature=abc"))
    server.on("/cdn/1", redirect(f"{server.url}/cdn/2", 307))
    server.on("/cdn/2", Ok(BODY))
    run = extract(f"{server.url}/data/", TABLE)
    assert run.code == 0
    assert run.seal.files[0].url == f"{server.url}{PATH}"


def test_five_redirects_are_followed(extract, server: FaultServer) -> None:
    server.on(PATH, redirect("/1"))
    for n in range(1, 5):
        server.on(f"/{n}", redirect(f"/{n + 1}"))
    server.on("/5", Ok(BODY))
    assert extract(f"{server.url}/data/", TABLE).code == 0


def test_a_mirror_stands_in_for_the_base(extract, server: FaultServer) -> None:
    server.on("/leagues/data/table.csv", Ok(BODY))
    run = extract("https://leagues.example/data/", TABLE, mirror=server.url)
    assert run.code == 0


def test_the_rate_holds_for_all_threads_but_not_against_a_mirror(extract, server: FaultServer) -> None:
    for n in range(1, 5):
        server.on(f"/data/{n}", Ok(b"x"))
        server.on(f"/leagues/data/{n}", Ok(b"x"))
    started = time.monotonic()
    assert extract(f"{server.url}/data/", MANY, limits="requests_per_second = 10").code == 0
    assert time.monotonic() - started >= 0.3
    started = time.monotonic()
    assert extract(f"{server.url}/data/", MANY, limits="requests_per_second = 0.01", mirror=server.url).code == 0
    assert time.monotonic() - started < 30


def test_a_line_comes_in_time(extract, server: FaultServer) -> None:
    server.on(PATH, retry_after(1), Ok(BODY))
    run = extract(f"{server.url}/data/", TABLE, limits="silence_s = 0.5")
    assert len([line for line in run.log if line["msg"] == "fetching"]) >= 3
