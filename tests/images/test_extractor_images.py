"""Extractors in several languages, each in its image, do the same: objects, seals, exit codes."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fieldhouse.extract.known import Known
from fieldhouse.extract.mirror import Mirror
from fieldhouse.extract.seal import Seal
from fieldhouse.extract.wire import LoopbackServer, Requests
from fieldhouse.kit.faults import (
    Behaviour,
    Chunked,
    Drip,
    FaultServer,
    Ok,
    Reset,
    ShortBody,
    Status,
    gzip_bomb,
    half_gzip,
    html,
    redirect,
    retry_after,
    zipped,
)

pytestmark = pytest.mark.images
PATH = "/international_results/international_results/results.csv"
BODY = b"date,home_team,away_team\n" + b"2026-08-01,A,B\n" * 20


def said(seal: Seal) -> list[dict[str, object]]:
    """All that a seal says of its files but for the time, in order of feeds."""
    files = [{name: value for name, value in vars(file).items() if name != "fetched_at"} for file in seal.files]
    return sorted(files, key=lambda file: (file["feed"], file["key"]))


def known_after(seal: Seal) -> dict[tuple[str, str], Known]:
    return {
        (file.feed, file.key): Known(
            file.feed, file.key, file.sha256 or "", file.bytes or 0, file.etag, file.last_modified
        )
        for file in seal.files
    }


def test_all_land_the_same_objects_under_the_same_seal(generic, sdk, upstream: Path) -> None:
    large = upstream / "international_results/international_results/goalscorers.csv"
    large.write_bytes(large.read_bytes() * 20_000)
    with Mirror(upstream) as mirror:
        first, second = generic("generic", mirror.url), sdk("own", mirror.url)
        assert (first.code, second.code) == (0, 0), second.log
        again = sdk("again", mirror.url, known_after(second.seal))
    assert said(first.seal) == said(second.seal)
    assert {file.status for file in second.seal.files} == {"new"}
    for file in first.seal.files:
        assert (first.out / file.path).read_bytes() == (second.out / file.path).read_bytes()
    assert again.code == 0
    assert {file.status for file in again.seal.files} == {"unchanged"}
    assert known_after(again.seal) == known_after(second.seal)


def test_other_validators_over_equal_bytes_are_unchanged(sdk, upstream: Path) -> None:
    with Mirror(upstream) as mirror:
        first = sdk("first", mirror.url)
        other = {
            pair: Known(entry.feed, entry.key, entry.sha256, entry.bytes, '"other"', None)
            for pair, entry in known_after(first.seal).items()
        }
        second = sdk("second", mirror.url, other)
    assert {file.status for file in second.seal.files} == {"unchanged"}


TEMPORARY = {
    "500": Status(500),
    "429": retry_after(0),
    "503": retry_after(0, 503),
    "short body": ShortBody(BODY, 100),
    "cut chunked body": Chunked(BODY, cut=True),
    "half a gzip stream": half_gzip(BODY),
    "reset in the body": Reset(BODY, 100),
}
PERMANENT = {
    "404": (69, Status(404)),
    "410": (69, Status(410)),
    "403": (77, Status(403)),
    "an HTML page": (65, html()),
    "a gzip bomb": (65, gzip_bomb(300_000_000)),
    "an endless redirect": (69, redirect(PATH)),
}


@pytest.mark.parametrize("answer", TEMPORARY.values(), ids=TEMPORARY)
def test_what_may_pass_is_tried_five_times_and_then_temporary(sdk, answer: Behaviour) -> None:
    with FaultServer() as server:
        server.on(PATH, answer)
        run = sdk("r", server.url, feeds=["results"])
        assert len(server.seen(PATH)) == 5
    assert (run.code, run.seal) == (75, None)
    assert (run.log[-1]["level"], run.log[-1]["code"], run.log[-1]["feed"]) == ("error", 75, "results")


@pytest.mark.parametrize(("code", "answer"), PERMANENT.values(), ids=PERMANENT)
def test_what_will_not_pass_ends_the_run_with_its_code(sdk, code: int, answer: Behaviour) -> None:
    with FaultServer() as server:
        server.on(PATH, answer)
        run = sdk("r", server.url, feeds=["results"])
    assert (run.code, run.seal) == (code, None)
    assert (run.log[-1]["level"], run.log[-1]["code"]) == ("error", code)


def test_what_did_pass_leaves_no_trace(extractor) -> None:
    with FaultServer() as server:
        server.on(PATH, Status(503), ShortBody(BODY, 50), zipped(BODY))
        run = extractor("r", server.url, feeds=["results"])
    assert run.code == 0, run.log
    assert (run.out / "files/results/results.csv").read_bytes() == BODY


def test_what_was_got_is_sealed_where_the_rest_may_come_later(extractor) -> None:
    with FaultServer() as server:
        server.on(PATH, Ok(BODY))
        server.on(PATH.replace("results.csv", "shootouts.csv"), Status(500))
        run = extractor("r", server.url, feeds=["results", "shootouts"])
    assert run.code == 75
    assert [(file.key, file.status) for file in run.seal.files] == [("results.csv", "new")]


def test_sigterm_ends_it_with_143_and_without_a_seal(extractor) -> None:
    with FaultServer() as server:
        server.on(PATH, Drip(b"x" * 4000, 0.01))
        run = extractor.terminate("r", server.url, ["results"])
    assert run.code == run.log[-1]["code"] == 143
    assert not (run.out / "manifest.json").exists()


USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An authority that nobody knows, and what it certified for this machine, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("authority", "upstream")]
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in names]
    made = []
    for name, key, is_authority in zip(names, keys, (True, False), strict=True):
        builder = x509.CertificateBuilder(names[0], name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - day).not_valid_after(now + day)
        constraints = x509.BasicConstraints(ca=is_authority, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
        owner = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key())
        builder = builder.add_extension(owner, critical=False).add_extension(issuer, critical=False)
        if is_authority:
            uses = dict.fromkeys(USES, False) | {"key_cert_sign": True, "crl_sign": True}
            builder = builder.add_extension(x509.KeyUsage(**uses), critical=True)
        else:
            own = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
            builder = builder.add_extension(x509.SubjectAlternativeName(own), critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    folder = tmp_path_factory.mktemp("tls")
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(made[0])
    authority.chmod(0o644)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(made[1] + keys[1].private_bytes(*form))
    return authority, server


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def encrypted(folder: Path, certificate: Path) -> Iterator[str]:
    """A server of files over TLS; its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused handshakes are what is tested
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_tls_is_verified(extractor, upstream: Path, certificate: tuple[Path, Path]) -> None:
    authority, server = certificate
    with encrypted(upstream, server) as url:
        unknown = extractor("unknown", url, feeds=["results"])
        env = {"SSL_CERT_FILE": str(authority)}
        trusted = extractor("trusted", url, feeds=["results"], ca=authority, env=env)
    assert (unknown.code, unknown.seal) == (69, None)
    assert "certificate" in str(unknown.log[-1]["msg"])
    assert trusted.code == 0, trusted.log


def test_a_proxy_is_honoured(extractor) -> None:
    with FaultServer() as proxy:
        url = f"http://upstream.example{PATH}"
        proxy.on(url, Ok(BODY))
        env = {"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "NO_PROXY": "elsewhere.example"}
        run = extractor("r", "http://upstream.example", feeds=["results"], env=env)
        assert len(proxy.seen(url)) == 1
    assert run.code == 0, run.log


class Tunnel(LoopbackServer):
    """A proxy that passes encrypted connections on."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def serve(self, connection: socket.socket) -> None:
        asked = Requests(connection).next()
        if not asked or asked.method != "CONNECT":
            return
        self.targets.append(asked.target)
        with socket.create_connection(("127.0.0.1", int(asked.target.rpartition(":")[2]))) as upstream:
            connection.sendall(b"HTTP/1.1 200 Connected\r\nProxy-Agent: test\r\n\r\n")
            back = threading.Thread(target=relay, args=(upstream, connection))
            back.start()
            relay(connection, upstream)
            back.join()


def relay(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_tls_goes_through_a_proxy_and_is_verified_there_too(
    extractor, upstream: Path, certificate: tuple[Path, Path]
) -> None:
    authority, server = certificate
    with encrypted(upstream, server) as url, Tunnel() as proxy:
        named = url.replace("127.0.0.1", "localhost")
        env = {"HTTPS_PROXY": proxy.url}
        unknown = extractor("unknown", named, feeds=["results"], env=env)
        env["SSL_CERT_FILE"] = str(authority)
        trusted = extractor("trusted", named, feeds=["results"], ca=authority, env=env)
        assert set(proxy.targets) == {named.removeprefix("https://")}
    assert (unknown.code, trusted.code) == (69, 0), trusted.log


def test_a_name_that_no_resolver_answers_for_is_temporary(sdk, images) -> None:
    """Without a network nobody can say that a host does not exist."""
    request, out = sdk.request("r", "http://upstream.example", feeds=["results"])
    command = sdk.command(request, out)
    command[command.index("host")] = "none"
    assert subprocess.run(command, capture_output=True, check=False).returncode == 75


def test_it_is_small_and_refuses_what_it_does_not_know(sdk, tmp_path: Path) -> None:
    assert sdk.image.size < 120e6
    found = sdk.images.run(sdk.image)
    assert found.returncode == 64
    assert '"code":64' in found.stderr
