"""Where a site lies: a folder that is replaced as a whole, and only if nothing else is in it."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import StorageError, UsageError

#: The list of a site's own files, by which a site is known.
MARK = "site.json"
Files = Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """A site that was written: its folder, the release that it shows, and how many files and bytes it has."""

    folder: Path
    release: int
    files: int
    bytes: int


def check(folder: Path) -> None:
    """UsageError where a site must not be written to `folder`: something else is there, or files of somebody else's."""
    if not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}", hint="make it, or name another")
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise UsageError(f"{folder} is there already, and is no folder", hint="name another for the site")
    foreign = sorted(_present(folder) - _listed(folder))
    if foreign:
        more = f" and {len(foreign) - 1:,} more" if len(foreign) > 1 else ""
        raise UsageError(
            f"{folder} is no site, or has more in it: {foreign[0]}{more}",
            hint="name a new folder: a site is replaced as a whole, and would take these files with it",
        )


def replace(folder: Path, release: int, files: Files) -> Written:
    """Write the site beside `folder`, and move it there in place of an older one.

    Whoever reads meanwhile has the old site or the new one, and for the instant between two renames none.
    """
    folder = folder.absolute()
    partial, outdated = (folder.with_name(f".{folder.name}.{word}-{os.getpid()}") for word in ("new", "old"))
    mark = json.dumps({"release": release, "files": sorted([*files, MARK])}, indent=1) + "\n"
    try:
        size = _fill(partial, {**files, MARK: mark})
        if folder.exists():
            folder.rename(outdated)
        partial.rename(folder)
    except OSError as error:
        if outdated.exists() and not folder.exists():
            outdated.rename(folder)
        raise StorageError(
            f"{folder} cannot be written: {error.strerror}", hint="check space and permissions"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(outdated, ignore_errors=True)
    return Written(folder, release, len(files) + 1, size)


def _fill(folder: Path, files: Files) -> int:
    size = 0
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(text.encode())
    return size


def _present(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


def _listed(folder: Path) -> set[str]:
    try:
        found = json.loads((folder / MARK).read_bytes())["files"]
        return set(map(str, found))
    except (OSError, ValueError, KeyError, TypeError):
        return set()
