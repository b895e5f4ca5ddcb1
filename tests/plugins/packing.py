"""A mirror that serves archives of what its folder holds unpacked: upstream has archives, frozen feeds their members."""

import gzip
import hashlib
import io
import shutil
import socket
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

from fieldhouse.extract.mirror import Mirror
from fieldhouse.extract.wire import Asked

#: The kinds of archives, by how their names end.
KINDS = (".zip", ".tar.gz")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Packed:
    """What an archive is packed from. `folder`: below the mirror's root. `inside`: what stands before each member's name.

    `only`: a glob of the members, below `folder`. `more`: members that the folder does not hold, with their bytes.
    """

    folder: str
    inside: str = ""
    only: str = "**/*"
    more: Mapping[str, bytes] = field(default_factory=dict)


class PackingMirror(Mirror):
    """A mirror of `folder` that also serves archives which it packs when they are first asked for, and when a file changed.

    Without a rule `<path>.zip` and `<path>.tar.gz` are packed from the folder `<path>`; `archives` has rules by path below
    the root (`"f1db/archive/v1.tar.gz": Packed("f1db", inside="f1db-1/")`). A file that is there is served as it is.
    Equal members give equal bytes and an equal, strong ETag; there is no Last-Modified. `asked`: all requests, in order.
    """

    def __init__(self, folder: Path, archives: Mapping[str, Packed] | None = None) -> None:
        super().__init__(folder)
        self._folder = folder.resolve()
        self._archives = dict(archives or {})
        self._scratch = Path(tempfile.mkdtemp(prefix="packed-"))
        self._made: dict[str, tuple[object, Path, str]] = {}
        self._packing = threading.Lock()
        self.asked: list[Asked] = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def answer(self, connection: socket.socket, asked: Asked) -> None:
        """An archive, where a rule has one; else what the mirror's folder holds."""
        self.asked.append(asked)
        path = unquote(urlsplit(asked.target).path).lstrip("/")
        rule = self._rule(path)
        if rule is None:
            super().answer(connection, asked)
            return
        archive, tag = self._archive(path, rule)
        head = f'ETag: "{tag}"\r\n'.encode()
        given = [tag.strip().removeprefix("W/") for tag in asked.headers.get("if-none-match", "").split(",")]
        if f'"{tag}"' in given:
            connection.sendall(b"HTTP/1.1 304 Not Modified\r\n" + head + b"\r\n")
            return
        head += b"Content-Length: %d\r\n\r\n" % archive.stat().st_size
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        if asked.method != "HEAD":
            with archive.open("rb") as file:
                connection.sendfile(file)

    def _rule(self, path: str) -> Packed | None:
        if path in self._archives:
            return self._archives[path]
        kind = next((kind for kind in KINDS if path.endswith(kind)), None)
        if kind is None or ".." in path.split("/") or (self._folder / path).is_file():
            return None
        folder = path.removesuffix(kind)
        return Packed(folder) if (self._folder / folder).is_dir() else None

    def _archive(self, path: str, rule: Packed) -> tuple[Path, str]:
        """The packed archive and the hash of its bytes."""
        members = self._members(rule)
        stats = [(name, file.stat()) for name, file in members]
        now = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
        with self._packing:
            made = self._made.get(path)
            if made is None or made[0] != now:
                target = self._scratch / f"{len(list(self._scratch.iterdir()))}-{Path(path).name}"
                pack(target, [*members, *((rule.inside + name, data) for name, data in rule.more.items())])
                with target.open("rb") as file:
                    tag = hashlib.file_digest(file, "sha256").hexdigest()
                made = self._made[path] = (now, target, tag)
        return made[1], made[2]

    def _members(self, rule: Packed) -> list[tuple[str, Path]]:
        """Names in the archive and files, sorted."""
        folder = self._folder / rule.folder
        found = (path for path in folder.glob(rule.only) if path.is_file())
        return sorted((rule.inside + path.relative_to(folder).as_posix(), path) for path in found)


def pack(target: Path, members: Iterable[tuple[str, Path | bytes]]) -> None:
    """Write the archive `target`, a zip or tar.gz by its name; its bytes depend on the members alone, and their order."""
    named = ((name, said if isinstance(said, bytes) else said.read_bytes()) for name, said in members)
    if target.name.endswith(".zip"):
        _pack_zip(target, named)
    else:
        _pack_tar(target, named)


def _pack_zip(target: Path, members: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED, compresslevel=1)


def _pack_tar(target: Path, members: Iterable[tuple[str, bytes]]) -> None:
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w") as archive,
    ):
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
