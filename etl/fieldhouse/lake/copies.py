"""Serving copies: a dataset's rows once more, sorted by what people filter by, cut into parts that each hold few values."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import replace

from fieldhouse.contracts import Contract, Copy
from fieldhouse.errors import InternalError
from fieldhouse.lake import duck, memo, tables
from fieldhouse.lake.documents import digest
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

#: Raised when a change of this module's code changes what it makes of the same inputs.
REVISION = 1
#: A copy is cut into that many parts, so that one value of its first column lies in one or two of them,
PARTS = 64
#: but a part has no fewer rows: below, opening it costs more than reading it.
SMALLEST = 1024


def dataset(contract: Contract, copy: Copy) -> str:
    """Under which name a copy's parts lie and are told: `football.action.by_player`."""
    return f"{contract.name}.{copy.name}"


def memo_key(contract: Contract, copy: Copy, found: Sequence[Part]) -> str:
    """The memo key of a copy of these parts."""
    versions = [importlib.metadata.version(n) for n in ("duckdb", "pyarrow")]
    declared = repr((contract.columns, contract.order, copy.sort, copy.columns))
    return digest(["copy", REVISION, versions, dataset(contract, copy), declared, [p.sha256 for p in found]])


def make(store: Store, contract: Contract, copy: Copy, found: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of a copy of a dataset whose parts are `found`."""
    total = sum(part.rows for part in found)
    if not total:
        return ()
    names = copy.columns or contract.names
    columns = tuple(column for column in contract.columns if column.name in names)
    sorted_so = replace(contract, columns=columns, sort=tuple(dict.fromkeys((*copy.sort, *contract.order))))
    con = duck.connect()
    try:
        query = f"SELECT * FROM read_parquet({duck.files(store, found)})"
        rows = max(SMALLEST, -(-total // PARTS))
        made = tables.write_cut(store, con, sorted_so, query, dataset=dataset(contract, copy), rows=rows)
    finally:
        con.close()
    if sum(part.rows for part in made) != total:
        raise InternalError(f"{dataset(contract, copy)}: not all of {total} rows were written")
    return tuple(made)


def remembered(store: Store, contract: Contract, copy: Copy, found: Sequence[Part]) -> tuple[memo.Result, bool]:
    """The copy, made now or remembered; and whether it was made now."""
    key = memo_key(contract, copy, found)
    result = memo.find(store, key)
    if result is not None:
        return result, False
    result = memo.Result(make(store, contract, copy, found))
    memo.remember(store, key, result)
    return result, True
