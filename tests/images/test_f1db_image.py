"""f1db's extractor in its image: sixteen thousand members of one archive, byte by byte, in 128 MiB, and only once."""

import csv
from pathlib import Path

import pytest
from packing import Packed, PackingMirror

from fieldhouse import sources
from fieldhouse.extract.known import Known

pytestmark = [pytest.mark.images, pytest.mark.feeds]
ARCHIVE = "f1db/archive/refs/heads/main.tar.gz"


@pytest.fixture
def f1db(images, elixir, tmp_path: Path):
    """The extractor in its image."""
    source = sources.find("f1db")
    return type(elixir)(images, images.build("fieldhouse/f1db:test", source.folder), (), source, tmp_path)


def test_the_whole_feed_lands_byte_by_byte_and_only_once(f1db, feeds: Path) -> None:
    with (feeds / "f1db" / "MANIFEST.csv").open(newline="") as file:
        wanted = {row["path"]: (int(row["bytes"]), row["sha256"]) for row in csv.DictReader(file)}
    rule = {ARCHIVE: Packed("f1db", inside="f1db-main/", only="src/**/*")}
    with PackingMirror(feeds, rule) as mirror:
        first = f1db("first", mirror.url, memory="128m")
        assert first.code == 0, first.log
        known = {
            (f.feed, f.key): Known(f.feed, f.key, f.sha256, f.bytes, f.etag, f.last_modified) for f in first.seal.files
        }
        again = f1db("again", mirror.url, known, state=first.seal.state, memory="128m")
        asked = [(one.target, "if-none-match" in one.headers) for one in mirror.asked]
    assert {f.key: (f.bytes, f.sha256) for f in first.seal.files} == wanted
    assert (again.code, {f.status for f in again.seal.files}) == (0, {"unchanged"}), again.log
    assert not (again.out / "files").exists()
    assert asked == [(f"/{ARCHIVE}", False), (f"/{ARCHIVE}", True)]
    assert again.seal.state == first.seal.state


def test_it_is_small_and_refuses_what_it_does_not_know(f1db, images) -> None:
    assert f1db.image.size < 120e6
    found = images.run(f1db.image)
    assert (found.returncode, '"code":64' in found.stderr) == (64, True)
