"""Extractors in shell, run as they are: the example of the SDK, and f1db with its archive."""

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from packing import Packed, PackingMirror

from fieldhouse import sources
from fieldhouse.extract.known import Known
from fieldhouse.extract.mirror import Mirror
from fieldhouse.extract.request import write_request
from fieldhouse.extract.seal import Seal, verify
from fieldhouse.kit.faults import FaultServer, Ok, html

ROOT = Path(__file__).parents[2] / "containers"
ARCHIVE = "f1db/archive/refs/heads/main.tar.gz"
absent = [name for name in ("curl", "jq", "tar", "sha256sum") if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(absent), reason=f"needs {', '.join(absent)}")


@dataclass(frozen=True)
class Ran:
    code: int
    seal: Seal | None
    log: list[dict]
    out: Path

    @property
    def known(self) -> list[Known]:
        kept = [file for file in self.seal.files if file.status != "gone"]
        return [Known(f.feed, f.key, f.sha256, f.bytes, f.etag, f.last_modified) for f in kept]


@pytest.fixture
def run(tmp_path):
    """Runs a command on a request; what is sealed is verified as the pipeline does."""

    def run(command, source: str, mirror: str, before: Ran | None = None, known=None, **more):
        declared = sources.find(source)
        number = len(list(tmp_path.glob("out*"))) + 1
        known = (before.known if before else []) if known is None else known
        state = dict(before.seal.state) if before and before.seal.state else None
        request = write_request(
            tmp_path / f"in{number}", declared, "r", number, known=known, state=state, mirror=mirror, **more
        )
        out = tmp_path / f"out{number}"
        out.mkdir()
        ended = subprocess.run(
            [*map(str, command), str(request), str(out)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "FIELDHOUSE_HTTP_BACKOFF_S": "0.01", "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        pairs = {(k.feed, k.key): k for k in known}
        sealed = (out / "manifest.json").exists()
        seal = verify(out, source=declared, run="r", attempt=number, known=pairs) if sealed else None
        return Ran(ended.returncode, seal, [json.loads(line) for line in ended.stderr.splitlines()], out)

    return run


def said(seal: Seal) -> list[dict]:
    files = [{name: value for name, value in vars(file).items() if name != "fetched_at"} for file in seal.files]
    return sorted(files, key=lambda file: (file["feed"], file["key"]))


@pytest.fixture
def results(tmp_path) -> Path:
    """A mirror of international_results, with a file that is more than a buffer."""
    folder = tmp_path / "mirror" / "international_results" / "international_results"
    folder.mkdir(parents=True)
    for name in ("results", "goalscorers", "shootouts", "former_names"):
        (folder / f"{name}.csv").write_text("date,home_team\n" + "2018-06-14,Curaçao\n" * 5000, encoding="utf-8")
    return tmp_path / "mirror"


def test_the_example_lands_what_the_generic_extractor_lands_under_the_same_seal(run, results):
    with Mirror(results) as mirror:
        generic = run([sys.executable, "-m", "fieldhouse.extract.http"], "international_results", mirror.url)
        shell = run([ROOT / "sdk/shell/extract"], "international_results", mirror.url)
        again = run([ROOT / "sdk/shell/extract"], "international_results", mirror.url, shell)
    assert (generic.code, shell.code, again.code) == (0, 0, 0), shell.log
    assert said(shell.seal) == said(generic.seal)
    for file in generic.seal.files:
        assert (generic.out / file.path).read_bytes() == (shell.out / file.path).read_bytes()
    assert {file.status for file in again.seal.files} == {"unchanged"}
    assert again.known == shell.known


def test_f1db_has_the_sdks_own_file():
    assert (ROOT / "f1db/extractor.sh").read_bytes() == (ROOT / "sdk/shell/extractor.sh").read_bytes()


DATA = "f1db/src/data"
RACES = f"{DATA}/seasons/2024/races/01-bahrain"


@pytest.fixture
def upstream(tmp_path) -> Path:
    """A mirror's folder with members of f1db's archive, one for each feed at least."""
    folder = tmp_path / "mirror"
    members = [f"{RACES}/{n}.yml" for n in ("race", "race-results", "sprint-race-results", "fastest-laps", "pit-stops")]
    members += [f"{DATA}/seasons/2024/{n}.yml" for n in ("driver-standings", "constructor-standings", "entrants")]
    tops = ("drivers", "constructors", "circuits", "grands-prix", "countries", "continents")
    members += [f"{DATA}/{n}/{m}.yml" for n in tops for m in ("a", "b")]
    for member in members:
        path = folder / member
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"id: {member}\n")
    return folder


def packed(folder: Path) -> PackingMirror:
    more = {"f1db-main/README.md": b"no data"}
    return PackingMirror(folder, {ARCHIVE: Packed("f1db", inside="f1db-main/", only="src/**/*", more=more)})


F1DB = (ROOT / "f1db/extract",)


def test_members_land_as_keys_with_their_archive(run, upstream):
    with packed(upstream) as mirror:
        ran, url = run(F1DB, "f1db", mirror.url), mirror.url
    assert ran.code == 0, ran.log
    keys = {path.relative_to(upstream / "f1db").as_posix() for path in upstream.rglob("*.yml")}
    assert {file.key for file in ran.seal.files} == keys
    assert set(sources.find("f1db").feeds) == {file.feed for file in ran.seal.files}
    for file in ran.seal.files:
        assert (ran.out / file.path).read_bytes() == (upstream / "f1db" / file.key).read_bytes()
        assert file.archive.member == f"f1db-main/{file.key}"
        assert file.archive.url == file.url == f"{url}/{ARCHIVE}"
    assert len({file.archive.sha256 for file in ran.seal.files}) == 1


def test_an_archive_that_is_as_it_was_is_asked_for_once_and_leaves_all_keys_unchanged(run, upstream):
    with packed(upstream) as mirror:
        first = run(F1DB, "f1db", mirror.url)
        second = run(F1DB, "f1db", mirror.url, first)
        third = run(F1DB, "f1db", mirror.url, second)
        asked = [request.headers.get("if-none-match") for request in mirror.asked]
    assert asked[0] is None
    assert asked[1] == asked[2] == next(k.etag for k in first.known if k.etag)
    for ran in (second, third):
        assert {file.status for file in ran.seal.files} == {"unchanged"}
        assert sorted(ran.known, key=repr) == sorted(first.known, key=repr)
        assert ran.seal.state == first.seal.state


def test_an_object_that_the_lake_has_lost_comes_again(run, upstream):
    with packed(upstream) as mirror:
        first = run(F1DB, "f1db", mirror.url)
        known = [k for k in first.known if not k.key.endswith("circuits/a.yml")]
        second = run(F1DB, "f1db", mirror.url, first, known=known)
    assert [file.key for file in second.seal.of("new")] == ["src/data/circuits/a.yml"]


def test_of_another_archive_what_changed_is_new_and_what_it_lacks_is_gone(run, upstream):
    with packed(upstream) as mirror:
        first = run(F1DB, "f1db", mirror.url)
        (upstream / RACES / "race-results.yml").write_text("- position: DSQ\n")
        (upstream / DATA / "drivers/c.yml").write_text("id: c\n")
        (upstream / DATA / "circuits/b.yml").unlink()

        second = run(F1DB, "f1db", mirror.url, first, feeds=["drivers", "race_results"])
        assert sorted(file.key for file in second.seal.of("new")) == [
            "src/data/drivers/c.yml",
            "src/data/seasons/2024/races/01-bahrain/race-results.yml",
        ]
    assert Counter(file.status for file in second.seal.files) == {"new": 2, "unchanged": 2}


def test_a_key_that_the_archive_lacks_is_gone(run, upstream, monkeypatch):
    with packed(upstream) as mirror:
        known = [Known("drivers", "src/data/drivers/z.yml", "0" * 64, 1)]
        monkeypatch.setattr("fieldhouse.extract.verify._vanished", lambda *_: iter(()))
        ran = run(F1DB, "f1db", mirror.url, known=known)
    assert [file.key for file in ran.seal.of("gone")] == ["src/data/drivers/z.yml"]


def archive(*members: tuple[str, bytes | str]) -> bytes:
    """An archive of members by name: bytes are a file's, a text is where a link leads."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as made:
        for name, said in members:
            info = tarfile.TarInfo(name)
            if isinstance(said, str):
                info.type, info.linkname = tarfile.SYMTYPE, said
                made.addfile(info)
            else:
                info.size = len(said)
                made.addfile(info, io.BytesIO(said))
    return gzip.compress(sink.getvalue())


GOOD = ("f1db-main/src/data/drivers/a.yml", b"id: a\n")
BAD = {
    "a link": (archive(GOOD, ("f1db-main/src/data/drivers/b.yml", "/etc/passwd")), "is a link or a device"),
    "a path that leads out": (archive(GOOD, ("f1db-main/src/data/../../../x.yml", b"x")), "a member is called"),
    "a member twice": (archive(GOOD, GOOD), "twice"),
    "a bomb": (archive(GOOD, ("f1db-main/big", b"0" * 30_000_000)), "a bomb"),
    "other things": (archive(("f1db-main/README.md", b"hello")), "nothing below src/data"),
    "a feed that is empty": (archive(GOOD), "has no member of"),
    "half an archive": (
        archive(GOOD, ("f1db-main/src/data/drivers/b.yml", os.urandom(50_000)))[:20_000],
        "cannot be read",
    ),
    "no archive": (b"hello, world\n" * 20, "cannot be read"),
}


@pytest.mark.parametrize(("body", "why"), BAD.values(), ids=BAD)
def test_an_archive_that_cannot_be_or_means_harm_is_no_data(run, body, why):
    with FaultServer() as server:
        server.on(f"/{ARCHIVE}", Ok(body))
        ran = run(F1DB, "f1db", server.url)
    assert (ran.code, ran.seal) == (65, None)
    assert why in ran.log[-1]["msg"]
    assert not (ran.out.parent / "x.yml").exists()


def test_an_error_page_is_no_archive(run):
    with FaultServer() as server:
        server.on(f"/{ARCHIVE}", html())
        ran = run(F1DB, "f1db", server.url)
    assert (ran.code, ran.log[-1]["code"]) == (65, 65)


def test_too_many_members_are_refused_before_they_are_unpacked(run, upstream, monkeypatch):
    monkeypatch.setattr("fieldhouse.extract.request.limits", lambda _: {**_limits(), "max_files": 5})
    with packed(upstream) as mirror:
        ran = run(F1DB, "f1db", mirror.url)
    assert (ran.code, ran.seal) == (65, None)
    assert "limits.max_files = 5" in ran.log[-1]["msg"]
    assert not (ran.out / "tmp" / "unpacked").exists()


def _limits() -> dict[str, float]:
    limits = sources.find("f1db").limits
    names = (
        "deadline_s",
        "silence_s",
        "max_bytes",
        "max_file_bytes",
        "max_files",
        "requests_per_second",
        "concurrency",
    )
    return {name: getattr(limits, name) for name in names}


def test_without_a_request_it_says_how_it_is_called():
    ended = subprocess.run([ROOT / "sdk/shell/extract"], capture_output=True, text=True, check=False)
    assert (ended.returncode, json.loads(ended.stderr)["code"]) == (64, 64)
