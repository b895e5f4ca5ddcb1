"""Looking at what an extractor left, without trusting it: no link is followed, nothing but plain files is opened."""

import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import StorageError
from fieldhouse.extract.sealed import MANIFEST

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotPlain(Exception):
    """A path is no plain file of its own; the text says what it is."""


@dataclass(frozen=True)
class Folder:
    """What lies in an output folder. `files`: path below it (joined by /) → bytes. `problems`: what may not be."""

    files: Mapping[str, int]
    problems: tuple[str, ...]


def survey(out: Path, most: int) -> Folder:
    """Everything below `out` but out/tmp and the manifest; it stops looking after `most` files and says so."""
    files: dict[str, int] = {}
    problems: list[str] = []
    stack = [""]
    while stack:
        below = stack.pop()
        for entry in _entries(out / below, problems):
            name = f"{below}{entry.name}"
            if name in ("tmp", MANIFEST):
                continue
            if entry.is_dir(follow_symlinks=False):
                stack.append(f"{name}/")
            else:
                _take(name, entry, files, problems)
            if len(files) + len(problems) > most:
                return Folder(files, (*problems, f"there are more than {most} files"))
    return Folder(files, tuple(problems))


def open_plain(path: Path) -> int:
    """A descriptor to read the plain file `path` with; NotPlain where it is a link, shared by links, or no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotPlain("a symbolic link") from error
        if error.errno in (errno.ENXIO, errno.ENODEV):
            raise NotPlain("a socket or a device") from error
        raise
    fault = _fault(os.fstat(descriptor))
    if fault:
        os.close(descriptor)
        raise NotPlain(fault)
    return descriptor


def sha256(path: Path) -> str:
    """The SHA-256 of a plain file, in lower-case hexadecimal; NotPlain, or StorageError where it cannot be read."""
    try:
        with open(open_plain(path), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError as error:
        raise NotPlain("not readable") from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from error


def _entries(folder: Path, problems: list[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (PermissionError, NotADirectoryError, FileNotFoundError) as error:
        problems.append(f"the folder {folder.name!a} cannot be read: {error.strerror}")
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.ELOOP):
            raise StorageError(f"{folder}: cannot be read: {error.strerror}") from error
        problems.append(f"a folder cannot be read: {error.strerror}")
    return []


def _take(name: str, entry: os.DirEntry[str], files: dict[str, int], problems: list[str]) -> None:
    status = entry.stat(follow_symlinks=False)
    if fault := _fault(status):
        problems.append(f"{name!a} is {fault}")
    else:
        files[name] = status.st_size


def _fault(status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return _KINDS.get(stat.S_IFMT(status.st_mode), "no plain file")
    return "a hard link (its bytes have another name too)" if status.st_nlink != 1 else ""
