"""fh.datasets, fh.describe, fh.releases: what there is to read."""

from dataclasses import dataclass
from pathlib import Path

from fieldhouse.consume.described import Description, of_table
from fieldhouse.consume.listing import Listing
from fieldhouse.consume.opened import open_lake, open_release
from fieldhouse.lake import releases as manifests
from fieldhouse.lake.releases import Release


@dataclass(frozen=True)
class Dataset:
    """One dataset of a release in a line: its grain is the columns that identify a row."""

    name: str
    title: str
    layer: str
    grain: tuple[str, ...]
    rows: int
    version: str


@dataclass(frozen=True)
class Published:
    """One release in a line. Two releases have the same `content` exactly if their tables are equal.

    `stale`: the sources whose newest landing was older than it may be when the release was made.
    """

    number: int
    time: str
    content: str
    rows: int
    stale: tuple[str, ...] = ()


def datasets(release: int | None = None, lake: str | Path | None = None) -> Listing[Dataset]:
    """All datasets of a release by name: a list that prints as a table (`pandas.DataFrame` takes it as it is)."""
    tables = open_release(release, lake).release.datasets
    return Listing(Dataset(t.name, t.title, t.layer, t.grain, t.rows, t.version) for _, t in sorted(tables.items()))


def describe(name: str, release: int | None = None, lake: str | Path | None = None) -> Description:
    """What a dataset means: grain, columns with types and units, licences, rows, and how old the release is.

    It prints as a page; `.to_dict()` gives the same as plain data. NotFound names the nearest dataset.
    """
    opened = open_release(release, lake)
    return of_table(opened.table(name), opened.release)


def releases(lake: str | Path | None = None) -> Listing[Published]:
    """All releases of a lake, oldest first: a list that prints as a table. Empty where none was published yet."""
    store = open_lake(lake)
    published = [_published(release) for release in manifests.every(store)]
    return Listing(published)


def _published(release: Release) -> Published:
    rows = sum(table.rows for table in release.datasets.values())
    return Published(release.number, release.time, release.content, rows, release.stale)
