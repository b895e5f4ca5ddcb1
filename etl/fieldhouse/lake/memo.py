"""Remembered results: which parts a stage made of which inputs. A hit whose part is missing is a miss."""

from dataclasses import dataclass, field

from fieldhouse.errors import StorageError
from fieldhouse.lake import documents, parts
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store


@dataclass(frozen=True)
class Result:
    """What a piece of work made: parts in order, and what it counted and has to say."""

    outputs: tuple[Part, ...]
    counts: dict[str, int] = field(default_factory=dict)
    notes: tuple[dict[str, object], ...] = ()

    @property
    def content(self) -> set[str]:
        """The names of all files that it refers to: parts, and documents that its notes name."""
        return {part.path for part in self.outputs} | documents.named(self.notes)


def name(key: str) -> str:
    """Where the result for a memo key lies."""
    return f"memo/{key[:2]}/{key}.json"


def find(store: Store, key: str) -> Result | None:
    """The remembered result for the key, if it and all its parts are there; a damaged entry is none."""
    try:
        found = read(store, key)
    except StorageError:
        return None
    if found is None or not store.holds({part.path: part.bytes for part in found.outputs}):
        return None
    return found


def read(store: Store, key: str) -> Result | None:
    """What is remembered for the key, whether or not its parts are still there; StorageError where it is damaged."""
    data = store.find(name(key))
    if data is None:
        return None
    doc = documents.parse(data, name(key))
    outputs = tuple(parts.from_doc(item) for item in doc["outputs"])  # type: ignore[attr-defined]
    return Result(outputs, doc["counts"], tuple(doc["notes"]))  # type: ignore[arg-type]


def remember(store: Store, key: str, result: Result) -> None:
    """Keep a result under its key. What it names was put before."""
    doc = {"outputs": [p.doc() for p in result.outputs], "counts": result.counts, "notes": list(result.notes)}
    store.hint(name(key), documents.dump(doc))
