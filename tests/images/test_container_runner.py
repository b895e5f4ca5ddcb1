"""`fieldhouse run` runs an extractor in its image: what lands is what the generic extractor lands, and nothing is left."""

import hashlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldhouse import embedded, settings, sources
from fieldhouse.errors import FieldhouseError
from fieldhouse.extract import container, program
from fieldhouse.extract.program import InImage
from fieldhouse.extract.request import write_request
from fieldhouse.kit.faults import FaultServer, Hang
from fieldhouse.lake import landings, open_store
from fieldhouse.lake.store import Store

pytestmark = [pytest.mark.images, pytest.mark.usefixtures("engine")]
SOURCE = "international_results"


@pytest.fixture
def home(tmp_path: Path, elixir_image, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Declarations in which the source has an image of its own."""
    home = tmp_path / "home"
    shutil.copytree(settings.home() / "containers" / SOURCE, home / "containers" / SOURCE)
    for name in ("datasets", "quality"):
        (home / name).symlink_to(settings.home() / name, target_is_directory=True)
    declaration = home / "containers" / SOURCE / "source.toml"
    own = f'language = "elixir"\nimage = "{elixir_image.tag}"'
    declaration.write_text(declaration.read_text().replace('language = "python"\nuses = "http"', own))
    monkeypatch.setenv("FIELDHOUSE_HOME", str(home))
    sources.load_all.cache_clear()
    yield home
    sources.load_all.cache_clear()


def left() -> list[str]:
    engine = container.engine()
    assert engine
    command = [*engine.command, "ps", "-a", "--format", "{{.Names}}"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [name for name in names.split() if name.startswith("fieldhouse-")]


def landed(store: Store) -> dict[tuple[str, str], str]:
    return {pair: file.sha256 for pair, file in landings.snapshot(store, SOURCE, 1).items()}


def test_an_image_lands_what_the_generic_extractor_lands(upstream: Path, tmp_path: Path, home: Path) -> None:
    store = open_store(str(tmp_path / "lake"), make=True)
    outcome = embedded.run(store, mirror=upstream)
    assert (outcome.failed, outcome.left_out) == ({}, {})
    files = {(path.stem, path.name): hashlib.sha256(path.read_bytes()).hexdigest() for path in upstream.rglob("*.csv")}
    assert landed(store) == files
    assert left() == []
    again = embedded.run(store, mirror=upstream)
    assert (again.failed, again.published) == ({}, False)


def test_an_upstream_that_is_not_there_is_told_by_its_exit_code(tmp_path: Path, home: Path) -> None:
    store = open_store(str(tmp_path / "lake"), make=True)
    (tmp_path / "nothing" / SOURCE).mkdir(parents=True)
    with pytest.raises(FieldhouseError) as found:
        embedded.run(store, mirror=tmp_path / "nothing")
    assert found.value.exit == 69


def test_a_stop_ends_the_container(tmp_path: Path, home: Path) -> None:
    source = sources.find(SOURCE)
    with FaultServer() as server:
        server.on(f"/{SOURCE}/{SOURCE}/results.csv", Hang())
        found = program.find(source, mirror=server.url)
        assert isinstance(found, InImage)
        request = write_request(
            tmp_path / "in",
            source,
            "r",
            1,
            known=(),
            state=None,
            feeds=["results"],
            mirror=server.url,
            seen_as=found.inbox,
        )
        (tmp_path / "out").mkdir()
        stop = threading.Event()
        ended = found.run(request, tmp_path / "out", limits=source.limits, log=lambda _: stop.set(), stop=stop)
    assert (ended.exit_code, ended.killed) == (143, "stopped")
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert left() == []


KILLED = """
import sys
from pathlib import Path
from fieldhouse import sources
from fieldhouse.extract import program
source = sources.find(sys.argv[1])
found = program.find(source, mirror=sys.argv[2])
request, out = map(Path, sys.argv[3:])
found.run(request, out, limits=source.limits, log=lambda record: print(record.msg, flush=True))
"""


def test_no_container_is_left_when_this_process_is_killed(tmp_path: Path, home: Path) -> None:
    source = sources.find(SOURCE)
    (tmp_path / "out").mkdir()
    with FaultServer() as server:
        server.on(f"/{SOURCE}/{SOURCE}/results.csv", Hang())
        request = write_request(
            tmp_path / "in", source, "r", 1, known=(), state=None, mirror=server.url, seen_as=container.INBOX
        )
        command = [sys.executable, "-c", KILLED, SOURCE, server.url, str(request), str(tmp_path / "out")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert b"fetching" in process.stdout.readline()
            assert len(left()) == 1
            process.kill()
        until = time.monotonic() + 60
        while left() and time.monotonic() < until:
            time.sleep(0.2)
        assert left() == []
