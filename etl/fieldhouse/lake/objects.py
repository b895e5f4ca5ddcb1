"""Raw objects: bytes as a source published them, named by their SHA-256, stored once."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fieldhouse.lake.store import Store


def name(sha256: str) -> str:
    """Where the object with this hash lies in the lake."""
    return f"raw/{sha256[:2]}/{sha256}"


def put(store: Store, sha256: str, path: Path) -> bool:
    """Store the file at `path`, whose hash was verified; True if it was new."""
    return store.put(name(sha256), path)


def local(store: Store, sha256: str) -> Path:
    """A local path to the object's bytes."""
    return store.local(name(sha256))


def local_paths(store: Store, hashes: Iterable[str]) -> list[Path]:
    """Local paths to the objects' bytes, in order; where the lake is remote they are fetched side by side."""
    return store.local_paths([name(sha256) for sha256 in hashes])


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
