"""What the lake already has of a source, as an extractor is told: one line of known.ndjson."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A file that the lake already has and that upstream still had. `etag`, `last_modified`: as upstream said."""

    feed: str
    key: str
    sha256: str
    bytes: int
    etag: str | None = None
    last_modified: str | None = None
