"""Releases: audited, numbered, immutable sets of tables. One manifest and plain Parquet are all a reader needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldhouse.errors import NotFound, UnavailableError
from fieldhouse.lake import documents, parts
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store


@dataclass(frozen=True)
class Copy:
    """A dataset's rows once more, with some of its columns, in the order `sort`; its parts follow one another in it."""

    name: str
    doc: str
    sort: tuple[str, ...]
    columns: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Table:
    """One dataset of a release: its columns as documents (see lake.schema.describe), grain and parts.

    `sources`: which sources it is made of; None where the release is older than that account.
    """

    name: str
    title: str
    doc: str
    layer: str
    version: str
    grain: tuple[str, ...]
    sort: tuple[str, ...]
    schema: str
    columns: tuple[dict[str, object], ...]
    parts: tuple[Part, ...]
    sources: tuple[str, ...] | None = None
    copies: tuple[Copy, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True)
class Release:
    """A release's manifest. `content` is equal for two releases exactly if their tables are.

    `notes`: what its tasks noticed and let pass: new fields upstream, stale corrections, sources that never landed.
    """

    number: int
    parent: int
    time: str
    run: str
    content: str
    code: str
    inputs: dict[str, dict[str, object]]
    licences: dict[str, dict[str, str]]
    audit: dict[str, object]
    accounts: tuple[dict[str, object], ...]
    datasets: dict[str, Table]
    origins: dict[str, tuple[Part, ...]]
    notes: tuple[dict[str, object], ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of all datasets, of their copies and of their origins."""
        tables = (table.parts for table in self.datasets.values())
        copies = (copy.parts for table in self.datasets.values() for copy in table.copies)
        return tuple(part for found in (*tables, *copies, *self.origins.values()) for part in found)

    @property
    def stale(self) -> tuple[str, ...]:
        """The sources that were older than they may be when it was made, by name."""
        return tuple(sorted(name for name, pin in self.inputs.items() if pin.get("stale")))

    @property
    def verdicts(self) -> set[str]:
        """The names of the documents in which its audits say what they found."""
        return {name for found in self.audit.values() for name in documents.named(_notes(found))}


def _notes(audit: object) -> list[Mapping[str, object]]:
    notes = audit.get("notes") if isinstance(audit, Mapping) else None
    return [note for note in notes if isinstance(note, Mapping)] if isinstance(notes, list | tuple) else []


def name(number: int) -> str:
    """Where a release's manifest lies."""
    return f"releases/{number:08d}.json"


def content(datasets: dict[str, Table], origins: dict[str, tuple[Part, ...]]) -> str:
    """The digest of what a reader can see: datasets, schemas and the hashes of all parts."""
    tables = [
        [t.name, t.version, t.schema, _hashes(t.parts), *([c.name, _hashes(c.parts)] for c in t.copies)]
        for _, t in sorted(datasets.items())
    ]
    return documents.digest([tables, [[n, _hashes(ps)] for n, ps in sorted(origins.items())]])


def _hashes(found: tuple[Part, ...]) -> list[str]:
    return [part.sha256 for part in found]


def numbers(store: Store) -> list[int]:
    """The numbers of all releases that can be listed, ascending."""
    return [int(path[-13:-5]) for path in store.names("releases") if path.endswith(".json")]


def newest(store: Store) -> int:
    """The number of the newest release; 0 where there is none.

    Starts at the hint `releases/latest` and probes upwards, so it works where nothing can be listed.
    """
    hint = store.find("releases/latest")
    number = int(hint) if hint and hint.strip().isdigit() else 0
    if number and not _there(store, number):
        number = 0  # the hint outlived its release
    if not number and store.lists:
        return max(numbers(store), default=0)
    if not number and hint and not hint.strip().isdigit():
        raise UnavailableError(
            f"{store.url}: what it gives as releases/latest is no number", hint="is that the address of a lake?"
        )
    while _there(store, number + 1):
        number += 1
    return number


def _there(store: Store, number: int) -> bool:
    if store.lists:
        return store.size(name(number)) is not None
    # Some web servers answer whatever they do not have with a page.
    found = store.find(name(number))
    return found is not None and found.startswith(b"{")


def every(store: Store) -> list[Release]:
    """All releases that were not forgotten, oldest first; where nothing can be listed, every number is asked for."""
    found = numbers(store) if store.lists else [n for n in range(1, newest(store) + 1) if _there(store, n)]
    return [read(store, number) for number in found]


def read(store: Store, number: int | None = None) -> Release:
    """The release with this number (default: the newest); NotFound where there is none."""
    wanted = number if number is not None else newest(store)
    if wanted == 0:
        raise NotFound(
            f"{store.url} has no release yet", hint="`fieldhouse run` makes one, `fieldhouse demo` shows one"
        )
    data = store.find(name(wanted))
    if data is None:
        raise NotFound(f"{store.url} has no release {wanted}", hint=f"the newest is {newest(store)}")
    return _release(documents.parse(data, name(wanted)))


def _release(doc: dict[str, object]) -> Release:
    doc.pop("format")
    tables = doc["datasets"].items()  # type: ignore[attr-defined]
    datasets = {
        n: Table(
            **{
                **t,
                "grain": tuple(t["grain"]),
                "sort": tuple(t["sort"]),
                "columns": tuple(t["columns"]),
                "parts": tuple(parts.from_doc(p) for p in t["parts"]),
                "sources": None if t.get("sources") is None else tuple(t["sources"]),
                "copies": tuple(_copy(c) for c in t.get("copies", ())),
            }
        )
        for n, t in tables
    }
    origins = {n: tuple(parts.from_doc(p) for p in ps) for n, ps in doc["origins"].items()}  # type: ignore[attr-defined]
    listed: dict[str, tuple[object, ...]] = {n: tuple(doc.get(n, ())) for n in ("accounts", "notes")}  # type: ignore[arg-type]
    fixed = {"datasets": datasets, "origins": origins, **listed}
    return Release(**{**doc, **fixed})  # type: ignore[arg-type]


def _copy(doc: dict[str, object]) -> Copy:
    listed: dict[str, tuple[object, ...]] = {n: tuple(doc[n]) for n in ("sort", "columns")}  # type: ignore[arg-type]
    found = tuple(parts.from_doc(p) for p in doc["parts"])  # type: ignore[attr-defined]
    return Copy(**{**doc, **listed, "parts": found})  # type: ignore[arg-type]


def create(store: Store, release: Release) -> bool:
    """Write a release's manifest unless its number is taken; True if this call made it."""
    import dataclasses

    made = store.create(name(release.number), documents.dump(dataclasses.asdict(release)))
    if made:
        store.hint("releases/latest", f"{release.number}\n".encode())
    return made
