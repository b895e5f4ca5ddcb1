"""Local copies of a remote lake's content-named files, in scratch: fetched once, checked against their names.

Whatever is here can be removed at any time between two calls.
"""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fieldhouse import settings
from fieldhouse.errors import InternalError, StorageError

#: Copies are fetched side by side: most of the time is spent on waiting.
SIDE_BY_SIDE = 16
_SHA256 = re.compile(r"(?:.*/)?([0-9a-f]{64})(?:\.[a-z]+)?")
Fetch = Callable[[str], Iterable[bytes]]


def copies(names: Sequence[str], fetch: Fetch) -> list[Path]:
    """Local paths with the content of `names`; those that are not here yet are fetched.

    StorageError where a file's bytes are not those that its name says, or scratch has no room.
    """
    root = settings.scratch() / "cache"
    wanted = {name: root / name for name in names}
    absent = [name for name, path in wanted.items() if not path.is_file()]
    if len(absent) > 1:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(lambda name: _copy(name, wanted[name], fetch), absent))
    else:
        for name in absent:
            _copy(name, wanted[name], fetch)
    return [wanted[name] for name in names]


def _copy(name: str, path: Path, fetch: Fetch) -> None:
    named = _SHA256.fullmatch(name)
    if named is None:
        raise InternalError(f"{name} is not named after its content")
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _write(partial, fetch(name))
        if found == named[1]:
            partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{name} cannot be copied to {path.parent}: {error.strerror or error}",
            hint="make room, or set FIELDHOUSE_SCRATCH to a folder with more; cache/ in it can be removed at any time",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    if found != named[1]:
        raise StorageError(
            f"{name} came with other content: its SHA-256 is {found}",
            hint="`fieldhouse lake verify` says whether it is damaged in the lake, or only on its way here",
        )


def _write(path: Path, chunks: Iterable[bytes]) -> str:
    """Write the chunks; their SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
