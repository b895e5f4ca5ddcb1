"""The HTTP extractor as the process that the pipeline runs: arguments, signals, a full disk, a mirror of files."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fieldhouse.errors import Exit
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.mirror import Mirror
from fieldhouse.extract.request import Known, write_request
from fieldhouse.extract.runner import Ended, run_process
from fieldhouse.extract.seal import Seal, verify
from fieldhouse.kit.faults import Drip, FaultServer
from fieldhouse.sources import Source

COMMAND = [sys.executable, "-m", "fieldhouse.extract.http"]


def start(request: Path, out: Path, **options) -> "subprocess.Popen[str]":
    return subprocess.Popen([*COMMAND, str(request), str(out)], stderr=subprocess.PIPE, text=True, **options)


def test_without_its_two_arguments_it_is_a_usage_error() -> None:
    found = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert found.returncode == Exit.USAGE
    assert json.loads(found.stderr)["code"] == 64


def test_without_a_request_it_is_a_usage_error(tmp_path: Path) -> None:
    with start(tmp_path / "none", tmp_path) as process:
        _, err = process.communicate()
    assert process.returncode == Exit.USAGE
    assert "no request" in json.loads(err)["msg"]


def test_a_wrong_declaration_is_a_configuration_error(tmp_path: Path, source: Source) -> None:
    config = {"values": {"season": {"season": []}}}
    request = write_request(tmp_path / "in", source, "r", 1, known=(), state=None, config=config)
    with start(request, tmp_path) as process:
        _, err = process.communicate()
    assert process.returncode == Exit.CONFIGURATION
    assert "config.values.season.season" in json.loads(err)["msg"]


def test_sigterm_ends_it_at_once_without_a_seal(tmp_path: Path, source: Source) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with FaultServer() as server:
        server.on("/leagues/data/table.csv", Drip(b"x" * 4000, 0.01))
        request = write_request(tmp_path / "in", source, "r", 1, known=(), state=None, mirror=server.url)
        with start(request, out) as process:
            assert process.stderr
            process.stderr.readline()  # it works
            process.send_signal(signal.SIGTERM)
            err = process.stderr.read()
    assert process.returncode == 143
    assert json.loads(err.splitlines()[-1])["code"] == 143
    assert not (out / "manifest.json").exists()


def test_a_full_disk_is_an_io_error(tmp_path: Path, source: Source) -> None:
    """A limit on the size of files stands in for the disk."""
    root = tmp_path / "mirror" / "leagues" / "data"
    root.mkdir(parents=True)
    (root / "table.csv").write_bytes(b"a,b\n" * 1000)
    out = tmp_path / "out"
    out.mkdir()
    with Mirror(tmp_path / "mirror") as mirror:
        request = write_request(tmp_path / "in", source, "r", 1, known=(), state=None, mirror=mirror.url)
        command = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *COMMAND, str(request), str(out)]
        found = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert found.returncode == Exit.IO
    assert "cannot write" in json.loads(found.stderr.splitlines()[-1])["msg"]
    assert not (out / "manifest.json").exists()


@pytest.fixture
def mirror_folder(tmp_path: Path) -> Path:
    root = tmp_path / "mirror" / "leagues" / "data"
    for season in ("2015-16", "2016-17"):
        (root / season).mkdir(parents=True)
        (root / season / "en.1.json").write_text(f'{{"name": "{season}", "matches": []}}\n')
    (root / "table.csv").write_text("a,b\n1,2\n")
    return tmp_path / "mirror"


def day(tmp_path: Path, source: Source, folder: Path, known: dict[tuple[str, str], Known], name: str) -> Seal:
    """One daily extraction from a mirror, verified as the pipeline does."""
    out = tmp_path / name
    out.mkdir()
    records: list[LogRecord] = []
    with Mirror(folder) as mirror:
        request = write_request(
            tmp_path / f"{name}-in", source, name, 1, known=known.values(), state=None, mirror=mirror.url
        )
        ended = run_process(COMMAND, request, out, limits=source.limits, log=records.append)
    assert ended == Ended(0), records
    return verify(out, source=source, run=name, attempt=1, known=known)


def known_after(seal: Seal) -> dict[tuple[str, str], Known]:
    return {
        (f.feed, f.key): Known(f.feed, f.key, f.sha256 or "", f.bytes or 0, f.etag, f.last_modified)
        for f in seal.files
        if f.status != "gone"
    }


def test_days_follow_one_another(tmp_path: Path, source: Source, mirror_folder: Path) -> None:
    """New, then unchanged, then one changed and one gone: over real HTTP, from request to verified seal."""
    first = day(tmp_path, source, mirror_folder, {}, "day-1")
    assert [(f.key, f.status) for f in first.files] == [
        ("2015-16/en.1.json", "new"),
        ("2016-17/en.1.json", "new"),
        ("table.csv", "new"),
    ]
    known = known_after(first)
    second = day(tmp_path, source, mirror_folder, known, "day-2")
    assert {f.status for f in second.files} == {"unchanged"}
    assert known_after(second) == known
    (mirror_folder / "leagues/data/2015-16/en.1.json").unlink()
    (mirror_folder / "leagues/data/table.csv").write_text("a,b\n1,3\n")
    third = day(tmp_path, source, mirror_folder, known, "day-3")
    assert [f.status for f in third.files] == ["gone", "unchanged", "new"]


def test_a_copy_of_a_mirror_has_other_validators_but_the_same_bytes(
    tmp_path: Path, source: Source, mirror_folder: Path
) -> None:
    first = day(tmp_path, source, mirror_folder, {}, "day-1")
    shutil.copytree(mirror_folder, tmp_path / "copy")
    second = day(tmp_path, source, tmp_path / "copy", known_after(first), "day-2")
    assert {f.status for f in second.files} == {"unchanged"}


def test_its_output_does_not_depend_on_locale_zone_or_hash_seed(
    tmp_path: Path, source: Source, mirror_folder: Path
) -> None:
    seals = []
    with Mirror(mirror_folder) as mirror:
        request = write_request(tmp_path / "in", source, "r", 1, known=(), state=None, mirror=mirror.url)
        for name, more in (("a", {"TZ": "Asia/Tokyo", "LC_ALL": "C"}), ("b", {"PYTHONHASHSEED": "7", "TZ": "UTC"})):
            out = tmp_path / name
            out.mkdir()
            with start(request, out, env={**os.environ, **more}) as process:
                process.communicate()
            assert process.returncode == 0
            seal = json.loads((out / "manifest.json").read_text())
            seals.append([{**file, "fetched_at": None} for file in seal["files"]])
    assert seals[0] == seals[1]


@pytest.mark.parametrize("stands_in", ["mirror", "upstream"])
def test_what_only_a_mirror_may_lack_is_told_there_and_ends_the_work_upstream(
    tmp_path: Path, source: Source, mirror_folder: Path, stands_in: str
) -> None:
    table = {**source.feed("season").raw, "optional": "mirror"}
    feeds = {**source.feeds, "season": replace(source.feed("season"), raw=table, optional="mirror")}
    (mirror_folder / "leagues/data/2016-17/en.1.json").unlink()
    out = tmp_path / "out"
    out.mkdir()
    with Mirror(mirror_folder) as mirror:
        bases = {"main": {"url": f"{mirror.url}/leagues/data/", "mirror": "data"}}
        asked = replace(source, feeds=feeds, bases=bases)
        replay = mirror.url if stands_in == "mirror" else None
        request = write_request(tmp_path / "in", asked, "r", 1, known=(), state=None, mirror=replay)
        with start(request, out) as process:
            _, err = process.communicate()
    lines = [json.loads(line) for line in err.splitlines()]
    if stands_in == "upstream":
        assert (process.returncode, lines[-1]["key"]) == (Exit.UNAVAILABLE, "2016-17/en.1.json")
        return
    assert process.returncode == Exit.DONE
    assert [(line["feed"], line["key"]) for line in lines if line["level"] == "warning"] == [
        ("season", "2016-17/en.1.json")
    ]
    assert [f.key for f in verify(out, source=source, run="r", attempt=1, known={}).files] == [
        "2015-16/en.1.json",
        "table.csv",
    ]
