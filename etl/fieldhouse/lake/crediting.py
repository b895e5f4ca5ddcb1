"""Which sources a dataset is made of, from where its rows came from: their licences and notices hold for it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property

from fieldhouse.contracts import Contract
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

_SHARED = "core"
#: Datasets whose rows say of which sport they are. A domain is called like its sport.
_OF_A_SPORT = ("core.competition", "core.team")


def credits(
    store: Store, contracts: Mapping[str, Contract], parts_of: Mapping[str, Sequence[Part]]
) -> dict[str, tuple[str, ...]]:
    """Per dataset the names of the sources that it is made of, sorted; none for what has no rows or was reviewed here.

    `parts_of`: the parts of datasets and of their sidecars. A wide dataset is made of the sources of all that it reads.
    Of the entities that all sports share those count that it names; of what else they share, what is of its sport.
    """
    found = _Credits(store, contracts, parts_of)
    return {dataset: tuple(sorted(found.of(dataset))) for dataset in contracts}


@dataclass
class _Credits:
    store: Store
    contracts: Mapping[str, Contract]
    parts_of: Mapping[str, Sequence[Part]]
    known: dict[str, set[str]] = field(default_factory=dict)

    def of(self, dataset: str) -> set[str]:
        if dataset not in self.known:
            contract = self.contracts[dataset]
            made = self._stated if contract.layer == "normalized" else self._read
            self.known[dataset] = made(contract) if self.parts_of.get(dataset) else set()
        return self.known[dataset]

    def _stated(self, contract: Contract) -> set[str]:
        """What the sidecar says, or the column `source` of a dataset that keeps account of sources."""
        import pyarrow.parquet as pq

        parts = self.parts_of.get(f"{contract.name}.origin", ())
        if not parts and "source" in contract.names:
            parts = self.parts_of[contract.name]
        found: set[str] = set()
        for part in parts:
            # As a dictionary: a million rows hold a handful of names, which are decoded once.
            path = self.store.local(part.path)
            column = pq.read_table(path, columns=["source"], read_dictionary=["source"], partitioning=None)["source"]
            found.update(source for chunk in column.chunks for source in chunk.dictionary.to_pylist())
        return found

    def _read(self, contract: Contract) -> set[str]:
        return set().union(*(self._seen(contract, dataset) for dataset in contract.made_of))

    def _seen(self, contract: Contract, dataset: str) -> set[str]:
        """The sources of what a wide dataset sees of one that it reads."""
        if self.contracts[dataset].domain != _SHARED:
            return self.of(dataset)
        naming = [column.name for column in contract.columns if column.references == dataset]
        if naming and self.parts_of.get(f"{dataset}.origin"):
            return self._named(contract, dataset, naming)
        return self.of(dataset) & self._sports.get(contract.domain, self.of(dataset))

    def _named(self, contract: Contract, dataset: str, columns: Sequence[str]) -> set[str]:
        """The sources of the entities that the columns name."""
        rows, origins = (self._table(n) for n in (contract.name, f"{dataset}.origin"))
        kinds = {column.name: column.type for column in contract.columns}
        ids = " UNION ".join(
            f"SELECT {f'unnest({name(c)})' if kinds[c] == 'list<string>' else name(c)} FROM {rows}" for c in columns
        )
        key = name(self.contracts[dataset].grain[0])
        return {source for (source,) in self._asked(f"SELECT DISTINCT source FROM {origins} WHERE {key} IN ({ids})")}

    @cached_property
    def _sports(self) -> dict[str, set[str]]:
        """Per sport the sources that name a competition or a team of it."""
        found: dict[str, set[str]] = {}
        for dataset in _OF_A_SPORT:
            if self.parts_of.get(dataset) and self.parts_of.get(f"{dataset}.origin"):
                rows, origins = (self._table(n) for n in (dataset, f"{dataset}.origin"))
                key = name(self.contracts[dataset].grain[0])
                for sport, source in self._asked(
                    f"SELECT DISTINCT sport, source FROM {rows} JOIN {origins} USING ({key})"
                ):
                    found.setdefault(sport, set()).add(source)
        return found

    def _table(self, dataset: str) -> str:
        return f"read_parquet({duck.files(self.store, self.parts_of[dataset])})"

    def _asked(self, sql: str) -> Iterator[tuple[str, ...]]:
        with closing(duck.connect()) as con:
            yield from con.execute(sql).fetchall()
