"""A lake in a local folder: files that appear whole, and are flushed before anything rests on them."""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.errors import RefusedError, StorageError, UnavailableError
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    from obstore.store import ObjectStore


#: What the name of a file ends in while it is looked at for the last time before it is deleted.
_AWAY = "#idle"


class Folder(Store):
    """A lake in a local folder."""

    folder: Path

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), folder)
        self._unflushed: list[Path] = []
        self._flushing = threading.Lock()
        self._opened: ObjectStore | None = None

    @property
    def _backend(self) -> "ObjectStore":
        if self._opened is None:
            import obstore.store

            self._opened = obstore.store.LocalStore(self.folder, mkdir=True)
        return self._opened

    def find(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def size(self, name: str) -> int | None:
        try:
            return (self.folder / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def holds(self, sizes: Mapping[str, int]) -> bool:
        return all(self.size(name) == size for name, size in sizes.items())

    def put(self, name: str, data: bytes | Path) -> bool:
        # A file of another size is what a crash left: it is written again.
        length = data.stat().st_size if isinstance(data, Path) else len(data)
        if self.size(name) == length and self._still_there(name):
            return False
        self._write(name, data, "overwrite")
        return True

    def _still_there(self, name: str) -> bool:
        """Make a content-named file young again; False if it was collected a moment ago."""
        try:
            os.utime(self.folder / name)
        except FileNotFoundError:
            return False
        except PermissionError:
            pass  # another user's file, which is none of our garbage
        return True

    def create(self, name: str, data: bytes) -> bool:
        import obstore

        self.flush()
        try:
            self._write(name, data, "create")
        except obstore.exceptions.AlreadyExistsError:
            return False
        self.flush()
        return True

    def hint(self, name: str, data: bytes) -> None:
        self._write(name, data, "overwrite")

    def _write(self, name: str, data: bytes | Path, mode: str) -> None:
        import obstore

        try:
            obstore.put(self._backend, name, data, mode=mode)
        except (OSError, obstore.exceptions.GenericError) as error:
            raise StorageError(
                f"{self.url}: {name} cannot be written: {error}", hint="check free space and permissions"
            ) from error
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

    def entries(self, prefix: str) -> list[tuple[str, int]]:
        return sorted((name, found.st_size) for name, found in self._stats(self.folder / prefix))

    def times(self, prefix: str) -> dict[str, float]:
        return {name: found.st_mtime for name, found in self._stats(self.folder / prefix)}

    def _stats(self, root: Path) -> Iterator[tuple[str, os.stat_result]]:
        for folder, _, files in os.walk(root):
            for file in files:
                path = Path(folder) / file
                if "#" not in file:  # the object store library stages local writes as name#n
                    with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
                        yield path.relative_to(self.folder).as_posix(), path.stat()

    def leftovers(self) -> list[Path]:
        return sorted(p for p in self.folder.rglob("*#*") if p.is_file())

    def delete_idle(self, names: Iterable[str], before: float) -> None:
        # Under another name nobody can put it again between the look and the end. A kill in between leaves that name
        # behind, and the next collection brings the file back.
        for name in names:
            path, away = self.folder / name, self.folder / f"{name}{_AWAY}"
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                path.rename(away)
                if away.stat().st_mtime > before:
                    away.rename(path)
                else:
                    away.unlink()

    def bring_back(self) -> None:
        """Give files their names again that a killed collection had taken aside."""
        for away in self.folder.rglob(f"*{_AWAY}"):
            path = away.with_name(away.name.removesuffix(_AWAY))
            if not path.exists():
                away.rename(path)

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                (self.folder / name).unlink()

    def local_paths(self, names: Sequence[str]) -> list[Path]:
        paths = [self.folder / name for name in names]
        for name, path in zip(names, paths, strict=True):
            if not path.is_file():
                raise self.missing(name)
        return paths

    def check_writable(self) -> None:
        if not os.access(self.folder, os.W_OK):
            raise RefusedError(
                f"{self.url} can only be read", hint="run as the owner of the lake's folder, or name another lake"
            )


def open_folder(path: str, *, make: bool) -> Folder:
    """The lake in this folder; `make=False`: UnavailableError where there is none yet."""
    folder = Path(path).expanduser().resolve()
    if not make and not (folder / "releases").is_dir() and not (folder / "landings").is_dir():
        raise UnavailableError(
            f"there is no lake at {folder}", hint="`fieldhouse demo` makes one; or set FIELDHOUSE_LAKE or --lake"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: the lake's folder cannot be made: {error.strerror}") from error
    return Folder(folder)
