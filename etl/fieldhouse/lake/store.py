"""Bytes by name in one lake: what is immutable, what is created only once, what is listed.

Names that decide (landings, inputs, releases) are made with `create`, which exactly one of several writers wins.
Names that are hashes of their content are made with `put`, which writes only what is not there yet.
Where the bytes lie is the business of a Folder, a Bucket or a Web server; `open_store` tells which.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fieldhouse import settings
from fieldhouse.errors import StorageError, UsageError

DAMAGE = "`fieldhouse lake verify` lists all damage"


class Store(ABC):
    """One lake's bytes. `url` names it in messages, without secrets; `folder` is the local folder, where it is one.

    `lists`: whether names can be listed, which a web server cannot do.
    Raises UnavailableError, TemporaryError or RefusedError where the lake cannot be reached, does not answer, or says no.
    """

    lists = True

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.url = url
        self.folder = folder

    def get(self, name: str) -> bytes:
        """The bytes called `name`; StorageError where they are not there."""
        found = self.find(name)
        if found is None:
            raise self.missing(name)
        return found

    def missing(self, name: str) -> StorageError:
        """What to raise where `name` should be there and is not."""
        return StorageError(f"{self.url}: {name} is missing", hint=DAMAGE)

    @abstractmethod
    def find(self, name: str) -> bytes | None:
        """The bytes called `name`, or None."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """The size of `name` in bytes, or None where it is not there."""

    @abstractmethod
    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether all these content-named files are there in full; what was deleted a moment ago may still count."""

    @abstractmethod
    def put(self, name: str, data: bytes | Path) -> bool:
        """Store content under a name that is its hash; True if it was not there (or only half).

        What is there counts as young again, so that nobody collects what is about to be referred to.
        """

    @abstractmethod
    def create(self, name: str, data: bytes) -> bool:
        """Make `name` unless it exists; True for the one writer that made it. What was put before is safe by then."""

    @abstractmethod
    def hint(self, name: str, data: bytes) -> None:
        """Overwrite a name that may be lost or stale without harm."""

    @abstractmethod
    def delete(self, names: Iterable[str]) -> None:
        """Remove names; those that are gone already are no error."""

    def bring_back(self) -> None:  # noqa: B027 - there is nothing to do where nothing is taken aside
        """Give names back to content that a killed `delete_idle` had taken aside."""

    def delete_idle(self, names: Iterable[str], before: float) -> None:
        """Remove content that was not written, or put again, since `before` (seconds since 1970), however late that was."""
        listed = list(names)
        written = {
            name: at for folder in {name.split("/")[0] for name in listed} for name, at in self.times(folder).items()
        }
        self.delete(name for name in listed if written.get(name, before + 1) <= before)

    @abstractmethod
    def entries(self, prefix: str) -> list[tuple[str, int]]:
        """All names below the folder `prefix` with their sizes, sorted by name; half-written files are left out."""

    @abstractmethod
    def times(self, prefix: str) -> dict[str, float]:
        """When each name below the folder `prefix` was last written, in seconds since 1970 by the lake's clock."""

    @abstractmethod
    def local_paths(self, names: Sequence[str]) -> list[Path]:
        """Local paths with the content of content-named `names`, in their order; StorageError where one is missing."""

    @abstractmethod
    def check_writable(self) -> None:
        """Raise what writing would: RefusedError where it is not allowed, UsageError where it makes no sense."""

    def local(self, name: str) -> Path:
        """A local path with the content of the content-named `name`."""
        return self.local_paths([name])[0]

    def names(self, prefix: str) -> list[str]:
        """All names below the folder `prefix`, sorted."""
        return [name for name, _ in self.entries(prefix)]

    def leftovers(self) -> list[Path]:
        """Half-written files that a killed writer left in a local lake."""
        return []


def open_store(url: str | None = None, *, make: bool = True) -> Store:
    """Open the lake at `url` (default: the setting FIELDHOUSE_LAKE): a folder, s3://, gs://, az://, or https:// to read.

    `make=False`: a folder that does not exist is UnavailableError instead of being made.
    Credentials of buckets come from the environment as their providers define it.
    """
    from fieldhouse.lake import bucket, folder, web

    url = url or settings.setting("FIELDHOUSE_LAKE")
    scheme, separated, _ = url.partition("://")
    if not separated:
        return folder.open_folder(url, make=make)
    if scheme in bucket.SCHEMES:
        return bucket.open_bucket(url)
    if scheme in web.SCHEMES:
        return web.open_web(url)
    raise UsageError(f"{scheme}://…: a lake is a folder, or s3://, gs://, az:// or https://")
