"""The same landings make the same content wherever, whenever and with however much they are worked on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fieldhouse.extract.mirror import Mirror as Server
from fieldhouse.lake import open_store
from fieldhouse.stages import extract, land

RELEASE = """
import sys
from fieldhouse import embedded
from fieldhouse.lake import open_store, releases

store = open_store(sys.argv[1])
embedded.release(store, embedded.Outcome(sys.argv[2]))
print(releases.read(store).content)
"""
#: A folder's name, and the environment of a process.
WORLDS = {
    "a": {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0", "FIELDHOUSE_THREADS": "2"},
    "b": {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "FIELDHOUSE_THREADS": "1"},
    "ein längerer Name/of 'it'": {
        "TZ": "America/St_Johns",
        "LC_ALL": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "4242",
        "FIELDHOUSE_THREADS": "4",
        "FIELDHOUSE_MEMORY": "300MB",
    },
    "d": {"TZ": "Asia/Kathmandu", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7", "FIELDHOUSE_MEMORY": "3GB"},
}


def _landed(mirror: Path, folder: Path) -> Path:
    store = open_store(str(folder))
    with Server(mirror) as server:
        for source in ("openfootball", "international_results"):
            extract.run(store, source, "first", mirror=server.url)
            land.run(store, source, "first")
    return folder


def _content(landed: Path, world: str, where: Path) -> str:
    lake = where / world / "lake"
    for folder in ("raw", "landings"):
        shutil.copytree(landed / folder, lake / folder)
    own = {**os.environ, **WORLDS[world], "FIELDHOUSE_SCRATCH": str(where / world / "scratch")}
    name = f"run-{list(WORLDS).index(world)}"
    done = subprocess.run(
        [sys.executable, "-c", RELEASE, str(lake), name], env=own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_small_lakes_of_the_same_landings_are_equal(shared_mirror, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    landed = _landed(shared_mirror.folder, tmp_path / "landed")
    assert len({_content(landed, world, tmp_path) for world in WORLDS}) == 1


@pytest.mark.feeds
def test_lakes_of_the_same_real_landings_are_equal(feeds, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    landed = _landed(feeds, tmp_path / "landed")
    assert len({_content(landed, world, tmp_path) for world in list(WORLDS)[1:]}) == 1
