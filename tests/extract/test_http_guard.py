"""Where the HTTP extractor may be led: never from the public network into a private one."""

import socket
from pathlib import Path

import pytest

from fieldhouse.errors import Exit, TemporaryError, UnavailableError
from fieldhouse.extract.http.guard import host_is_private, is_loopback, is_private, next_hop
from fieldhouse.extract.http.politeness import backoff, retry_after
from fieldhouse.extract.http.pools import Pools
from fieldhouse.extract.http.tuning import Tuning
from fieldhouse.kit.faults import FaultServer, Ok, redirect

TABLE = '[feeds.table]\nformat = "csv"\nkey = "table.csv"\n'
PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1", "fe80::1",
    "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1", "fe80::1%eth0",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "leagues.example"])
def test_addresses_that_are(address: str) -> None:
    assert not is_private(address)


def test_names_of_this_machine_are_private() -> None:
    assert host_is_private("localhost", resolve=False)
    assert host_is_private("a.localhost", resolve=False)
    assert is_loopback("http://127.0.0.1:80/")
    assert is_loopback("http://[::1]/")
    assert not is_loopback("https://leagues.example/")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://leagues.example/a", "down to unencrypted"),
        ("ftp://leagues.example/a", "no plain http"),
        ("https://user@leagues.example/a", "no plain http"),
        ("https://[::1/a", "no URL"),
        ("", "without a target"),
    ],
)
def test_redirects_that_are_not_followed(location: str, reason: str) -> None:
    with pytest.raises(UnavailableError, match=reason):
        next_hop("https://leagues.example/data", location, 1)


def test_a_signature_in_a_redirect_is_not_told() -> None:
    with pytest.raises(UnavailableError) as caught:
        next_hop("https://leagues.example/data?sig=abc", "http://leagues.example/a?sig=def", 1)
    assert "sig=" not in str(caught.value)


def test_a_redirect_is_relative_to_its_url() -> None:
    assert next_hop("https://leagues.example/a/b", "../c?d#e", 1) == "https://leagues.example/c?d"


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:1/", "http://169.254.169.254/latest", "http://localhost/", "http://[::ffff:10.0.0.1]/"],
)
def test_a_public_upstream_cannot_lead_into_the_private_network(
    extract, server: FaultServer, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """The upstream is public, as seen through a proxy, which is this machine's fault server."""
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.on("http://leagues.example/table.csv", redirect(target))
    run = extract("http://leagues.example/", TABLE)
    assert run.code == Exit.UNAVAILABLE
    assert "private address" in run.last["msg"]
    assert server.paths == ["http://leagues.example/table.csv"]


def test_a_proxy_is_honoured(extract, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.on("http://leagues.example/table.csv", Ok(b"a,b\n"))
    assert extract("http://leagues.example/", TABLE).code == 0


def test_https_goes_through_its_proxy(extract, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    run = extract("https://leagues.example/", TABLE)
    assert run.code == Exit.TEMPORARY  # the server opens no tunnels
    assert server.seen("leagues.example:443")


def test_no_proxy_is_honoured(extract, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.on("/table.csv", Ok(b"a,b\n"))
    assert extract(server.url, TABLE).code == 0


def test_a_name_that_turns_private_between_look_and_use_is_refused(server: FaultServer) -> None:
    """The address that was reached counts, not the one that was looked up: nothing is sent there."""
    server.on("/a", Ok(b"x"))
    pools = Pools(1, Tuning())
    with pytest.raises(UnavailableError, match="private address"):
        pools.get(f"{server.url}/a", {}, public=True)
    rebound = server.url.replace("127.0.0.1", "leagues.example")
    with pytest.MonkeyPatch.context() as patch:
        family = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(server.url.rpartition(":")[2])))]
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: family)
        with pytest.raises(UnavailableError, match=r"leagues\.example \(127\.0\.0\.1\)"):
            pools.get(f"{rebound}/a", {}, public=True)
    assert server.seen("/a") == []


def test_a_certificate_that_cannot_be_verified_is_unavailable() -> None:
    from urllib3.exceptions import ReadTimeoutError, SSLError

    from fieldhouse.extract.http.pools import translated

    error = translated(SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] expired"), "https://leagues.example/")
    assert isinstance(error, UnavailableError)
    assert isinstance(translated(SSLError("EOF"), "https://leagues.example/"), TemporaryError)
    assert isinstance(translated(ReadTimeoutError(None, "", ""), "https://leagues.example/"), TemporaryError)


def test_backoff_doubles_with_jitter() -> None:
    for tries in range(1, 5):
        assert 2 ** (tries - 1) / 2 <= backoff(1.0, tries) <= 2 ** (tries - 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 110.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("-5", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, now=10.0) == seconds


def test_the_package_that_is_asked_most_imports_nothing_heavy(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, fieldhouse.extract.http.extraction; "
        "print(sorted({'pandas', 'pyarrow', 'duckdb', 'numpy', 'obstore', 'rich', 'typer'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
