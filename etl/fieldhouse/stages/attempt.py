"""Where an attempt to extract a source works: a folder under scratch with its request, its output and how it ended."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from fieldhouse import settings
from fieldhouse.lake.store import Store


@dataclass(frozen=True)
class Attempt:
    """One attempt of one run to extract a source."""

    source: str
    run: str
    number: int
    folder: Path

    @classmethod
    def reading(cls, source: str, feed: str) -> str:
        """What stands for the source in the folders of attempts to read one of its feeds."""
        return f"{source}.{feed}"

    @property
    def inbox(self) -> Path:
        """Where the request is."""
        return self.folder / "in"

    @property
    def out(self) -> Path:
        """Where the extractor writes."""
        return self.folder / "out"

    def clear(self) -> None:
        """Remove the attempt's folders; what was landed lies in the lake."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_exit(self, code: int) -> None:
        """Note how the extractor ended."""
        (self.folder / "ended.json").write_text(json.dumps({"exit": code}), encoding="utf-8")

    def read_exit(self) -> int | None:
        """How the extractor ended; None while that is not known."""
        try:
            return int(json.loads((self.folder / "ended.json").read_text(encoding="utf-8"))["exit"])
        except (OSError, ValueError, KeyError):
            return None


def _folder(store: Store, source: str, run: str) -> Path:
    lake = hashlib.sha256(store.url.encode()).hexdigest()[:12]
    return settings.scratch() / "runs" / lake / run / source


def begin_as(store: Store, source: str, run: str, number: int) -> Attempt:
    """The attempt with this number, with empty folders; what a start of it that was cut short had left is gone."""
    attempt = Attempt(source, run, number, _folder(store, source, run) / f"{number:04d}")
    for folder in (attempt.inbox, attempt.out):
        folder.mkdir(parents=True, exist_ok=True)
        # The folders themselves stay: they may be mounted.
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    (attempt.folder / "ended.json").unlink(missing_ok=True)
    return attempt


def begin(store: Store, source: str, run: str) -> Attempt:
    """A new attempt with empty folders, numbered after those that were made before."""
    root = _folder(store, source, run)
    root.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = root / f"{number:04d}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        return Attempt(source, run, number, folder)


def made(store: Store, source: str, run: str) -> list[Attempt]:
    """The attempts of a run at a source that are still in scratch, oldest first."""
    root = _folder(store, source, run)
    folders = sorted(root.iterdir()) if root.is_dir() else []
    return [Attempt(source, run, int(f.name), f) for f in folders if f.name.isdigit()]
