"""A release as a reader holds it: its manifest is read once, so nothing changes under a call."""

import os
from dataclasses import dataclass
from pathlib import Path

from fieldhouse import settings
from fieldhouse.consume.nearest import missing
from fieldhouse.errors import NotFound, UsageError
from fieldhouse.lake import releases
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release, Table
from fieldhouse.lake.store import Store, open_store

ALL_DATASETS = "`fh.datasets()` lists all datasets"
ORIGIN = ".origin"


@dataclass(frozen=True)
class Opened:
    """One release of one lake."""

    store: Store
    release: Release

    def __str__(self) -> str:
        return f"release {self.release.number}"

    def table(self, name: str) -> Table:
        """The dataset called `name`; NotFound names the nearest."""
        if not isinstance(name, str):
            raise UsageError(f"a dataset's name is a text such as 'football.standing', not {name!r}", hint=ALL_DATASETS)
        if name not in self.release.datasets:
            raise missing(str(self), "dataset", name, self.release.datasets, hint=ALL_DATASETS)
        return self.release.datasets[name]

    def origins(self) -> dict[str, tuple[Part, ...]]:
        """Per dataset the parts that say which raw records its rows came from."""
        return {name.removesuffix(ORIGIN): found for name, found in self.release.origins.items() if found}


def open_lake(lake: str | Path | None) -> Store:
    """The lake to read: a folder or URL, by default what FIELDHOUSE_LAKE says. UnavailableError where none is there."""
    if lake is not None and not isinstance(lake, str | os.PathLike):
        raise UsageError(f"lake is a folder or a URL, not {lake!r}")
    return open_store(os.fspath(lake) if lake else settings.setting("FIELDHOUSE_LAKE"), make=False)


def open_release(release: int | None = None, lake: str | Path | None = None) -> Opened:
    """The release with that number, by default the newest; NotFound names the nearest number."""
    if release is not None and (isinstance(release, bool) or not isinstance(release, int)):
        raise UsageError(f"release is the number of a release, not {release!r}", hint="`fh.releases()` lists them")
    store = open_lake(lake)
    try:
        return Opened(store, releases.read(store, release))
    except NotFound:
        numbers = releases.numbers(store) if store.lists and release is not None else []
        if release is None or not numbers:
            raise
    close = min(numbers, key=lambda number: (abs(number - release), number))
    raise NotFound(
        f"{store.url} has no release {release}; the nearest is {close}, the newest {numbers[-1]}",
        hint="`fh.releases()` lists them",
    )
