"""Retrosheet's two images on the whole of the real feed: every byte lands, every record is read, in little memory."""

import csv
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import retrosheet_reader
from packing import PackingMirror

from fieldhouse import sources
from fieldhouse.extract import program
from fieldhouse.extract.known import Known
from fieldhouse.extract.request import RawFile, write_read_request, write_request
from fieldhouse.extract.sealed import Seal
from fieldhouse.extract.verify import verify, verify_reading
from fieldhouse.sources import Source

pytestmark = pytest.mark.images
USER = 54321
MEMORY = ("--memory", "128m")


@pytest.fixture(scope="module")
def source() -> Source:
    return sources.find("retrosheet")


def limited(line: list[str]) -> list[str]:
    """The command of a container, with no more memory than a pod would give it."""
    at = line.index("--")
    return [*line[:at], *MEMORY, *line[at:]]


@pytest.fixture
def extract(images, source: Source, tmp_path: Path) -> Callable[..., Seal]:
    """Runs the extractor's image to its end; the seal, verified as the pipeline does."""
    root = source.folder.parents[1]
    *options, context = program.build_context(source, source.folder)
    options = [str(root / word) if "/" in word else word for word in options]
    image = images.build("fieldhouse/retrosheet:test", root / context, *options)

    def run(name: str, mirror: str, after: Seal | None = None) -> Seal:
        files = after.files if after else ()
        known = {(f.feed, f.key): Known(f.feed, f.key, f.sha256, f.bytes, f.etag, f.last_modified) for f in files}
        folder, out = tmp_path / f"{name}-in", tmp_path / f"{name}-out"
        state = after.state if after else None
        request = write_request(folder, source, name, 1, known=known.values(), state=state, mirror=mirror)
        out.mkdir()
        os.chown(out, USER, USER)
        line = images.command(image, request, out, mounts=[out], read_only=[folder], network="host")
        ended = subprocess.run(limited(line), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return verify(out, source=source, run=name, attempt=1, known=known)

    return run


@pytest.fixture
def read(images, source: Source, tmp_path: Path) -> Callable[..., tuple[Seal, Path]]:
    """Has the reader's image read files of a feed; the verified seal, and the folder of the records."""
    image = images.build("fieldhouse/retrosheet-reader:test", source.folder / "reader")

    def run(name: str, feed: str, paths: list[Path]) -> tuple[Seal, Path]:
        folder, out = tmp_path / f"{name}-in", tmp_path / f"{name}-out"
        files = [RawFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), str(path)) for path in paths]
        request = write_read_request(folder, source, feed, name, 1, files)
        out.mkdir()
        os.chown(out, USER, USER)
        mounts = {path.parent for path in paths}
        line = images.command(image, request, out, mounts=[out], read_only=[folder, *sorted(mounts)])
        ended = subprocess.run(limited(line), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        wanted = [file.sha256 for file in files]
        return verify_reading(out, source=source, feed=source.feed(feed), run=name, attempt=1, wanted=wanted), out

    return run


@pytest.mark.feeds
def test_the_whole_feed_lands_byte_by_byte_and_only_once(extract, feeds: Path) -> None:
    with (feeds / "retrosheet" / "MANIFEST.csv").open(newline="") as file:
        wanted = {row["path"]: (int(row["bytes"]), row["sha256"]) for row in csv.DictReader(file)}
    with PackingMirror(feeds) as mirror:
        first = extract("first", mirror.url)
        mirror.asked.clear()
        second = extract("second", mirror.url, first)
        asked = {one.target: one.headers for one in mirror.asked}
    assert {file.key: (file.bytes, file.sha256) for file in first.files} == wanted
    assert {file.status for file in first.files} == {"new"}
    assert {file.status for file in second.files} == {"unchanged"}
    assert second.state == first.state
    assert all("if-none-match" in asked[f"/retrosheet/{key}"] for key in wanted)


#: Which files of a season a feed has.
FILES = {"event": "*.E[DV]?", "roster": "*.ROS", "team": "TEAM????", "game_log": "GL????.TXT"}


@pytest.mark.feeds
@pytest.mark.parametrize("feed", FILES)
def test_every_record_is_what_other_means_read(read, feeds: Path, feed: str) -> None:
    """Plain Python reads the same, and the image reads it again to the same bytes."""
    paths = sorted((feeds / "retrosheet").rglob(FILES[feed]))
    assert paths
    first, out = read("first", feed, paths)
    for path in paths:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        wanted: dict[str, list[object]] = {}
        for records, record in retrosheet_reader.read(feed, path):
            wanted.setdefault(records, []).append(record)
        names = {file.path for file in first.files if file.key == f"{sha256}.ndjson"}
        found = {
            name.split("/")[1]: [json.loads(line) for line in (out / name).read_bytes().splitlines()] for name in names
        }
        assert {name: records for name, records in found.items() if records} == wanted, path
    second, _ = read("second", feed, paths)
    assert second.files == first.files


def test_a_broken_line_is_named_and_sets_only_its_file_aside(read, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    good, broken = folder / "good.EVA", folder / "broken.EVA"
    good.write_bytes(b"id,BAL195908060\r\ninfo,visteam,CHA\r\nplay,1,0,a,??,,HR\r\n")
    broken.write_text("id,BAL195908060\ninfo,visteam,CHA\nplay,1,0,a,HR\n")
    seal, out = read("r", "event", [good, broken])
    aside = [json.loads((out / file.path).read_text()) for file in seal.files if file.feed == "aside"]
    assert aside == [{"rule": "not read", "found": 'line 3: a record "play" of 5 fields', "value": "play,1,0,a,HR"}]
    assert sorted(file.feed for file in seal.files) == ["aside", "entry", "game", "note", "play"]


def test_they_are_small_and_refuse_what_they_do_not_know(images, source: Source) -> None:
    for tag, most in (("fieldhouse/retrosheet:test", 130e6), ("fieldhouse/retrosheet-reader:test", 90e6)):
        folder = source.folder / ("reader" if "reader" in tag else "")
        *options, context = program.build_context(source, folder)
        options = [str(source.folder.parents[1] / word) if "/" in word else word for word in options]
        image = images.build(tag, source.folder.parents[1] / context, *options)
        assert image.size < most
        found = images.run(image)
        assert (found.returncode, '"code": 64' in found.stderr or '"code":64' in found.stderr) == (64, True)
