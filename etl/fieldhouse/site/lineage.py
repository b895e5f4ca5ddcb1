"""From feed to dataset: which feeds and datasets each dataset of a release is made of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fieldhouse import contracts as declared
from fieldhouse.consume import sessions
from fieldhouse.consume.opened import Opened
from fieldhouse.lake import duck


@dataclass(frozen=True, order=True)
class Node:
    """A feed (`source`, and `feed` where it is told apart) or a dataset."""

    kind: str
    name: str
    source: str = ""

    @property
    def page(self) -> str:
        """The page that tells of it, from the site's root."""
        return f"datasets/{self.name}.html" if self.kind == "dataset" else f"sources/{self.source}.html"


Edge = tuple[Node, Node]


@dataclass(frozen=True)
class Lineage:
    """What leads to what: each edge goes from what is read to the dataset that is made of it."""

    edges: frozenset[Edge]

    def to(self, node: Node) -> "Lineage":
        """All that leads to a node, and what is made directly of it."""
        return Lineage(self._leading({node}) | {edge for edge in self.edges if edge[0] == node})

    def of_source(self, source: str) -> "Lineage":
        """The feeds of a source, and the datasets that their records are in."""
        return Lineage(frozenset(edge for edge in self.edges if edge[0].source == source))

    def of_domain(self, domain: str) -> "Lineage":
        """The datasets of a domain, and all that leads to them; the feeds of a source are one node."""
        own = {made for _, made in self.edges if made.name.split(".")[0] == domain}
        return Lineage(frozenset((_whole(read), made) for read, made in self._leading(own)))

    def from_sources(self, sources: Collection[str]) -> "Lineage":
        """The same with the feeds of these sources only."""
        return Lineage(frozenset(e for e in self.edges if e[0].kind == "dataset" or e[0].source in sources))

    def _leading(self, wanted: set[Node]) -> frozenset[Edge]:
        found, seen = set[Edge](), set[Node]()
        while wanted:
            here = {edge for edge in self.edges if edge[1] in wanted}
            seen |= wanted
            wanted = {read for read, _ in here} - seen
            found |= here
        return frozenset(found)


def dataset(name: str) -> Node:
    """The node of a dataset."""
    return Node("dataset", name)


def _whole(node: Node) -> Node:
    return Node("source", node.source, node.source) if node.kind == "feed" else node


def lineage(opened: Opened) -> Lineage:
    """The lineage of a release: what sidecars of origins say of feeds, what the SQL of wide datasets says of the others."""
    return Lineage(frozenset((*_fed(opened), *_derived(opened))))


def _fed(opened: Opened) -> Iterable[Edge]:
    con = sessions.shared()
    try:
        for name, parts in sorted(opened.origins().items()):
            query = f"SELECT DISTINCT source, feed FROM read_parquet({duck.files(opened.store, parts)})"
            for source, feed in con.execute(query).fetchall():
                yield Node("feed", f"{source}/{feed}", source), dataset(name)
    finally:
        con.close()


def _derived(opened: Opened) -> Iterable[Edge]:
    released = set(opened.release.datasets)
    for name, contract in declared.load_all().items():
        if name in released and contract.layer == "denormalized":
            yield from ((dataset(n), dataset(name)) for n in contract.made_of & released - {name})
