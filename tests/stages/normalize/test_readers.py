"""Feeds that a source's own reader turns into records: a reader.py, or a program of the protocol's task `read`."""

import json
import subprocess
from pathlib import Path

import pytest

from fieldhouse import contracts, sources
from fieldhouse.errors import ConfigurationError, DataError, InternalError, UsageError
from fieldhouse.extract.ended import Crashed
from fieldhouse.extract.refusals import SealRefused
from fieldhouse.lake import landings
from fieldhouse.stages import read
from fieldhouse.stages.normalize import records

SOURCE = """
name = "toy"
title = "Toys"
homepage = "-"
licence = "CC0-1.0"
attribution = "-"
owner = "-"
schedule = "0 0 * * *"
rank = 7
[extractor]
language = "shell"
[limits]
max_drift = 1.0
{reader}
[feeds.place]
format = "text"
reader = "{kind}"
buckets = {buckets}
[feeds.place.records.place]
passed_over = {{ nowhere = "name = 'nowhere'" }}
[feeds.place.records.place.fields]
name = {{ type = "text" }}
size = {{ type = "integer", null = true }}
opened = {{ type = "date", null = true }}
"""
MAPPING = """
SELECT
  name || _key || _ordinal AS venue_id,
  name,
  NULL::VARCHAR AS city,
  size || '/' || opened AS country,
  _record
FROM raw
"""
#: One record a line, name;size;opened; each file that is read is told to a log, so that a test sees what was not.
READER = """
from pathlib import Path

READ = Path(__file__).with_name("read.txt")


def read(feed, path):
    with READ.open("a") as told:
        told.write(feed + "\\n")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line == "crash":
            raise KeyError(line)
        name, size, opened = line.split(";")  # a ValueError where there are not three
        yield "place", {"name": name, "size": size or None, "opened": opened or None}
"""
#: The same of a program in any language: here a shell's, which is called as an image's entrypoint is.
PROGRAM = r"""#!/bin/sh
set -eu
out=$2
mkdir -p "$out/files/place"
jq -r '.files' "$1" | xargs cat | jq -r '[.sha256, .path] | @tsv' | while IFS="$(printf '\t')" read -r sha path; do
  RECORDS >"$out/files/place/$sha.ndjson"
  bytes=$(wc -c <"$out/files/place/$sha.ndjson")
  hash=$(sha256sum "$out/files/place/$sha.ndjson" | cut -d' ' -f1)
  printf '{"feed":"place","key":"%s.ndjson","status":"new","bytes":%s,"sha256":"%s","url":null}\n' \
    "$sha" "$bytes" "$hash" >>"$out/files.tmp"
done
jq --slurpfile files "$out/files.tmp" '{protocol, source, run, attempt, files: $files, state: null}' "$1" >"$out/seal.tmp"
rm "$out/files.tmp"
EXTRA
mv "$out/seal.tmp" "$out/manifest.json"
"""


RECORDS = r"""jq -R -c 'split(";") | map(if . == "" then null else . end) | {name: .[0], size: .[1], opened: .[2]}' "$path" """


class Toys:
    """The toy source with a reader, and its lake."""

    def __init__(self, home: Path, made) -> None:
        self.world = made
        self.folder = home / "containers" / "toy"
        mapping = self.folder / "normalize" / "place" / "core.venue.sql"
        mapping.parent.mkdir(parents=True)
        mapping.write_text(MAPPING, encoding="utf-8")
        (home / "datasets").symlink_to(Path(contracts.__file__).parents[2] / "datasets")
        self.python()

    def python(self, text: str = READER, *, buckets: int = 1, table: str = "") -> None:
        (self.folder / "reader.py").write_text(text, encoding="utf-8")
        self.declare("reader.py", table, buckets)

    def program(self, extra: str = "", records: str = RECORDS) -> None:
        path = self.folder / "reader" / "read"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PROGRAM.replace("EXTRA", extra).replace("RECORDS", records), encoding="utf-8")
        path.chmod(0o755)
        table = '[reader]\nlanguage = "shell"\ncommand = ["reader/read"]\ncode = ["reader"]\nneeds = ["jq"]'
        self.declare("image", table, 1)

    def declare(self, kind: str, table: str, buckets: int) -> None:
        text = SOURCE.format(kind=kind, reader=table, buckets=buckets)
        (self.folder / "source.toml").write_text(text, encoding="utf-8")
        sources.load_all.cache_clear()

    def normalize(self, files: dict[str, str], run: str = "r1"):
        self.world.land("toy", {f"place/{key}": text.encode() for key, text in files.items()})
        return self.world.normalize("toy", run)

    def venues(self, receipt) -> list[tuple]:
        rows = self.world.rows(receipt, "toy/core.venue")
        return sorted((r["_from_key"], r["_from_ordinal"], r["name"], r["country"]) for r in rows)

    def aside(self, receipt) -> list[tuple]:
        rows = self.world.rows(receipt, "toy/aside")
        return sorted((r["key"], r["ordinal"], r["rule"], r["found"]) for r in rows)

    def told(self) -> int:
        """How many files were read since the last question."""
        path = self.folder / "read.txt"
        count = len(path.read_text().splitlines()) if path.exists() else 0
        path.unlink(missing_ok=True)
        return count


@pytest.fixture
def toys(tmp_path, world, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    contracts.load_all.cache_clear()
    yield Toys(tmp_path / "home", world())
    sources.load_all.cache_clear()
    contracts.load_all.cache_clear()


FILES = {"a.txt": "Roker Park;22500;1898-09-10\nAnfield;;\n", "b.txt": "nowhere;;\nGoodison;39000;1892-08-24\n"}
VENUES = [
    ("a.txt", 0, "Roker Park", "22500/1898-09-10"),
    ("a.txt", 1, "Anfield", None),
    ("b.txt", 1, "Goodison", "39000/1892-08-24"),
]


@pytest.mark.parametrize("language", ["python", "program"])
def test_what_a_reader_makes_is_typed_mapped_and_accounted_for_as_any_record(toys, language):
    getattr(toys, language)()
    receipt = toys.normalize(FILES)
    assert toys.venues(receipt) == VENUES
    assert receipt.counts["used"] == 3
    assert receipt.counts["passed over"] == 1


def test_texts_that_are_no_such_value_set_their_record_aside_and_unknown_fields_are_reported(toys):
    toys.python(READER.replace('"opened": opened or None', '"opened": opened or None, "roof": "no"'))
    receipt = toys.normalize({"a.txt": "Roker Park;many;\nAnfield;1;1898-02-30\nGoodison;1;\n"})
    assert toys.aside(receipt) == [
        ("a.txt", 0, "value: size", "text that is no such value"),
        ("a.txt", 1, "value: opened", "text that is no such value"),
    ]
    assert [(n["kind"], n["field"], n["count"]) for n in receipt.notes] == [("new", "roof", 3)]


def test_a_file_that_its_reader_refuses_is_set_aside_by_name_with_its_words(toys):
    receipt = toys.normalize({**FILES, "c.txt": "Anfield;1;\nwithout semicolons\n"})
    assert toys.aside(receipt) == [("c.txt", -1, "not read", "not enough values to unpack (expected 3, got 1)")]
    assert toys.venues(receipt) == VENUES


def test_a_reader_that_crashes_fails_the_stage_and_names_the_file(toys):
    with pytest.raises(InternalError, match=r"toy: the reader ended with 70.*KeyError: 'crash' in place/b.txt"):
        toys.normalize({"a.txt": "Anfield;;\n", "b.txt": "crash\n"})


def test_only_files_that_are_new_are_read_again(toys):
    toys.normalize(FILES)
    assert toys.told() == 2
    receipt = toys.normalize({**FILES, "b.txt": "Goodison;1;\n"}, "r2")
    assert toys.told() == 1
    assert toys.venues(receipt) == [*VENUES[:2], ("b.txt", 0, "Goodison", None)]


def test_another_reader_reads_everything_again(toys):
    toys.normalize(FILES)
    toys.told()
    toys.python(READER.replace('"name": name', '"name": name.replace("Park", "Ground")'))
    receipt = toys.normalize(FILES, "r2")
    assert toys.told() == 2
    assert [name for _, _, name, _ in toys.venues(receipt)] == ["Roker Ground", "Anfield", "Goodison"]


def test_equal_files_are_read_once_and_each_key_has_its_records(toys):
    receipt = toys.normalize({"a.txt": "Anfield;;\n", "b.txt": "Anfield;;\n"})
    assert toys.told() == 1
    assert [key for key, *_ in toys.venues(receipt)] == ["a.txt", "b.txt"]


def test_buckets_are_read_apart_with_equal_outcome(toys):
    expected = toys.venues(toys.normalize(FILES))
    toys.python(buckets=3)
    receipt = toys.normalize(FILES, "r2")
    assert toys.venues(receipt) == expected


def test_a_record_is_found_again_as_its_reader_wrote_it(toys):
    toys.normalize(FILES)
    source, store = sources.find("toy"), toys.world.store
    landed = landings.snapshot(store, "toy", 1)[("place", "b.txt")]
    assert records.find(store, source, landed, "place", [1]) == {
        1: '{"name": "Goodison", "size": "39000", "opened": "1892-08-24"}'
    }


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ('echo more >>"$(ls -d "$out"/files/place/*)"', "bytes; the seal says"),
        ('mkdir -p "$out/files/more"; touch "$out/files/more/x"', "the seal does not name it as new"),
        ('jq ".files = []" "$out/seal.tmp" >"$out/t"; mv "$out/t" "$out/seal.tmp"', "nothing is said of the raw file"),
        ('sed -i s/place/palace/ "$out/seal.tmp"', "there is no record set 'palace'"),
    ],
    ids=["bytes", "extra", "silent", "unknown set"],
)
def test_a_seal_that_lies_is_refused(toys, extra, said):
    toys.program(extra)
    with pytest.raises(SealRefused, match=said):
        toys.normalize({"a.txt": "Anfield;;\n"})


@pytest.mark.parametrize("line", ["[1]", "{", '{"a": NaN}', '{"a": ' * 70 + "1" + "}" * 70], ids=lambda line: line[:9])
def test_a_line_that_is_no_record_is_refused(toys, line):
    toys.program(records=f"echo '{line}'")
    with pytest.raises(SealRefused, match=r"place/a\.txt, place.*line 0 is no record"):
        toys.normalize({"a.txt": "Anfield;;\n"})


def test_a_reader_ends_as_a_program_of_the_protocol_does(toys):
    toys.program("exit 65")
    with pytest.raises(DataError, match="the reader ended with 65"):
        toys.normalize(FILES)
    toys.program("exit 3")
    with pytest.raises(Crashed, match="the reader crashed"):
        toys.normalize(FILES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_package_at_all", "no_such_package_at_all"),
        ("", r"no function `read\(feed, path\)`"),
    ],
)
def test_a_reader_that_cannot_run_says_what_is_missing(toys, text, said):
    toys.python(text)
    with pytest.raises(ConfigurationError, match=said):
        toys.normalize(FILES)


def test_a_package_that_a_reader_needs_and_that_is_not_installed_is_named(toys):
    toys.python(table='[reader]\npackages = ["no-such-package-at-all"]')
    with pytest.raises(ConfigurationError, match="needs the package no-such-package-at-all"):
        toys.normalize(FILES)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[feeds.place.records.place]\n", "[feeds.place.records.place]\npath = '$.x[*]'\n", "no path and no header"),
        ("records.place", "records.aside", "is not called aside"),
        ('reader = "reader.py"', 'reader = "perl"', "one of"),
        ("[extractor]", '[reader]\ncode = ["lost"]\n[extractor]', "is made of lost"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(toys, before, after, said):
    path = toys.folder / "source.toml"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(ConfigurationError, match=said):
        sources.read(path)


def left_by_a_pod(toys, files: dict[str, str], run: str, number: int = 1) -> Path:
    """What a pod does with the request that `prepare` has written; the attempt's folder."""
    toys.world.land("toy", {f"place/{key}": text.encode() for key, text in files.items()})
    inbox = read.prepare(toys.world.store, "toy", "place", run, number, inbox=Path("/in")) / "in"
    seen = inbox / "seen"
    seen.mkdir()
    for name, ours in (("request.json", seen), ("files.ndjson", inbox)):  # as they would be seen at /in
        (seen / name).write_text((inbox / name).read_text().replace("/in/", f"{ours}/"))
    subprocess.run([toys.folder / "reader/read", seen / "request.json", inbox.parent / "out"], check=True)
    return inbox.parent


def test_normalize_takes_what_a_pod_of_its_run_has_read(toys):
    toys.program()
    left_by_a_pod(toys, FILES, "r1")
    (toys.folder / "source.toml").write_text(
        (toys.folder / "source.toml").read_text().replace('needs = ["jq"]', 'needs = ["no-such-program"]')
    )
    sources.load_all.cache_clear()
    assert toys.venues(toys.world.normalize("toy", "r1")) == VENUES


def test_a_pod_is_asked_only_for_what_nobody_has_read(toys):
    toys.program()
    toys.normalize(FILES)
    folder = left_by_a_pod(toys, {**FILES, "b.txt": "Goodison;1;\n"}, "r2")
    asked = (folder / "in" / "files.ndjson").read_text().splitlines()
    assert [json.loads(line)["key"] for line in asked] == ["b.txt"]
    assert len(list((folder / "in" / "files").iterdir())) == 1


def test_what_a_pod_left_unsealed_counts_for_nothing(toys):
    toys.program()
    folder = left_by_a_pod(toys, FILES, "r1")
    (folder / "out" / "manifest.json").unlink()
    assert toys.venues(toys.world.normalize("toy", "r1")) == VENUES


def test_what_a_pod_left_with_a_lie_is_refused(toys):
    toys.program()
    folder = left_by_a_pod(toys, FILES, "r1")
    (file,) = list((folder / "out/files/place").iterdir())[:1]
    file.write_text("{}\n")
    with pytest.raises(SealRefused, match="bytes; the seal says"):
        toys.world.normalize("toy", "r1")


def test_the_verb_reads_ahead_what_normalize_then_finds(toys):
    toys.world.land("toy", {f"place/{key}": text.encode() for key, text in FILES.items()})
    assert read.run(toys.world.store, "toy", "place", "r1").counts == {"files": 2}
    assert toys.told() == 2
    assert toys.venues(toys.world.normalize("toy", "r1")) == VENUES
    assert toys.told() == 0
    again = read.run(toys.world.store, "toy", "place", "r1")
    assert (again.counts, again.task) == ({"files": 0}, "read.toy.place")


def test_a_feed_without_a_reader_is_not_read_ahead(toys):
    with pytest.raises(UsageError, match="openfootball/league has no reader"):
        read._with_reader(
            sources.read(Path(contracts.__file__).parents[2] / "containers/openfootball/source.toml"), "league"
        )
