"""What is fetched, and what the seal says of it."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from extractor.failure import Exit, Failure


@dataclass(frozen=True)
class Wanted:
    """One key to fetch. `optional`: 404 means that it is absent. `expect`: `json ndjson csv parquet text`.

    `fresh`: asked for without conditions, because the program needs the bytes even if they are as they were.
    """

    feed: str
    key: str
    url: str
    optional: bool = False
    expect: str = "text"
    fresh: bool = False


@dataclass(frozen=True)
class File:
    """One key of the seal, with the protocol's fields."""

    feed: str
    key: str
    status: str
    bytes: int | None = None
    sha256: str | None = None
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: str | None = None


@dataclass(frozen=True)
class Fetched:
    """What came of one key. `file`: None where upstream lacks an optional key that it never had.

    `body`: where its bytes are, if they are new or were wanted fresh.
    """

    wanted: Wanted
    file: File | None
    body: Path | None = None


def check_key(key: str) -> str:
    """`key`, if it may name a file on every file system; Failure otherwise."""
    plain = len(key.encode()) <= 512 and unicodedata.is_normalized("NFC", key)
    parts = key.split("/")
    if not plain or not all(0 < len(part.encode()) <= 200 and part[-1] not in ". " for part in parts):
        raise Failure(Exit.CONFIGURATION, f"{key!a} is no key")
    if any(unicodedata.category(char) == "Cc" for char in key):
        raise Failure(Exit.CONFIGURATION, f"{key!a} is no key: it holds a control character")
    return key
