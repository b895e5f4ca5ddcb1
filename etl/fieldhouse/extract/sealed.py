"""The seal of an extraction: what was fetched, what is as it was, what is gone. Written last, or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

PROTOCOL = 1
MANIFEST = "manifest.json"
Status = Literal["new", "unchanged", "gone"]


@dataclass(frozen=True)
class Archive:
    """The archive that a file is a member of, when the member is landed in its stead."""

    url: str | None
    sha256: str
    bytes: int
    etag: str | None
    member: str


@dataclass(frozen=True)
class SealedFile:
    """One key of a seal. `bytes` and `sha256` are None only for a key that is gone.

    `url`: where it came from, without anything secret. `etag`, `last_modified`: as upstream said. `fetched_at`: UTC.
    """

    feed: str
    key: str
    status: Status
    bytes: int | None = None
    sha256: str | None = None
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: str | None = None
    archive: Archive | None = None

    @property
    def path(self) -> str:
        """Where the bytes of a new file are, below the output folder."""
        return f"files/{self.feed}/{self.key}"


@dataclass(frozen=True)
class Seal:
    """What an extractor declares to have done for one attempt of one run; the pipeline believes it after re-hashing."""

    protocol: int
    source: str
    run: str
    attempt: int
    files: tuple[SealedFile, ...]
    state: Mapping[str, object] | None = None
    stats: Mapping[str, object] = field(default_factory=dict)

    def of(self, status: Status) -> tuple[SealedFile, ...]:
        """The files of one status, in the seal's order."""
        return tuple(file for file in self.files if file.status == status)


def write_seal(out: Path, seal: Seal) -> Path:
    """Write `seal` as `out`/manifest.json at once: under another name in out/tmp first, which the pipeline ignores."""
    values = {**vars(seal), "files": [_plain(file) for file in seal.files]}
    draft = out / "tmp" / MANIFEST
    draft.parent.mkdir(exist_ok=True)
    draft.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return draft.rename(out / MANIFEST)


def _plain(file: SealedFile) -> dict[str, object]:
    values = {name: value for name, value in vars(file).items() if name != "archive"}
    if file.archive:
        values["archive"] = vars(file.archive)
    return values
