"""What all tests share: a clean environment, small lakes made of said files, and the real feeds where a machine has them."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from fieldhouse import contracts
from fieldhouse.lake import duck, landings, objects, open_store, runs, schema
from fieldhouse.lake.landings import Landed, Landing
from fieldhouse.lake.runs import Receipt

pytest_plugins = ("object_stores", "demo_lake")

FEEDS = "FIELDHOUSE_TEST_FEEDS"
SHARED = "FIELDHOUSE_TEST_SHARED"
SOURCES = ("openfootball", "international_results", "lahman", "chadwick_register")

# How fast a machine is says nothing about the code. Chance looks for new cases on laptops; a change lands by the same ones.
settings.register_profile("fieldhouse", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("fieldhouse")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `feeds` where there are none, each test by name and with the reason."""
    if os.environ.get(FEEDS):
        return
    for item in items:
        if item.get_closest_marker("feeds"):
            item.add_marker(pytest.mark.skip(reason=f"needs the real feeds: {FEEDS} is not set"))


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test never meets the lake, the mirror or the proxy that the caller's shell names."""
    for variable in list(os.environ):
        if variable.startswith("FIELDHOUSE_") and variable not in (FEEDS, SHARED):
            monkeypatch.delenv(variable)
        if variable.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(variable)


@pytest.fixture(scope="session")
def feeds() -> Path:
    """The folder of the real feeds, `<source>/…` laid out like upstream; without it the test is skipped."""
    return _folder(FEEDS, "the real feeds")


@pytest.fixture(scope="session")
def shared_feeds() -> Path:
    """The folder that holds `check-facts` and the facts; without it the test is skipped."""
    return _folder(SHARED, "the facts about the real feeds")


@pytest.fixture(scope="session")
def real_lake(feeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one release of the real feeds of all sources, which the tests share and do not change.

    It is made once a session: of several workers one makes it, the others wait.
    """
    from fieldhouse import embedded

    base = tmp_path_factory.getbasetemp()
    root = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    lake, done = root / "real-lake", root / "real-lake.done"
    with (root / "real-lake.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            outcome = embedded.run(open_store(str(lake)), SOURCES, mirror=feeds)
            assert not outcome.failed
            done.touch()
    return lake


def _folder(variable: str, what: str) -> Path:
    given = os.environ.get(variable)
    if not given:
        pytest.skip(f"needs {what}: {variable} is not set")
    folder = Path(given).resolve()
    assert folder.is_dir(), f"{variable} is {given!r}: no such folder"
    return folder


class World:
    """A small lake: files are said and land as if they had been extracted; stages make tables of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = open_store(str(folder / "lake"))
        self._con = duck.connect()

    def land(self, source: str, files: Mapping[str, object], gone: tuple[str, ...] = ()) -> None:
        """Land files, said as `<feed>/<key>`: bytes, text, or what is written as JSON."""
        changed = tuple(self._put(name, content) for name, content in files.items())
        lost = tuple(tuple(name.split("/", 1)) for name in gone)
        time = "2026-01-01T00:00:00+00:00"
        landings.record(self.store, Landing(source, 0, "r", 1, time, changed, lost, partial=False, state=None))

    def _put(self, name: str, content: object) -> Landed:
        if not isinstance(content, bytes):
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            content = text.encode()
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.folder / "content"
        path.write_bytes(content)
        objects.put(self.store, sha256, path)
        feed, key = name.split("/", 1)
        return Landed(feed, key, sha256, len(content))

    def normalize(self, source: str, run: str = "r1") -> Receipt:
        """Normalize the source's newest landing."""
        from fieldhouse.stages import normalize

        return normalize.run(self.store, source, run)

    def tables(self, run: str = "r1") -> "World":
        """Cut, normalize, conform and denormalize all that has landed; `sql` then reads the datasets."""
        from fieldhouse.stages import conform, cut, denormalize

        for source in cut.run(self.store, run) and runs.read_inputs(self.store, run).sources:
            self.normalize(source, run)
        receipts = [conform.run(self.store, run)]
        wide = sorted({c.domain for c in contracts.load_all().values() if c.layer == "denormalized"})
        receipts += [denormalize.run(self.store, domain, run) for domain in wide]
        parts = [part for receipt in receipts for part in receipt.outputs]
        for name, contract in contracts.load_all().items():
            empty = ", ".join(f"NULL::{schema.DUCKDB[c.type]} AS {duck.name(c.name)}" for c in contract.columns)
            own = [part for part in parts if part.dataset == name]
            duck.view(self._con, self.store, name, own, f"SELECT {empty} WHERE false")
        for name in {part.dataset for part in parts if part.dataset.endswith(".origin")}:
            own = [part for part in parts if part.dataset == name]
            duck.view(self._con, self.store, name.replace(".origin", "_origin"), own, "")
        return self

    def sql(self, query: str) -> list[tuple]:
        """The rows of a query over the datasets; `core.match_origin` is the sidecar of `core.match`."""
        return self._con.execute(query).fetchall()

    def rows(self, receipt: Receipt, dataset: str) -> list[dict]:
        """The rows of one of the receipt's outputs: `toy/core.venue`, `toy/aside`."""
        import pyarrow.parquet as pq

        paths = [self.store.local(part.path) for part in receipt.outputs if part.dataset == dataset]
        return [row for path in paths for row in pq.read_table(path).to_pylist()]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], World]:
    """Makes a new, empty lake."""
    return lambda: World(tmp_path_factory.mktemp("world"))
