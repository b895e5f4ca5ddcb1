"""Attempts that were refused, kept aside: why, their files for a look, and who accepted one.

aside/<source>/<run>-<attempt>/report.json    what was refused and why; the file's first version holds
                               <sha256>       the attempt's files, as far as they fit
                               accepted.json  who accepted it and for what reason; made once
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fieldhouse.errors import StorageError
from fieldhouse.lake import documents, objects
from fieldhouse.lake.store import Store


@dataclass(frozen=True)
class Kept:
    """One file of a refused attempt: its path below the attempt's folder (`in/…`, `out/…`), hash and size."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Refused:
    """A refused attempt.

    `lies`: what is not true of its seal, or why there is none. `over`: declared limits that it exceeds. `base`: the
    source's newest landing at that time. `exit`: how the extractor ended, where that is known. `whole`: whether all
    its files are kept, so that it could be landed.
    """

    source: str
    run: str
    attempt: int
    time: str
    why: str
    lies: tuple[str, ...]
    over: tuple[str, ...]
    base: int
    exit: int | None = None
    whole: bool = False
    files: tuple[Kept, ...] = field(default=())

    @property
    def id(self) -> str:
        """How it is called: `<source>/<run>-<attempt>`."""
        return f"{self.source}/{self.run}-{self.attempt}"

    @property
    def folder(self) -> str:
        """Where it lies in the lake."""
        return f"aside/{self.id}"

    @property
    def acceptable(self) -> bool:
        """Whether a person may accept it: nothing of it is untrue, it only exceeds limits."""
        return not self.lies and bool(self.over) and self.whole


@dataclass(frozen=True)
class Acceptance:
    """Who accepted a refused attempt, why, and which limits it exceeds; `report` is the SHA-256 of what was refused."""

    report: str
    over: tuple[str, ...]
    who: str
    reason: str
    time: str


def keep(store: Store, refused: Refused, folder: Path, room: int) -> Refused:
    """Keep a refused attempt, whose files lie below `folder`: those that fit into `room` bytes, and its report.

    The first report of an attempt holds; what is returned is that one.
    """
    kept: list[Kept] = []
    plain = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]
    wanted = [p for p in plain if not p.is_relative_to(folder / "out" / "tmp") and p.name != "ended.json"]
    for path in wanted:
        size = path.stat().st_size
        if size <= room:
            room -= size
            sha256 = objects.hash_file(path)
            store.put(f"{refused.folder}/{sha256}", path)
            kept.append(Kept(path.relative_to(folder).as_posix(), sha256, size))
    doc = {**asdict(refused), "whole": len(kept) == len(wanted), "files": [asdict(item) for item in kept]}
    store.create(f"{refused.folder}/report.json", documents.dump(doc))
    return read(store, refused.folder)


def read(store: Store, folder: str) -> Refused:
    """The report of the refused attempt in this folder of the lake."""
    name = f"{folder}/report.json"
    doc = documents.parse(store.get(name), name)
    doc.pop("format")
    if "base" not in doc:  # as 0.1.0 wrote them: for a look only
        return Refused(
            str(doc["source"]),
            str(doc["run"]),
            int(str(doc["attempt"])),
            "",
            str(doc["why"]),
            (str(doc["why"]),),
            (),
            0,
        )
    texts: dict[str, tuple[str, ...]] = {key: tuple(doc[key]) for key in ("lies", "over")}  # type: ignore[arg-type]
    files = tuple(Kept(**item) for item in doc["files"])  # type: ignore[attr-defined]
    return Refused(**{**doc, **texts, "files": files})  # type: ignore[arg-type]


def read_all(store: Store, source: str = "") -> list[Refused]:
    """All refused attempts (of a source), the oldest first."""
    names = store.names(f"aside/{source}" if source else "aside")
    folders = [name.removesuffix("/report.json") for name in names if name.endswith("/report.json")]
    return sorted((read(store, folder) for folder in folders), key=lambda r: (r.time, r.source, r.run, r.attempt))


def restore(store: Store, refused: Refused, folder: Path) -> None:
    """Write a refused attempt's files to `folder` again; StorageError where one is damaged or gone."""
    for kept in refused.files:
        data = store.get(f"{refused.folder}/{kept.sha256}")
        target = folder / kept.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if objects.hash_file(target) != kept.sha256:
            raise StorageError(f"{refused.folder}/{kept.sha256} is damaged", hint="run the source again")


def there(store: Store, refused: Refused) -> bool:
    """Whether all its files are still kept."""
    return refused.whole and all(store.size(f"{refused.folder}/{kept.sha256}") == kept.bytes for kept in refused.files)


def accept(store: Store, refused: Refused, acceptance: Acceptance) -> Acceptance:
    """Record that it was accepted; of several who do, the first is recorded and returned."""
    name = f"{refused.folder}/accepted.json"
    store.create(name, documents.dump(asdict(acceptance)))
    found = accepted(store, refused)
    assert found is not None
    return found


def accepted(store: Store, refused: Refused) -> Acceptance | None:
    """Who accepted it, if somebody did."""
    name = f"{refused.folder}/accepted.json"
    data = store.find(name)
    if data is None:
        return None
    doc: Mapping[str, object] = documents.parse(data, name)
    return Acceptance(
        **{key: tuple(value) if isinstance(value, list) else value for key, value in doc.items() if key != "format"}  # type: ignore[arg-type]
    )


def digest(store: Store, refused: Refused) -> str:
    """SHA-256 of its report."""
    return hashlib.sha256(store.get(f"{refused.folder}/report.json")).hexdigest()
