"""F1DB's own reader: scalars are texts, and what YAML could hide is refused with the line where it stands."""

import importlib.util
from pathlib import Path

import pytest

from fieldhouse import sources


@pytest.fixture(scope="module")
def reader():
    path = sources.find("f1db").folder / "reader.py"
    spec = importlib.util.spec_from_file_location("f1db_reader", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("time: 15:00", "15:00"),
        ("time: 04:00", "04:00"),
        ("code: NO", "NO"),
        ("code: NA", "NA"),
        ("date: 2024-03-02", "2024-03-02"),
        ("points: 8.140", "8.140"),
        ("number: 0x1F", "0x1F"),
        ("number: 1_000", "1_000"),
        ("value: true", "true"),
        ("value:", None),
        ("value: ~", None),
        ("value: null", None),
        ('value: "null"', "null"),
        ("value: ''", ""),
        ("value: a # 1955-1972", "a"),
        ("value: [1, {a: b}]", ["1", {"a": "b"}]),
    ],
)
def test_a_scalar_is_the_text_that_stands_there(reader, yaml, value):
    (found,) = reader.load(yaml.encode()).values()
    assert found == value


def test_a_list_has_a_record_an_element_and_a_mapping_is_one(reader, tmp_path: Path):
    path = tmp_path / "file.yml"
    path.write_text("- position: 1\n- position: DNF\n")
    assert list(reader.read("race_results", path)) == [
        ("race_result", {"position": "1"}),
        ("race_result", {"position": "DNF"}),
    ]
    path.write_text("id: monza\n")
    assert list(reader.read("circuits", path)) == [("circuit", {"id": "monza"})]
    path.write_text("# nothing yet\n")
    assert list(reader.read("race_results", path)) == []


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        (b"a: 1\na: 2", "line 2: the key 'a' stands twice"),
        (b"a: &x [1]\nb: *x", "line 1: an alias, an anchor or a tag"),
        (b"a: *x", "undefined alias|alias"),
        (b"a: !!python/object:os.system 1", "a tag"),
        (b"? [1]\n: 2", "a key that is no text"),
        (b"a: [1", "line 1"),
        (b"a: \xff", "utf-8|UTF-8"),
        (b"a: 1\n---\nb: 2", "a second document"),
        (b"[" * 30 + b"]" * 30, "nested deeper than 20 levels"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(reader, yaml, said):
    with pytest.raises(ValueError, match=said):
        reader.load(yaml)


def test_text_for_a_record_is_no_record(reader, tmp_path: Path):
    path = tmp_path / "file.yml"
    path.write_text("<html>not found</html>\n")
    with pytest.raises(ValueError, match="a mapping is expected"):
        list(reader.read("races", path))


def test_every_feed_that_is_read_has_its_record_set(reader):
    declared = {
        feed.name: [records.name for records in feed.records]
        for feed in sources.find("f1db").feeds.values()
        if feed.reader
    }
    assert {feed: [name] for feed, name in reader.SETS.items()} == declared
