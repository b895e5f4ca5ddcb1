"""Why something must be built: what differs from the newest release, in files, datasets or declarations."""

import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fieldhouse.extract.shelf import bucket_of
from fieldhouse.lake import landings, releases, runs
from fieldhouse.lake.landings import Landed, Snapshot
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Release
from fieldhouse.lake.store import Store
from fieldhouse.stages import cut
from fieldhouse.stages.normalize.units import Unit

#: Names that a detail shows before it says how many more there are.
SHOWN = 5
Why = tuple[str, str]


@dataclass(frozen=True)
class Base:
    """The newest release and what it was made from, to compare with.

    `keys`: the memo keys that its run used; empty where its receipts are gone. `files`: per source its snapshot.
    """

    release: Release | None = None
    keys: frozenset[str] = frozenset()
    files: Mapping[str, Snapshot] = field(default_factory=dict)
    code: str = ""

    @property
    def said(self) -> str:
        """How the release is called in a sentence."""
        return f"release {self.release.number}" if self.release else "the first release"

    def bucket(self, unit: Unit) -> list[Landed]:
        """The files that the release has of a unit's bucket."""
        return [f for f in self.files.get(unit.source.name, {}).values() if _bucket(unit, f) == unit.bucket]


def base(store: Store) -> Base:
    """What the next run is compared with."""
    number = releases.newest(store)
    if not number:
        return Base(code=cut.code_digest())
    release = releases.read(store, number)
    tasks = {name.split("/")[2] for name in store.names(f"runs/{release.run}") if name.count("/") == 3}
    keys = frozenset(key for t in tasks for r in runs.receipts(store, release.run, t) for key in r.inputs)
    files = {s: landings.snapshot(store, s, int(str(pin["landing"]))) for s, pin in release.inputs.items()}
    return Base(release, keys, files, cut.code_digest())


def _bucket(unit: Unit, file: Landed) -> int | None:
    return bucket_of(file.key, unit.feed.buckets) if file.feed == unit.feed.name else None


def unit(found: Base, unit: Unit, key: str) -> Why:
    """Why a bucket must be built: its files, else what else its result rests on."""
    if found.release is None:
        return "nothing is published yet", _files(len(unit.objects))
    changes = differing(found.bucket(unit), unit.objects)
    if changes:
        counts = ", ".join(f"{_files(len(keys))} {how}" for how, keys in changes.items())
        detail = "; ".join(f"{how}: {listed(keys)}" for how, keys in changes.items())
        return f"{counts} since {found.said}", detail
    return otherwise(found, key)


def otherwise(found: Base, key: str) -> Why:
    """Why something must be built although its inputs are those of the newest release."""
    if found.release is None:
        return "nothing is published yet", ""
    if key in found.keys:
        return "the remembered result is gone", "its memo entry or one of its parts was deleted"
    if found.release.code != found.code:
        return f"a declaration changed since {found.said}", "under containers/, datasets/ or quality/"
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in ("duckdb", "pyarrow"))
    return f"nothing is remembered, although the declarations are those of {found.said}", f"code or engines: {versions}"


def differing(before: Iterable[Landed], now: Iterable[Landed]) -> dict[str, list[str]]:
    """How files differ: keys by `new`, `changed` and `gone`; what does not occur is left out."""
    old = {f.id: f.sha256 for f in before}
    new = {f.id: f.sha256 for f in now}
    found = {
        "new": [key for feed, key in new if (feed, key) not in old],
        "changed": [key for (feed, key), sha256 in new.items() if old.get((feed, key), sha256) != sha256],
        "gone": [key for feed, key in old if (feed, key) not in new],
    }
    return {how: sorted(keys) for how, keys in found.items() if keys}


def datasets(found: Base, available: Mapping[str, Sequence[Part]], names: Iterable[str]) -> list[str]:
    """Those of the datasets whose parts are not those of the newest release."""
    if found.release is None:
        return []
    old = {n: t.parts for n, t in found.release.datasets.items()} | found.release.origins
    return [n for n in sorted(names) if _hashes(old.get(n, ())) != _hashes(available.get(n, ()))]


def _hashes(parts: Sequence[Part]) -> list[str]:
    return [part.sha256 for part in parts]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
