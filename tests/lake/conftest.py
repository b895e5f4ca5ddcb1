"""Small lakes of documents and parts, without any stage."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldhouse.lake import Store, landings, objects, open_store, parts, releases
from fieldhouse.lake.landings import Landed, Landing
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty lake, in a folder and in a bucket; a test of what only folders have is marked `only_folder`."""
    if request.param == "s3":
        return open_store(request.getfixturevalue("bucket"))
    return open_store(str(tmp_path / "lake"))


@pytest.fixture
def written_at(store: Store, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Lets all files below a folder of the lake have been written at this time, in seconds since 1970."""

    def _written_at(time: float, below: str = "") -> None:
        if store.folder is None:
            request.getfixturevalue("s3").age(store.url, below, time)
            return
        for path in (store.folder / below).rglob("*"):
            os.utime(path, (time, time))

    return _written_at


@pytest.fixture
def part(store: Store) -> Callable[..., Part]:
    """Writes a part of one column `n`."""
    import pyarrow as pa

    return lambda *values, dataset="core.team": parts.write(store, dataset, pa.table({"n": list(values)}))


@pytest.fixture
def land(store: Store, tmp_path: Path) -> Callable[..., Landing]:
    """Lands files of the source `toy`, said as key=content; `gone` names keys."""

    def _land(gone: tuple[str, ...] = (), **files: str) -> Landing:
        changed = []
        for key, content in files.items():
            path = tmp_path / "landing"
            path.write_text(content)
            sha256 = objects.hash_file(path)
            objects.put(store, sha256, path)
            changed.append(Landed("feed", key, sha256, path.stat().st_size))
        lost = tuple(("feed", key) for key in gone)
        landing = Landing("toy", 0, "run", 1, "2026-01-01T00:00:00+00:00", tuple(changed), lost, False, None)
        return landings.record(store, landing)

    return _land


@pytest.fixture
def publish(store: Store) -> Callable[..., Release]:
    """Publishes parts of `core.team` as the next release, made by the run that is named."""

    def _publish(*found: Part, run: str = "run", audit: dict[str, object] | None = None) -> Release:
        number = releases.newest(store) + 1
        table = Table("core.team", "Teams", "", "normalized", "1.0.0", ("n",), ("n",), "digest", (), found)
        tables = {"core.team": table}
        release = Release(
            number=number,
            parent=number - 1,
            time="2026-01-01T00:00:00+00:00",
            run=run,
            content=releases.content(tables, {}),
            code="code",
            inputs={},
            licences={},
            audit=audit or {},
            accounts=(),
            datasets=tables,
            origins={},
        )
        assert releases.create(store, release)
        return release

    return _publish
