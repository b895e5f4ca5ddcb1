"""Bytes by name in one folder or bucket: what is immutable, what is created only once, what is listed.

Names that decide (landings, inputs, releases) are made with `create`, which exactly one of several writers wins.
Names that are hashes of their content are made with `put`, which writes only what is not there yet.
"""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse import settings
from fieldhouse.errors import StorageError, UnavailableError, UsageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class Store:
    """One lake's bytes. `folder` is the local folder, or None where the lake is a bucket."""

    def __init__(self, backend: "ObjectStore", url: str, folder: Path | None) -> None:
        self.url = url
        self.folder = folder
        self._backend = backend
        self._unflushed: list[Path] = []
        self._flushing = threading.Lock()

    def get(self, name: str) -> bytes:
        """The bytes called `name`; StorageError where they are not there."""
        found = self.find(name)
        if found is None:
            raise StorageError(f"{self.url}: {name} is missing", hint="`fieldhouse lake verify` lists all damage")
        return found

    def find(self, name: str) -> bytes | None:
        """The bytes called `name`, or None."""
        if self.folder is not None:
            try:
                return (self.folder / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
        import obstore

        try:
            return bytes(obstore.get(self._backend, name).bytes())
        except FileNotFoundError:
            return None

    def size(self, name: str) -> int | None:
        """The size of `name` in bytes, or None where it is not there."""
        if self.folder is not None:
            try:
                return (self.folder / name).stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                return None
        import obstore

        try:
            return int(obstore.head(self._backend, name)["size"])
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes | Path) -> bool:
        """Store content under a name that is its hash; True if it was not there (or only half).

        A file of another size is what a crash left: it is written again. One that is there counts as young again
        in a local lake, so that nobody collects what is about to be referred to.
        """
        length = data.stat().st_size if isinstance(data, Path) else len(data)
        if self.size(name) == length and self._still_there(name):
            return False
        self._write(name, data, "overwrite")
        return True

    def _still_there(self, name: str) -> bool:
        """Make a content-named file young again; False if it was collected a moment ago."""
        if self.folder is not None:
            try:
                os.utime(self.folder / name)
            except FileNotFoundError:
                return False
            except PermissionError:
                pass  # another user's file, which is none of our garbage
        return True

    def create(self, name: str, data: bytes) -> bool:
        """Make `name` unless it exists; True for the one writer that made it. What was put before is flushed first."""
        import obstore

        self.flush()
        try:
            self._write(name, data, "create")
        except obstore.exceptions.AlreadyExistsError:
            return False
        self.flush()
        return True

    def hint(self, name: str, data: bytes) -> None:
        """Overwrite a name that may be lost or stale without harm."""
        self._write(name, data, "overwrite")

    def _write(self, name: str, data: bytes | Path, mode: str) -> None:
        import obstore

        try:
            obstore.put(self._backend, name, data, mode=mode)
        except (OSError, obstore.exceptions.GenericError) as error:
            raise StorageError(
                f"{self.url}: {name} cannot be written: {error}", hint="check free space and permissions"
            ) from error
        if self.folder is not None:
            with self._flushing:
                self._unflushed.append(self.folder / name)

    def flush(self) -> None:
        """Let everything written so far survive a loss of power: files first, then the folders that name them."""
        with self._flushing:  # another thread's decision waits until what it rests on is safe, whoever flushes it
            paths, self._unflushed = self._unflushed, []
            for path in dict.fromkeys((*paths, *(folder for p in paths for folder in self._folders(p)))):
                try:
                    handle = os.open(path, os.O_RDONLY)
                except FileNotFoundError:
                    continue
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def _folders(self, path: Path) -> Iterator[Path]:
        """The folders of a file, up to the lake's own: each may be new."""
        for folder in path.parents:
            yield folder
            if folder == self.folder:
                return

    def names(self, prefix: str) -> list[str]:
        """All names below the folder `prefix`, sorted."""
        return [name for name, _ in self.entries(prefix)]

    def entries(self, prefix: str) -> list[tuple[str, int]]:
        """All names below the folder `prefix` with their sizes, sorted by name; half-written files are left out."""
        if self.folder is not None:
            return sorted(self._walk(self.folder / prefix))
        import obstore

        pages = obstore.list(self._backend, prefix)
        return sorted((item["path"], int(item["size"])) for page in pages for item in page)

    def times(self, prefix: str) -> dict[str, float]:
        """When each name below the folder `prefix` was last written, in seconds since 1970 by the lake's clock."""
        if self.folder is not None:
            return {name: found.st_mtime for name, found in self._stats(self.folder / prefix)}
        import obstore

        pages = obstore.list(self._backend, prefix)
        return {item["path"]: item["last_modified"].timestamp() for page in pages for item in page}

    def _walk(self, root: Path) -> Iterator[tuple[str, int]]:
        return ((name, found.st_size) for name, found in self._stats(root))

    def _stats(self, root: Path) -> Iterator[tuple[str, os.stat_result]]:
        for folder, _, files in os.walk(root):
            for file in files:
                path = Path(folder) / file
                if "#" not in file:  # the object store library stages local writes as name#n
                    with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
                        yield path.relative_to(self.folder or root).as_posix(), path.stat()

    def leftovers(self) -> list[Path]:
        """Half-written files that a killed writer left in a local lake."""
        if self.folder is None:
            return []
        return sorted(p for p in self.folder.rglob("*#*") if p.is_file())

    def delete(self, names: Iterable[str]) -> None:
        """Remove names; those that are gone already are no error."""
        import obstore

        for name in names:
            try:
                obstore.delete(self._backend, name)
            except FileNotFoundError:
                continue

    def local(self, name: str) -> Path:
        """A local path with the content of the content-named `name`: the file itself, or a copy under scratch."""
        if self.folder is not None:
            path = self.folder / name
            if not path.is_file():
                raise StorageError(f"{self.url}: {name} is missing", hint="`fieldhouse lake verify` lists all damage")
            return path
        path = settings.scratch() / "cache" / name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f"{path.name}.{os.getpid()}")
            partial.write_bytes(self.get(name))
            partial.replace(path)
        return path


def open_store(url: str | None = None, *, make: bool = True) -> Store:
    """Open the lake at `url` (default: the setting FIELDHOUSE_LAKE): a folder, s3://, gs://, az:// or https://.

    `make=False`: a folder that does not exist is UnavailableError instead of being made.
    Credentials of buckets come from the environment as their providers define it.
    """
    url = url or settings.setting("FIELDHOUSE_LAKE")
    import obstore.store

    if "://" not in url:
        folder = Path(url).expanduser().resolve()
        if not make and not (folder / "releases").is_dir() and not (folder / "landings").is_dir():
            raise UnavailableError(
                f"there is no lake at {folder}", hint="`fieldhouse demo` makes one; or set FIELDHOUSE_LAKE or --lake"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{folder}: the lake's folder cannot be made: {error.strerror}") from error
        return Store(obstore.store.LocalStore(folder, mkdir=True), str(folder), folder)
    scheme = url.split("://")[0]
    if scheme not in ("s3", "gs", "az", "https", "http"):
        raise UsageError(f"{url}: a lake is a folder, or s3://, gs://, az:// or https://")
    # Plain http is for a server of one's own, such as a release that is served on this machine.
    options = {"client_options": {"allow_http": True}} if scheme == "http" else {}
    return Store(obstore.store.from_url(url, **options), url, None)
