"""The extractor of package feeds: wheels from a folder or an index, as pip is configured; what can be wrong with them."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldhouse.errors import ConfigurationError, DataError, Exit
from fieldhouse.extract import archive
from fieldhouse.extract.archive import Bundle
from fieldhouse.extract.known import Known
from fieldhouse.extract.mirror import Mirror
from fieldhouse.extract.pip.download import Package, plain
from fieldhouse.extract.request import write_request
from fieldhouse.extract.seal import verify
from fieldhouse.kit.faults import FaultServer, Hang, Ok, Status
from fieldhouse.sources import Source

DECLARATION = """
name = "leagues"
title = "Leagues"
homepage = "-"
licence = "CC0-1.0"
attribution = "-"
owner = "data"
schedule = "0 6 * * *"
rank = 1
[extractor]
language = "python"
uses = "pip"
[limits]
max_vanished = 0.5
deadline_s = 60
silence_s = 30
max_bytes = 100_000
max_file_bytes = 50_000
max_files = 20
[bases.wheel]
package = "toys"
[feeds.table]
format = "text"
key = "table.txt"
url = "toys/data/table.txt"
[feeds.season]
format = "csv"
key = "{year}.csv"
url = "toys/data/{year}.csv"
optional = true
values = { year = [2001, 2002] }
"""
MEMBERS = {"toys/__init__.py": b"raise SystemExit('nothing is installed or run')", "toys/data/table.txt": b"a table\n"}


def wheel(version: str = "1.0", members: Mapping[str, bytes] = MEMBERS) -> bytes:
    """A wheel of the package `toys` with these files."""
    info = f"toys-{version}.dist-info"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: toys\nVersion: {version}\nRequires-Python: >=99\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in {**members, **about}.items():
            file.writestr(name, body)
    return made.getvalue()


@dataclass
class Extraction:
    """How an extraction ended: exit code, the last log line, and what was sealed."""

    code: int
    last: dict
    said: str
    out: Path

    def verified(self, source: Source, known: tuple[Known, ...] = ()):
        return verify(self.out, source=source, run="r", attempt=1, known={(k.feed, k.key): k for k in known})


@pytest.fixture
def package(declare: Callable[[str], Source]) -> Source:
    return declare(DECLARATION)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder of wheels that stands in for an index."""
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "toys-1.0-py3-none-any.whl").write_bytes(wheel())
    return folder


@pytest.fixture
def environment(index: Path, tmp_path: Path) -> dict[str, str]:
    """pip, configured for that folder and nothing else."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_NO_CACHE_DIR": "1"}
    return {**mine, "PIP_CONFIG_FILE": os.devnull, "HOME": str(tmp_path), **offline}


@pytest.fixture
def extract(package: Source, environment: dict[str, str], tmp_path: Path) -> Callable[..., Extraction]:
    def run(known=(), config=None, mirror=None, **env: str) -> Extraction:
        request = write_request(tmp_path / "in", package, "r", 1, known=known, state=None, config=config, mirror=mirror)
        out = tmp_path / "out"
        out.mkdir()
        command = [sys.executable, "-m", "fieldhouse.extract.pip", str(request), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**environment, **env})
        return Extraction(done.returncode, json.loads(done.stderr.splitlines()[-1]), done.stderr, out)

    return run


def served(server: FaultServer) -> dict[str, str]:
    """pip, configured for an index that this server plays."""
    return {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": f"{server.url}/simple", "PIP_RETRIES": "0"}


def test_members_are_sealed_in_the_wheels_stead(extract, package, index) -> None:
    done = extract()
    assert done.code == Exit.DONE, done.said
    seal = done.verified(package)
    (file,) = seal.files
    assert (file.feed, file.key, file.status, file.url) == ("table", "table.txt", "new", None)
    whole = (index / "toys-1.0-py3-none-any.whl").read_bytes()
    assert file.archive is not None
    assert (file.archive.sha256, file.archive.bytes) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert (file.archive.member, file.archive.url, file.archive.etag) == ("toys/data/table.txt", None, None)
    assert (done.out / file.path).read_bytes() == b"a table\n"


def test_the_newest_version_is_taken_unless_one_is_named(extract, package, index) -> None:
    newer = {**MEMBERS, "toys/data/table.txt": b"a newer table\n", "toys/data/2002.csv": b"a\n1\n"}
    (index / "toys-1.10-py3-none-any.whl").write_bytes(wheel("1.10", newer))
    done = extract()
    assert {f.key: f.bytes for f in done.verified(package).files} == {"table.txt": 14, "2002.csv": 4}


def test_a_version_can_be_named(extract, package, index) -> None:
    (index / "toys-2.0-py3-none-any.whl").write_bytes(wheel("2.0"))
    done = extract(config={"versions": {"wheel": "1.0"}})
    (file,) = done.verified(package).files
    assert file.archive.sha256 == hashlib.sha256((index / "toys-1.0-py3-none-any.whl").read_bytes()).hexdigest()


def test_what_the_lake_has_is_unchanged_and_what_the_wheel_has_no_more_is_gone(extract, package) -> None:
    known = (
        Known("table", "table.txt", hashlib.sha256(b"a table\n").hexdigest(), 8),
        Known("season", "2001.csv", "0" * 64, 4),
    )
    done = extract(known=known)
    assert [(f.key, f.status) for f in done.verified(package, known).files] == [
        ("table.txt", "unchanged"),
        ("2001.csv", "gone"),
    ]
    assert not (done.out / "files").exists()


def test_a_mirror_has_the_members_as_files_and_needs_no_pip(extract, package, tmp_path) -> None:
    folder = tmp_path / "mirror" / "leagues" / "toys" / "data"
    folder.mkdir(parents=True)
    (folder / "table.txt").write_bytes(b"a frozen table\n")
    with Mirror(tmp_path / "mirror") as mirror:
        done = extract(mirror=mirror.url, PIP_NO_INDEX="1", PIP_FIND_LINKS="/nowhere")
    assert done.code == Exit.DONE, done.said
    (file,) = done.verified(package).files
    assert (file.bytes, file.archive) == (15, None)


@pytest.mark.parametrize("config", [{"versions": {"wheel": "9.9"}}, None], ids=["version", "package"])
def test_what_nobody_has_is_unavailable(extract, index, config) -> None:
    if config is None:
        (index / "toys-1.0-py3-none-any.whl").unlink()
    done = extract(config=config)
    assert (done.code, done.last["code"]) == (Exit.UNAVAILABLE, 69)
    assert "pip cannot download toys" in done.last["msg"]
    assert "Could not find a version that satisfies the requirement toys" in done.last["msg"]


def test_a_required_member_that_the_wheel_lacks_is_unavailable(extract, index) -> None:
    (index / "toys-1.0-py3-none-any.whl").write_bytes(wheel(members={"toys/other.txt": b"x"}))
    done = extract()
    assert done.code == Exit.UNAVAILABLE
    assert "table/table.txt: toys-1.0-py3-none-any.whl has no member toys/data/table.txt" in done.last["msg"]
    assert not (done.out / "manifest.json").exists()


def test_without_a_network_it_is_temporary(extract) -> None:
    with FaultServer() as server:
        closed = served(server)
    done = extract(**closed)
    assert (done.code, done.last.get("retry_after_s")) == (Exit.TEMPORARY, 60.0), done.said
    assert not (done.out / "manifest.json").exists()


@pytest.mark.parametrize(
    ("status", "code"), [(503, Exit.TEMPORARY), (404, Exit.UNAVAILABLE), (401, Exit.PERMISSION), (403, Exit.PERMISSION)]
)
def test_an_index_that_refuses(extract, status, code) -> None:
    with FaultServer() as server:
        server.on("/simple/toys/", Status(status))
        done = extract(**served(server))
    assert done.code == code, done.said


def test_a_wheel_that_is_not_what_the_index_says_it_is(extract) -> None:
    name = "toys-1.0-py3-none-any.whl"
    with FaultServer() as server:
        page = f'<a href="/files/{name}#sha256={"0" * 64}">{name}</a>'.encode()
        server.on("/simple/toys/", Ok(page, headers={"Content-Type": "text/html"}))
        server.on(f"/files/{name}", Ok(wheel()))
        done = extract(**served(server))
    assert done.code == Exit.DATA, done.said


def test_an_index_is_asked_as_pip_is_configured_and_no_password_is_told(extract, package) -> None:
    name = "toys-1.0-py3-none-any.whl"
    with FaultServer() as server:
        server.on(
            "/simple/toys/", Ok(f'<a href="/files/{name}">{name}</a>'.encode(), headers={"Content-Type": "text/html"})
        )
        server.on(f"/files/{name}", Status(404))
        secret = served(server) | {"PIP_INDEX_URL": f"{server.url}/simple".replace("://", "://me:geheim@")}
        done = extract(**secret)
        assert server.seen("/simple/toys/")
    assert done.code == Exit.UNAVAILABLE
    assert "geheim" not in done.said


def test_after_its_deadline_pip_is_ended(extract, tmp_path, declare, environment) -> None:
    source = declare(DECLARATION.replace("deadline_s = 60", "deadline_s = 2"))
    request = write_request(tmp_path / "in", source, "r", 1, known=(), state=None)
    with FaultServer() as server:
        server.on("/simple/toys/", Hang())
        done = subprocess.run(
            [sys.executable, "-m", "fieldhouse.extract.pip", str(request), str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            env={**environment, **served(server)},
        )
    assert done.returncode == Exit.TEMPORARY
    assert "deadline" in json.loads(done.stderr.splitlines()[-1])["msg"]


def test_sigterm_ends_it_and_pip_without_a_seal(package, environment, tmp_path) -> None:
    request = write_request(tmp_path / "in", package, "r", 1, known=(), state=None)
    with FaultServer() as server:
        server.on("/simple/toys/", Hang())
        process = subprocess.Popen(
            [sys.executable, "-m", "fieldhouse.extract.pip", str(request), str(tmp_path)],
            stderr=subprocess.PIPE,
            env={**environment, **served(server)},
        )
        while not server.seen("/simple/toys/"):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == Exit.TERMINATED
    assert json.loads(err.splitlines()[-1])["code"] == 143
    assert not (tmp_path / "manifest.json").exists()


def test_a_package_that_is_none_is_a_configuration_error() -> None:
    for name in ("--upgrade", "toys @ file:///x", "", "a/b"):
        with pytest.raises(ConfigurationError, match="the name of a package is expected"):
            Package(name)
    with pytest.raises(ConfigurationError, match="no version of toys"):
        Package("toys", ">=1 --pre")


def test_wrong_versions_and_a_base_without_a_package_are_configuration_errors(extract) -> None:
    assert extract(config={"versions": "1.0"}).code == Exit.CONFIGURATION


def test_words_of_pip_lose_what_may_be_secret() -> None:
    assert plain("ERROR: https://me:pw@index.example/a?token=x&b#frag no") == "ERROR: https://index.example/a no"


def zipped(tmp_path: Path, *members: tuple[str, bytes]) -> Path:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in members:
            file.writestr(name, body)
    return path


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../b", "a\\b"])
def test_an_archive_with_a_member_that_leads_out_is_refused(tmp_path, name) -> None:
    with pytest.raises(DataError, match="leads out of the archive"):
        Bundle(zipped(tmp_path, (name, b"x")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_two_members_of_one_name_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="two members are called 'a'"):
        Bundle(zipped(tmp_path, ("a", b"1"), ("a", b"2")))


def test_an_archive_of_too_many_members_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(DataError, match="4 members; at most 3"):
        Bundle(zipped(tmp_path, *((f"m{n}", b"") for n in range(4))))


def test_a_bomb_and_what_is_too_large_are_refused_before_they_are_unpacked(tmp_path) -> None:
    path = zipped(tmp_path, ("bomb", bytes(20_000_000)), ("large", os.urandom(9_000)))
    with Bundle(path) as bundle:
        with pytest.raises(DataError, match="bomb grows from"):
            bundle.save("bomb", tmp_path / "out", 1 << 30)
        with pytest.raises(DataError, match="large has 9000 bytes; max_file_bytes is 5000"):
            bundle.save("large", tmp_path / "out", 5000)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html>", wheel()[:-30], wheel()[30:-1]])
def test_what_is_no_archive_is_refused(tmp_path, content) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"archive\.zip"), Bundle(path) as bundle:
        bundle.save("toys/data/table.txt", tmp_path / "out", 1 << 20)


def test_a_member_whose_bytes_are_spoilt_is_refused(tmp_path) -> None:
    path = zipped(tmp_path, ("table", os.urandom(4_000)))
    data = bytearray(path.read_bytes())
    data[1000] ^= 255
    path.write_bytes(data)
    with Bundle(path) as bundle, pytest.raises(DataError, match="the member table cannot be read"):
        bundle.save("table", tmp_path / "out", 1 << 20)
