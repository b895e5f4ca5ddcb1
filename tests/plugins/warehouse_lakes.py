"""Lakes of a few rows whose releases are written by hand: each test of the warehouse says what is in them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from fieldhouse.contracts import Column
from fieldhouse.lake import documents, open_store, parts, releases, schema
from fieldhouse.lake.releases import Release, Table
from fieldhouse.lake.runs import Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages import warehouse

#: How often races are run: as promised, or a tenth of it.
FULL = bool(os.environ.get("FIELDHOUSE_TEST_FULL"))


@dataclass(frozen=True)
class Said:
    """A dataset as a test says it: columns with contract types (`?`: may be null; `->`: references), rows by partition."""

    columns: Mapping[str, str]
    grain: Sequence[str]
    rows: Mapping[str, Sequence[Sequence[object]]]
    version: str = "1.0.0"

    def column(self, name: str) -> Column:
        """A column of the contract."""
        kind, _, target = self.columns[name].partition("->")
        return Column(name, kind.rstrip("?"), f"The {name}.", unit="goals" if name == "points" else "",
                      null=kind.endswith("?"), references=target)  # fmt: skip


@dataclass
class Shelf:
    """A lake whose releases are written by hand, and the stage that brings them into the warehouse."""

    store: Store
    published: list[Release] = field(default_factory=list)

    def publish(self, audit: Mapping[str, object] | None = None, **datasets: Said) -> int:
        """Publish a release of datasets, said as `football__standing`, and what its audits found; its number."""
        number = len(self.published) + 1
        tables = {name: self._table(name.replace("__", "."), said) for name, said in datasets.items()}
        named = {table.name: table for table in tables.values()}
        content = documents.digest([number, [[t.name, t.version, [p.sha256 for p in t.parts]] for t in named.values()]])
        time = f"2026-01-{number:02}T00:00:00+00:00"
        release = Release(
            number, number - 1, time, f"r{number}", content, "c", {}, {}, dict(audit or {}), (), named, {}
        )  # fmt: skip
        assert releases.create(self.store, release)
        self.published.append(release)
        return number

    def _table(self, name: str, said: Said) -> Table:
        import pyarrow as pa

        columns = [said.column(column) for column in said.columns]
        wanted = pa.schema([(c.name, schema.arrow_type(c.type)) for c in columns])
        made = [
            parts.write(
                self.store, name, pa.table(list(map(pa.array, zip(*rows, strict=True), wanted.types)), schema=wanted),
                partition=partition,
            )
            for partition, rows in said.rows.items() if rows
        ]  # fmt: skip
        docs = tuple(
            {"name": c.name, "type": c.type, "null": c.null, "unit": c.unit, "references": c.references, "doc": c.doc}
            for c in columns
        )
        grain = tuple(said.grain)
        return Table(
            name, name.title(), f"All of {name}.", "normalized", said.version, grain, grain, "s", docs, tuple(made)
        )

    def load(self, release: int | None = None, run: str = "") -> Receipt:
        """Bring a release into the warehouse."""
        return warehouse.run(self.store, run, release=release)


def load_in_process(url: str, environment: Mapping[str, str], tell: Connection) -> None:
    """Load the newest release, for a process of its own that may be killed; tells when it begins."""
    os.environ.update(environment)
    store = open_store(url)
    tell.send("begins")
    warehouse.run(store)
