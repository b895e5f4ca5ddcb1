"""What conform remembers dataset by dataset: merged parts stay as they are while neither rows nor links of theirs change.

Linking is done in every run, for it may change what stands far away; merging and writing, which is most of the work,
only for datasets whose rows it changed.
"""

import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.lake import documents, duck, parts
from fieldhouse.lake.duck import text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source
from fieldhouse.stages.conform import load, references

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Tables of the session to which merging a dataset adds rows, and the rows that are a dataset's own.
SAID = {
    "disagreement": "dataset = {dataset}",
    "unlinked": f"reason = {text(references.DANGLING)} AND starts_with(evidence, {{dataset}} || '.')",
}
_INTERNAL = "conform/"


def digests(con: "DuckDBPyConnection") -> dict[tuple[str, str], str]:
    """Per kind and source a digest of which source id stands for which entity."""
    rows = con.execute(
        """
        SELECT kind, source, sha256(string_agg(concat_ws(chr(31), local_id, entity_id), chr(30) ORDER BY local_id))
        FROM link GROUP BY kind, source ORDER BY kind, source
        """
    ).fetchall()
    return {(kind, source): digest for kind, source, digest in rows}


def key(
    contract: Contract,
    contracts: Mapping[str, Contract],
    sources: Sequence[Source],
    found: Mapping[tuple[str, str], Sequence[Part]],
    links: Mapping[tuple[str, str], str],
    revision: int,
) -> str:
    """The memo key of one dataset: its rows, the SQL that they go through, and the links of every kind that it names.

    Of the links only those of sources that feed it: nobody else's ids stand in its rows.
    """
    feeding = [source for source in sources if found.get((source.name, contract.name))]
    kinds = {references.kind_of(c, contracts) for c in (*contract.columns, *contract.hidden) if c.references}
    if contract.entity:
        kinds.add(contract.entity.kind)
    return documents.digest(
        [
            "conform dataset",
            revision,
            [importlib.metadata.version(n) for n in ("duckdb", "pyarrow")],
            contract.name,
            repr((contract.columns, contract.hidden, contract.entity, contract.order, contract.partition)),
            [repr(dict(contract.precedence)), contract.whole, contract.agree],
            [_rows_of(source, contract, found) for source in feeding],
            [[kind, source.name, links.get((kind, source.name), "")] for kind in sorted(kinds) for source in feeding],
        ]
    )


def _rows_of(source: Source, contract: Contract, found: Mapping[tuple[str, str], Sequence[Part]]) -> list[object]:
    """What a source says of a dataset; with conform SQL that may be all that the source says of anything."""
    path = load.conform_sql(source, contract)
    if not path.is_file():
        return [source.name, source.rank, [p.sha256 for p in found.get((source.name, contract.name), ())]]
    everything = {
        dataset: [p.sha256 for p in items] for (owner, dataset), items in found.items() if owner == source.name
    }
    return [source.name, source.rank, hashlib.sha256(path.read_bytes()).hexdigest(), everything]


def said(con: "DuckDBPyConnection", store: Store, dataset: str, table: str) -> list[Part]:
    """The rows that a dataset has added to one of the session's lists, as a part to be remembered beside its own."""
    own = SAID[table].format(dataset=text(dataset))
    rows = con.sql(f"SELECT * FROM {table} WHERE {own} ORDER BY ALL").to_arrow_table()
    return [parts.write(store, f"{_INTERNAL}{table}", rows)] if rows.num_rows else []


def restore(con: "DuckDBPyConnection", store: Store, outputs: Sequence[Part]) -> list[Part]:
    """Add what a remembered dataset said to the session's lists; the parts of the dataset itself are returned."""
    for part in outputs:
        if part.dataset.startswith(_INTERNAL):
            table = part.dataset.removeprefix(_INTERNAL)
            con.execute(f"INSERT INTO {table} BY NAME FROM read_parquet({duck.files(store, [part])})")
    return [part for part in outputs if not part.dataset.startswith(_INTERNAL)]
