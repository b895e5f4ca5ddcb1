"""Verifying a lake: every hash again, every document, and everything that documents refer to."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from fieldhouse.errors import StorageError
from fieldhouse.lake import cache, documents, landings, memo, objects, releases, tags
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.store import Store

T = TypeVar("T")

#: In a folder, hashing waits for the disk about as long as it computes.
THREADS = 2
_FORMS = (
    re.compile(r"raw/(?P<first>[0-9a-f]{2})/(?P<sha>(?P=first)[0-9a-f]{62})"),
    re.compile(r"parts/.+/(?P<sha>[0-9a-f]{64})\.parquet"),
    re.compile(r"audits/(?P<first>[0-9a-f]{2})/(?P<sha>(?P=first)[0-9a-f]{62})\.json"),
)
_RAW_AGAIN = "delete it; the next `fieldhouse run` fetches what upstream still has of it, or copy it from another lake"
_PART_AGAIN = "delete it; the next `fieldhouse run` makes what it still needs again, with the same bytes"
_DOCUMENT = "copy it from another lake; what it says is nowhere else"
_MEMO = "delete it; the next `fieldhouse run` remembers again"


@dataclass(frozen=True, order=True)
class Finding:
    """Something about one file of the lake, and the next step of whoever keeps it."""

    name: str
    what: str
    step: str


@dataclass(frozen=True)
class Report:
    """What verifying found. Only `problems` are damage; `notes` are harmless; `junk` is what killed writers left.

    `counts`: how many raw objects, parts, landings, releases, memo entries and documents of runs were looked at.
    """

    counts: Mapping[str, int]
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    junk: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is damaged."""
        return not self.problems

    def doc(self) -> dict[str, object]:
        """As it is printed as JSON."""
        found = {"problems": self.problems, "notes": self.notes}
        listed = {n: [vars(f) for f in items] for n, items in found.items()}
        return {"clean": self.clean, "counts": dict(self.counts), **listed, "junk": list(self.junk)}


@dataclass
class _Findings:
    """What is known of a lake while it is verified: sizes of whole files, and what was found so far."""

    store: Store
    whole: dict[str, int] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def problem(self, name: str, what: str, step: str) -> None:
        self.problems.append(Finding(name, what, step))

    def note(self, name: str, what: str, step: str) -> None:
        self.notes.append(Finding(name, what, step))

    def refers(self, document: str, to: str, name: str, size: int, again: str) -> None:
        """A document refers to a file of this name and size, as `to`. What is damaged was told before."""
        if name in self.bad or name in self.lost:
            return
        if name not in self.whole:
            self.lost.add(name)
            self.problem(name, f"is missing; {document} refers to it as {to}", again)
        elif self.whole[name] != size:
            self.problem(document, f"says that {name} has {size} bytes; it has {self.whole[name]}", _DOCUMENT)

    def read(self, name: str, reader: Callable[[], T]) -> T | None:
        """What `reader` makes of the document called `name`; None, and a problem, where it is damaged."""
        try:
            return reader()
        except StorageError as error:
            self.problem(name, error.message, _DOCUMENT)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.problem(name, f"is no such document: {type(error).__name__}: {error}", _DOCUMENT)
        return None


def verify(store: Store) -> Report:
    """Hash every raw object and part again, read every document, and follow everything that documents refer to.

    Changes nothing. Files that a running writer adds meanwhile may or may not be looked at.
    """
    found = _Findings(store)
    _hash_all(found)
    _landings(found)
    _releases(found)
    _memo(found)
    _tags(found)
    for folder in ("runs", "aside", "gc"):
        _documents(found, folder)
    junk = tuple(path.relative_to(store.folder).as_posix() for path in store.leftovers()) if store.folder else ()
    return Report(dict(found.counts), tuple(sorted(found.problems)), tuple(sorted(found.notes)), junk)


def _hash_all(found: _Findings) -> None:
    """Raw objects and parts are called after their content; what is not called so does not belong there."""
    for folder, again in (("raw", _RAW_AGAIN), ("parts", _PART_AGAIN), ("audits", _PART_AGAIN)):
        entries = found.store.entries(folder)
        with ThreadPoolExecutor(THREADS if found.store.folder else cache.SIDE_BY_SIDE) as pool:
            hashes = pool.map(lambda entry: _hash(found.store, entry[0]), entries)
            for (name, size), sha256 in zip(entries, hashes, strict=True):
                _judge(found, name, size, sha256, again)
        found.counts[folder] = len(entries)


def _judge(found: _Findings, name: str, size: int, sha256: str, again: str) -> None:
    named = next((m for form in _FORMS if (m := form.fullmatch(name))), None)
    if named is None:
        found.note(name, "is no file of a lake", "move it elsewhere; nothing reads it")
    elif named["sha"] != sha256:
        found.bad.add(name)
        found.problem(name, f"has the SHA-256 {sha256}", again)
    else:
        found.whole[name] = size


def _hash(store: Store, name: str) -> str:
    if store.folder is not None:
        return objects.hash_file(store.folder / name)
    return hashlib.sha256(store.get(name)).hexdigest()


def _landings(found: _Findings) -> None:
    store = found.store
    for source in sorted({name.split("/")[1] for name in store.names("landings")}):
        numbers = landings.numbers(store, source)
        found.counts["landings"] += len(numbers)
        for number in range(1, max(numbers, default=0) + 1):
            where = landings.name(source, number)
            if number not in numbers:
                found.problem(where, "is missing, and later landings rest on it", _DOCUMENT)
                continue
            landing = found.read(where, partial(landings.read, store, source, number))
            if landing is not None:
                _landing(found, where, landing, (source, number))


def _landing(found: _Findings, where: str, landing: Landing, named: tuple[str, int]) -> None:
    if (landing.source, landing.number) != named:
        found.problem(where, f"is the landing {landing.number} of {landing.source}", _DOCUMENT)
    for item in (*landing.changed, *(landing.snapshot or ())):
        found.refers(where, f"{item.feed}/{item.key}", objects.name(item.sha256), item.bytes, _RAW_AGAIN)


def _releases(found: _Findings) -> None:
    store = found.store
    numbers = releases.numbers(store)
    found.counts["releases"] = len(numbers)
    for number in numbers:
        where = releases.name(number)
        release = found.read(where, partial(releases.read, store, number))
        if release is None:
            continue
        if release.number != number:
            found.problem(where, f"is the release {release.number}", _DOCUMENT)
        if release.content != releases.content(release.datasets, release.origins):
            found.problem(where, "lists other parts than its content says", _DOCUMENT)
        for part in release.parts:
            found.refers(where, f"a part of {part.dataset}", part.path, part.bytes, _PART_AGAIN)
        for name in sorted(release.verdicts):
            found.refers(where, "verdicts of its audit", name, found.whole.get(name, 0), _PART_AGAIN)
    _latest(found, numbers)


def _latest(found: _Findings, numbers: list[int]) -> None:
    hint = found.store.find("releases/latest")
    newest = max(numbers, default=0)
    if newest and (hint is None or hint.strip() != str(newest).encode()):
        said = "is missing" if hint is None else f"says {hint[:20].decode(errors='replace').strip()!r}"
        found.note("releases/latest", f"{said}; the newest release is {newest}", "nothing: readers look further")


def _tags(found: _Findings) -> None:
    store = found.store
    names = store.names(tags.FOLDER)
    found.counts["tags"] = len(names)
    for where in names:
        tag = found.read(where, partial(tags.read, store, where.split("/")[-1].removesuffix(".json")))
        if tag is not None and store.size(releases.name(tag.release)) is None:
            found.problem(where, f"is a tag of release {tag.release}, which is missing", _DOCUMENT)


def _memo(found: _Findings) -> None:
    names = found.store.names("memo")
    found.counts["memo"] = len(names)
    for name in names:
        try:
            result = memo.read(found.store, name.split("/")[-1].removesuffix(".json"))
        except (StorageError, KeyError, TypeError, ValueError, AttributeError) as error:
            found.note(name, f"is damaged: {error}", _MEMO)
            continue
        lost = sorted(result.content - set(found.whole)) if result else []
        if lost:
            found.note(name, f"{len(lost)} of its files are gone, such as {lost[0]}", "nothing: they are made again")


def _documents(found: _Findings, folder: str) -> None:
    """Documents that need only be readable; what else lies beside them (bytes set aside for a look) is left alone."""
    names = [name for name in found.store.names(folder) if name.endswith(".json")]
    found.counts[folder] = len(names)
    for name in names:
        found.read(name, partial(_parse, found.store, name))


def _parse(store: Store, name: str) -> dict[str, object]:
    return documents.parse(store.get(name), name)
