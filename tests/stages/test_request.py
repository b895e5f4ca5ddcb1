"""`request` prepares an attempt that something else runs: a pod's init container, or a person."""

import json
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.extract.sealed import Seal, SealedFile, write_seal
from fieldhouse.lake import landings, open_store
from fieldhouse.lake.objects import hash_file
from fieldhouse.stages import attempt, extract

SOURCE = "international_results"


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    return open_store(str(tmp_path / "lake"))


def prepare(store, number: int) -> Path:
    return extract.prepare(store, SOURCE, "r", number, inbox=Path("/in"), secrets=Path("/secrets"), mirror="http://m:1")


def seal(folder: Path, number: int, key: str) -> None:
    path = folder / "out" / "files" / "results" / key
    path.parent.mkdir(parents=True)
    path.write_text("date\n")
    file = SealedFile("results", key, "new", path.stat().st_size, hash_file(path))
    write_seal(folder / "out", Seal(1, SOURCE, "r", number, (file,), state={"n": number}))


def test_paths_are_those_that_the_extractor_sees(store):
    folder = prepare(store, 3)
    request = json.loads((folder / "in" / "request.json").read_text())
    assert (request["known"], request["secrets"], request["mirror"]) == ("/in/known.ndjson", "/secrets", "http://m:1")
    assert (request["attempt"], request["run"], request["source"]) == (3, "r", SOURCE)
    assert (folder.name, list((folder / "out").iterdir())) == ("0003", [])


def test_an_attempt_that_is_started_again_begins_with_an_empty_output(store):
    folder = prepare(store, 1)
    (folder / "out" / "files").mkdir()
    (folder / "out" / "files" / "half").write_text("half")
    (folder / "out" / "link").symlink_to("/etc")
    assert list((prepare(store, 1) / "out").iterdir()) == []
    assert Path("/etc").is_dir()


def test_what_earlier_attempts_sealed_is_landed_without_their_state_and_known_to_this_one(store):
    seal(prepare(store, 1), 1, "results.csv")
    folder = prepare(store, 2)
    landed = landings.read(store, SOURCE, 1)
    assert ([f.key for f in landed.changed], landed.partial, landed.state) == (["results.csv"], True, None)
    assert '"results.csv"' in (folder / "in" / "known.ndjson").read_text()


def test_this_attempts_own_seal_is_not_landed_by_preparing_it_again(store):
    seal(prepare(store, 1), 1, "results.csv")
    prepare(store, 1)
    assert landings.numbers(store, SOURCE) == []
    assert [a.number for a in attempt.made(store, SOURCE, "r")] == [1]


def test_the_verb_says_where_the_extractor_finds_its_request(store, tmp_path, capsys):
    from fieldhouse.cli.ending import end

    args = ["request", SOURCE, "--run", "r", "--attempt", "1", "--inbox", "/in", "--lake", store.url, "--json"]
    assert end(args) == 0
    assert json.loads(capsys.readouterr().out)["folder"].endswith(f"/r/{sources.find(SOURCE).name}/0001")
