"""Members of a zip archive (a wheel is one), read without trusting it: counts, sizes, ratios and names have bounds."""

import hashlib
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import DataError
from fieldhouse.extract.http.expect import HEAD, TAIL

MAX_MEMBERS = 100_000
#: A member that grows by more than this is a bomb, or as good as one: data compress by 5 to 50.
MAX_RATIO = 500
_SMALL = 1 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """A member as it was written to disk: its hash, and its first and last bytes."""

    size: int
    sha256: str
    head: bytes
    tail: bytes


class Bundle:
    """An archive opened for reading; `with Bundle(path) as bundle`. DataError where it is none, or breaks a bound."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise DataError(f"{self.name}: no zip archive: {error}") from error
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise DataError(f"{self.name}: {len(infos)} members; at most {MAX_MEMBERS} are read")
        for info in infos:
            if fault := _fault(info.filename):
                raise DataError(f"{self.name}: the member {info.filename!a:.200} {fault}")
        self._infos = {info.filename: info for info in infos}
        twice = [name for name, n in Counter(info.filename for info in infos).items() if n > 1]
        if twice:
            raise DataError(f"{self.name}: two members are called {twice[0]!a:.200}")

    def __enter__(self) -> "Bundle":
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The names of its files, sorted; folders are none."""
        return sorted(name for name, info in self._infos.items() if not info.is_dir())

    def __contains__(self, member: str) -> bool:
        return member in self._infos

    def save(self, member: str, target: Path, max_bytes: int) -> Member:
        """Write a member to `target`; DataError where it is more than `max_bytes`, encrypted, damaged, or a bomb."""
        info = self._infos[member]
        if info.flag_bits & 0x1:
            raise DataError(f"{self.name}: the member {member} is encrypted")
        if info.file_size > max_bytes:
            raise DataError(
                f"{self.name}: the member {member} has {info.file_size} bytes; max_file_bytes is {max_bytes}"
            )
        if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
            raise DataError(
                f"{self.name}: the member {member} grows from {info.compress_size} to {info.file_size} bytes"
            )
        try:
            # zipfile stops at the stated size and compares the checksum: a member cannot be more than it says.
            return self._copy(info, target)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise DataError(f"{self.name}: the member {member} cannot be read: {error}") from error

    def _copy(self, info: zipfile.ZipInfo, target: Path) -> Member:
        digest, size, head, tail = hashlib.sha256(), 0, b"", b""
        with self._zip.open(info) as stream, target.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                head = head or chunk[:HEAD]
                tail = (tail + chunk)[-TAIL:]
        return Member(size, digest.hexdigest(), head, tail)


def _fault(name: str) -> str:
    if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/"):
        return "leads out of the archive"
    return ""
