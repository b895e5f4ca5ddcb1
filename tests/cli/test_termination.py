"""What a stage leaves for the thing that started it: the receipt's digest, or the error."""

import json
from pathlib import Path

from fieldhouse.errors import TemporaryError
from fieldhouse.lake import open_store, runs


def test_a_stage_that_ends_well_names_the_receipt_that_lies_in_the_lake(own_lake, tmp_path, fieldhouse, monkeypatch):
    said = tmp_path / "said"
    monkeypatch.setenv("FIELDHOUSE_TERMINATION_LOG", str(said))
    assert fieldhouse("cut", "--lake", own_lake, "--run", "told").code == 0
    word = json.loads(said.read_text())
    assert word["receipt"] == runs.receipt(open_store(str(own_lake)), "told", "cut").digest
    assert word["peak_mib"] > 0


def test_a_stage_that_fails_says_why_in_what_kubernetes_keeps(own_lake, tmp_path, fieldhouse, monkeypatch):
    said = tmp_path / "said"
    monkeypatch.setenv("FIELDHOUSE_TERMINATION_LOG", str(said))

    def fail(*_: object, **__: object) -> None:
        raise TemporaryError("\u20ac" * 9000, hint="wait", retry_after_s=120)

    monkeypatch.setattr("fieldhouse.stages.cut.run", fail)
    assert fieldhouse("cut", "--lake", own_lake, "--run", "told").code == 75
    assert said.stat().st_size <= 4096
    word = json.loads(said.read_text(encoding="utf-8"))
    assert (word["class"], word["exit"], word["retry_after_s"], word["hint"]) == ("TemporaryError", 75, 120, "wait")


def test_a_word_that_cannot_be_left_undoes_no_work(own_lake, tmp_path, fieldhouse, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_TERMINATION_LOG", str(tmp_path / "no" / "folder"))
    done = fieldhouse("cut", "--lake", own_lake, "--run", "told")
    assert done.code == 0
    assert "FIELDHOUSE_TERMINATION_LOG" in done.err


def test_without_the_setting_nothing_is_written(own_lake, tmp_path: Path, fieldhouse, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert fieldhouse("cut", "--lake", own_lake, "--run", "told").code == 0
    assert sorted(tmp_path.iterdir()) == before


def test_a_source_that_was_left_out_of_a_run_has_nothing_to_normalize(own_lake, fieldhouse):
    assert fieldhouse("cut", "--lake", own_lake, "--run", "told").code == 0
    done = fieldhouse("normalize", "international_results", "--lake", own_lake, "--run", "told", "--json")
    assert (done.code, done.json["counts"]["buckets"]) == (0, 0)
