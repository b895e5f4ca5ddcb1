"""Wyscout's extractor in its image: many small files, byte by byte, in little memory, and only once."""

import csv
from pathlib import Path
from urllib.parse import unquote

import pytest
from packing import PackingMirror

from fieldhouse import sources
from fieldhouse.extract import program
from fieldhouse.extract.known import Known
from fieldhouse.kit.faults import Drip, FaultServer, Ok, Status

pytestmark = pytest.mark.images
MEMORY = "256m"
BASE = "/wyscout/wyscout-soccer-match-event-dataset"
FEEDS = ["index", "events"]
INDEX = b"|[1](files/1.json)|\n|[2](files/2.json)|\n"


@pytest.fixture
def wyscout(images, elixir, tmp_path: Path):
    """The extractor in its image, built from the repository's root as `program.build_context` says."""
    source = sources.find("wyscout")
    root = source.folder.parents[1]
    *options, context = program.build_context(source, source.folder)
    options = [str(root / word) if "/" in word else word for word in options]
    image = images.build("fieldhouse/wyscout:test", root / context, *options)
    return type(elixir)(images, image, (), source, tmp_path)


def known_after(seal) -> dict[tuple[str, str], Known]:
    return {(f.feed, f.key): Known(f.feed, f.key, f.sha256, f.bytes, f.etag, f.last_modified) for f in seal.files}


@pytest.mark.feeds
def test_the_whole_feed_lands_byte_by_byte_and_only_once(wyscout, feeds: Path) -> None:
    with (feeds / "wyscout" / "MANIFEST.csv").open(newline="") as file:
        wanted = {row["path"]: (int(row["bytes"]), row["sha256"]) for row in csv.DictReader(file)}
    source = wyscout.source
    with PackingMirror(feeds) as mirror:
        first = wyscout("first", mirror.url, memory=MEMORY)
        assert first.code == 0, first.log
        landed = {
            f"{source.bases[str(source.feed(f.feed).raw['base'])]['mirror']}/{f.key}": (f.bytes, f.sha256)
            for f in first.seal.files
        }
        assert landed == wanted
        mirror.asked.clear()
        again = wyscout("again", mirror.url, known_after(first.seal), state=first.seal.state, memory=MEMORY)
        paths = {f"/wyscout/{path}" for path in wanted}
        asked = [asked for asked in mirror.asked if unquote(asked.target) in paths]
    assert (again.code, {f.status for f in again.seal.files}) == (0, {"unchanged"}), again.log
    assert not (again.out / "files").exists()
    assert len(asked) == len(wanted)
    assert all("if-none-match" in one.headers or "if-modified-since" in one.headers for one in asked)
    assert again.seal.state == first.seal.state


def test_what_was_got_is_sealed_where_the_rest_may_come_later(wyscout) -> None:
    with FaultServer() as server:
        server.on(f"{BASE}/processed-v2/README.md", Ok(INDEX))
        server.on(f"{BASE}/processed-v2/files/1.json", Ok(b'{"events": []}'))
        server.on(f"{BASE}/processed-v2/files/2.json", Status(503))
        run = wyscout("r", server.url, feeds=FEEDS)
    assert (run.code, run.seal.state) == (75, None), run.log
    assert {file.key: file.status for file in run.seal.files} == {
        "processed-v2/README.md": "new",
        "processed-v2/files/1.json": "new",
    }
    assert run.log[-1]["key"] == "processed-v2/files/2.json"


def test_sigterm_in_the_midst_of_it_ends_it_with_143_and_without_a_seal(wyscout) -> None:
    with FaultServer() as server:
        server.on(f"{BASE}/processed-v2/README.md", Ok(INDEX))
        server.on(f"{BASE}/processed-v2/files/1.json", Drip(b"x" * 4000, 0.01))
        server.on(f"{BASE}/processed-v2/files/2.json", Drip(b"x" * 4000, 0.01))
        run = wyscout.terminate("r", server.url, FEEDS)
    assert run.code == run.log[-1]["code"] == 143
    assert not (run.out / "manifest.json").exists()


def test_it_is_small_and_refuses_what_it_does_not_know(wyscout, images) -> None:
    assert wyscout.image.size < 120e6
    found = images.run(wyscout.image)
    assert (found.returncode, '"code":64' in found.stderr) == (64, True)
