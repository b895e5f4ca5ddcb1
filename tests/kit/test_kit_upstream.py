"""The upstream that the kit makes of a declaration or a sample: files of the declared formats, and longer ones of these."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.errors import ConfigurationError
from fieldhouse.kit import upstream
from fieldhouse.kit.upstream import Upstream

BROKEN = Path(__file__).with_name("broken")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BROKEN, tmp_path / "broken")
    return tmp_path / "broken"


def test_without_a_sample_files_are_invented_as_declared(folder: Path, tmp_path: Path) -> None:
    found = upstream.of(sources.read(folder / "source.toml"), tmp_path / "work").files
    assert sorted(found) == ["/broken/data/season.json", "/broken/data/table.csv"]
    assert isinstance(json.loads(found["/broken/data/season.json"]), dict)
    assert len(list(csv.reader(io.StringIO(found["/broken/data/table.csv"].decode())))) == 13


def test_a_sample_is_served_as_it_lies_but_for_what_is_said_about_it(folder: Path, tmp_path: Path) -> None:
    (folder / "sample" / "data").mkdir(parents=True)
    (folder / "sample" / "README.md").write_text("about it")
    (folder / "sample" / "data" / "a b.zip").write_bytes(b"PK")
    (folder / "sample" / "data" / "README.md").write_text("one of upstream's")
    found = upstream.of(sources.read(folder / "source.toml"), tmp_path / "work").files
    assert found == {"/broken/data/a b.zip": b"PK", "/broken/data/README.md": b"one of upstream's"}


def test_feeds_of_which_nothing_can_be_told_need_a_sample(folder: Path, tmp_path: Path) -> None:
    declaration = folder / "source.toml"
    declaration.write_text(declaration.read_text().replace('key = "table.csv"', 'season = "2026"'))
    with pytest.raises(ConfigurationError, match=r"feeds\.table\.key") as found:
        upstream.of(sources.read(declaration), tmp_path / "work")
    assert str(folder / "sample") in found.value.hint


@pytest.mark.parametrize("size", [0, 100, 5000])
@pytest.mark.parametrize(
    ("name", "body"),
    [("/t.json", b'{"a": [1, 2]}\n'), ("/t.json", b"[1, 2]"), ("/t.ndjson", b'{"a": 1}\n'), ("/t.csv", b"a,b\n1,2")],
)
def test_a_longer_file_is_of_the_same_format(name: str, body: bytes, size: int) -> None:
    found = Upstream({name: body}).longer(name, size)
    assert found
    assert size <= len(found.body) == found.size
    assert len(found.body) > len(body)
    text = found.body.decode()
    if name == "/t.json":
        assert json.loads(text) == json.loads(body)
    elif name == "/t.ndjson":
        assert {json.dumps(json.loads(line)) for line in text.splitlines()} == {'{"a": 1}'}
    else:
        assert {tuple(row) for row in csv.reader(io.StringIO(text))} == {("a", "b"), ("1", "2")}


@pytest.mark.parametrize("body", [b"PK\3\4", b"\x1f\x8b\x08", b"PAR1 PAR1", b"a\0b", b"\n"])
def test_what_only_a_library_could_write_is_not_stretched(body: bytes) -> None:
    assert Upstream({"/t": body}).longer("/t", 100) is None
