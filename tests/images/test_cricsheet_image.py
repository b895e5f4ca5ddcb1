"""Cricsheet's extractor in its image: members of archives are landed, byte by byte, in little memory, and only once."""

import csv
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from packing import Packed, PackingMirror

from fieldhouse import sources
from fieldhouse.extract import program
from fieldhouse.extract.known import Known
from fieldhouse.extract.request import write_request
from fieldhouse.extract.seal import Seal, verify
from fieldhouse.kit.faults import Drip, FaultServer, Ok, Status, html
from fieldhouse.sources import Source

pytestmark = pytest.mark.images
USER = 54321
MEMORY = "128m"
ARCHIVE = "/cricsheet/odis_json.zip"
PEOPLE = b"identifier,name,unique_name\n00000001,A,A\n"
KnownFiles = Mapping[tuple[str, str], Known]


@dataclass(frozen=True)
class Extracted:
    """What one extraction left."""

    code: int
    seal: Seal | None
    log: list[dict[str, object]]
    out: Path

    @property
    def known(self) -> dict[tuple[str, str], Known]:
        """What the lake would know after it."""
        assert self.seal
        return {
            (f.feed, f.key): Known(f.feed, f.key, f.sha256 or "", f.bytes or 0, f.etag, f.last_modified)
            for f in self.seal.files
            if f.status != "gone"
        }

    @property
    def statuses(self) -> dict[str, str]:
        """Status by key."""
        assert self.seal
        return {file.key: file.status for file in self.seal.files}


@pytest.fixture(scope="session")
def source() -> Source:
    return sources.find("cricsheet")


@pytest.fixture
def command(images, source: Source, tmp_path: Path) -> Callable[..., tuple[list[str], Path]]:
    """The command for a request of some archives, as a pod with 128 MiB would run it, and its output folder."""
    root = source.folder.parents[1]
    *options, context = program.build_context(source, source.folder)
    options = [str(root / word) if "/" in word else word for word in options]
    image = images.build("fieldhouse/cricsheet:test", root / context, *options)

    def made(name: str, mirror: str, archives: list[str], known: KnownFiles, state: object) -> tuple[list[str], Path]:
        folder, out = tmp_path / f"{name}-in", tmp_path / f"{name}-out"
        config = {"values": {"match": [{"archive": archives}]}}
        request = write_request(
            folder, source, name, 1, known=known.values(), state=state, mirror=mirror, config=config
        )
        out.mkdir()
        os.chown(out, USER, USER)
        env = {"FIELDHOUSE_HTTP_BACKOFF_S": "0.01"}
        line = images.command(image, request, out, mounts=[out], read_only=[folder], network="host", env=env)
        at = line.index("--")
        return [*line[:at], "--memory", MEMORY, *line[at:]], out

    return made


@pytest.fixture
def extract(command, source: Source) -> Callable[..., Extracted]:
    """Serves one request; what is sealed is verified as the pipeline does."""

    def run(name: str, mirror: str, *archives: str, known: KnownFiles | None = None, state: object = None) -> Extracted:
        line, out = command(name, mirror, list(archives or ("odis_json",)), known or {}, state)
        ended = subprocess.run(line, capture_output=True, text=True, check=False)
        sealed = (out / "manifest.json").exists()
        seal = verify(out, source=source, run=name, attempt=1, known=known or {}) if sealed else None
        return Extracted(ended.returncode, seal, [json.loads(text) for text in ended.stderr.splitlines()], out)

    return run


@pytest.mark.feeds
def test_the_whole_feed_lands_byte_by_byte_and_only_once(extract, feeds: Path) -> None:
    with (feeds / "cricsheet" / "MANIFEST.csv").open(newline="") as file:
        wanted = {row["path"]: (int(row["bytes"]), row["sha256"]) for row in csv.DictReader(file)}
    archives = sorted({path.rpartition("/")[0] for path in wanted if path.endswith(".json")})
    with PackingMirror(feeds) as mirror:
        first = extract("first", mirror.url, *archives)
        assert first.code == 0, first.log
        assert first.seal
        assert {f.key: (f.bytes, f.sha256) for f in first.seal.files} == wanted
        assert {f.status for f in first.seal.files} == {"new"}
        assert all(
            f.archive and f.archive.member == f.key.rpartition("/")[2]
            for f in first.seal.of("new")
            if f.feed == "match"
        )
        mirror.asked.clear()
        again = extract("again", mirror.url, *archives, known=first.known, state=first.seal.state)
        assert (again.code, set(again.statuses.values())) == (0, {"unchanged"}), again.log
        assert len(mirror.asked) == len(archives) + 1
        assert all("if-none-match" in asked.headers for asked in mirror.asked)
    assert not (again.out / "files").exists()
    assert again.known == first.known
    assert again.seal
    assert again.seal.state == first.seal.state


def zipped(members: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A mirror's folder with two archives' members and the register."""
    for name, data in {
        "odis_json/1.json": b'{"a": 1}',
        "odis_json/2.json": b'{"a": 2}',
        "t20s_json/1.json": b'{"a": 1}',
        "people.csv": PEOPLE,
    }.items():
        path = tmp_path / "mirror" / "cricsheet" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "mirror"


def test_one_match_in_two_archives_is_two_keys_and_what_is_no_match_is_passed_over(extract, upstream: Path) -> None:
    rule = {ARCHIVE.lstrip("/"): Packed("cricsheet/odis_json", more={"README.txt": b"hello"})}
    with PackingMirror(upstream, rule) as mirror:
        run = extract("r", mirror.url, "odis_json", "t20s_json", "tests_json")
    assert run.statuses == dict.fromkeys(
        ("odis_json/1.json", "odis_json/2.json", "t20s_json/1.json", "people.csv"), "new"
    )
    assert [(line["key"], line["level"]) for line in run.log if line["msg"] == "the mirror lacks it"] == [
        ("tests_json", "warning")
    ]


def test_of_a_changed_archive_only_what_changed_is_landed(extract, upstream: Path) -> None:
    with PackingMirror(upstream) as mirror:
        first = extract("first", mirror.url, "odis_json", "t20s_json")
        own = upstream / "cricsheet" / "odis_json"
        (own / "2.json").write_bytes(b'{"a": 3}')
        (own / "3.json").write_bytes(b'{"a": 4}')
        second = extract("second", mirror.url, "odis_json", "t20s_json", known=first.known, state=first.seal.state)
        assert second.statuses == {
            "odis_json/1.json": "unchanged",
            "odis_json/2.json": "new",
            "odis_json/3.json": "new",
            "t20s_json/1.json": "unchanged",
            "people.csv": "unchanged",
        }


def test_a_member_that_is_no_more_is_gone(command, upstream: Path, extract) -> None:
    with PackingMirror(upstream) as mirror:
        first = extract("first", mirror.url)
        (upstream / "cricsheet" / "odis_json" / "1.json").unlink()
        line, out = command("second", mirror.url, ["odis_json"], first.known, first.seal.state)
        assert subprocess.run(line, capture_output=True, check=False).returncode == 0
    # One of three is more than the pipeline lets vanish; so the seal is read as it stands.
    told = {file["key"]: file["status"] for file in json.loads((out / "manifest.json").read_text())["files"]}
    assert told == {"odis_json/1.json": "gone", "odis_json/2.json": "unchanged", "people.csv": "unchanged"}


def test_an_object_that_the_lake_lost_comes_again(extract, upstream: Path) -> None:
    with PackingMirror(upstream) as mirror:
        first = extract("first", mirror.url)
        known = {pair: entry for pair, entry in first.known.items() if pair[1] != "odis_json/2.json"}
        mirror.asked.clear()
        again = extract("again", mirror.url, known=known, state=first.seal.state)
        (asked,) = (asked for asked in mirror.asked if asked.target == ARCHIVE)
    assert "if-none-match" not in asked.headers
    assert (again.statuses["odis_json/1.json"], again.statuses["odis_json/2.json"]) == ("unchanged", "new")


REFUSED = {
    "a name that leads out": zipped({"../1.json": b"{}"}),
    "names equal but for case": zipped({"a.json": b"{}", "A.json": b"{}"}),
    "a bomb": zipped({"1.json": b"{" + b" " * 9_000_000 + b"}"}),
    "no JSON": zipped({"1.json": b"<html>"}),
    "no member": zipped({"README.txt": b"hello"}),
    "a cut archive": zipped({"1.json": b"{}"})[:-30],
    "no archive": b'{"error": "not today"}',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_an_archive_of_matches_is_refused_whole_and_kept(extract, body: bytes) -> None:
    with FaultServer() as server:
        server.on(ARCHIVE, Ok(body))
        server.on("/cricsheet/people.csv", Ok(PEOPLE))
        run = extract("r", server.url)
    assert (run.code, run.seal) == (65, None), run.log
    assert (run.log[-1]["code"], run.log[-1]["feed"], run.log[-1]["key"]) == (65, "match", "odis_json")
    assert (run.out / "tmp" / "refused" / "match" / "odis_json").read_bytes() == body


def test_a_page_in_the_place_of_an_archive_is_no_data(extract) -> None:
    with FaultServer() as server:
        server.on(ARCHIVE, html())
        server.on("/cricsheet/people.csv", Ok(PEOPLE))
        assert extract("r", server.url).code == 65


def test_what_was_got_is_sealed_where_an_archive_may_come_later(extract) -> None:
    with FaultServer() as server:
        server.on(ARCHIVE, Status(500))
        server.on("/cricsheet/people.csv", Ok(PEOPLE))
        run = extract("r", server.url)
        assert len(server.seen(ARCHIVE)) == 5
    assert (run.code, run.statuses) == (75, {"people.csv": "new"})
    assert run.seal
    assert run.seal.state is None


def test_sigterm_in_the_midst_of_an_archive_ends_it_with_143_and_without_a_seal(command) -> None:
    with FaultServer() as server:
        server.on(ARCHIVE, Drip(b"x" * 4000, 0.01))
        server.on("/cricsheet/people.csv", Ok(PEOPLE))
        line, out = command("r", server.url, ["odis_json"], {}, None)
        with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            process.stderr.readline()
            process.terminate()
            lines = process.stderr.read().splitlines()
    assert process.returncode == json.loads(lines[-1])["code"] == 143
    assert not (out / "manifest.json").exists()
