"""The session that a domain is audited in: each dataset and each sidecar of origins as a view over its parts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fieldhouse.contracts import Column, Contract
from fieldhouse.errors import StorageError
from fieldhouse.lake import duck, schema
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit.suites import ORIGIN

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: The session's own table of columns in which the parts of a dataset differ.
MIXED = "mixed_columns"
Found = Mapping[str, Sequence[Part]]


def readable(dataset: str) -> str:
    """How SQL of checks names it: core.match, and core.match_origin for the sidecar core.match.origin."""
    return dataset.removesuffix(".origin") + ORIGIN if dataset.endswith(".origin") else dataset


@contextmanager
def opened(
    store: Store, wanted: Iterable[str], found: Found, contracts: Mapping[str, Contract]
) -> Iterator["DuckDBPyConnection"]:
    """A session with the wanted datasets and sidecars (by readable name); those without parts are empty."""
    import duckdb

    con = duck.connect()
    try:
        con.execute(f"CREATE TABLE {MIXED} (dataset VARCHAR, name VARCHAR, types VARCHAR)")
        for dataset in sorted(wanted):
            parts = found.get(dataset, ())
            try:
                duck.view(con, store, dataset, parts, _empty(dataset, contracts))
                if len(parts) > 1:
                    _note_mixed(con, store, dataset, parts)
            except duckdb.Error as error:
                raise StorageError(
                    f"{dataset}: its parts cannot be read: {error}", hint="`fieldhouse lake verify` lists all damage"
                ) from error
        yield con
    finally:
        con.close()


def _empty(dataset: str, contracts: Mapping[str, Contract]) -> str:
    contract = contracts.get(dataset)
    columns = contract.columns if contract else _grain(contracts[dataset.removesuffix(ORIGIN)])
    typed = (f"NULL::{schema.DUCKDB[c.type]} AS {name(c.name)}" for c in columns)
    return f"SELECT {', '.join(typed)} WHERE false"


def _grain(contract: Contract) -> tuple[Column, ...]:
    return tuple(contract.column(n) for n in contract.grain)


def _note_mixed(con: "DuckDBPyConnection", store: Store, dataset: str, parts: Sequence[Part]) -> None:
    """Keep the columns in which the parts of a dataset differ: read together, they are cast without a word."""
    con.execute(
        f"""
        INSERT INTO {MIXED}
        SELECT
          {text(dataset)},
          name,
          string_agg(DISTINCT duckdb_type, ', ' ORDER BY duckdb_type)
            || if(count(DISTINCT file_name) < {len(parts)}, ', nothing', '')
        FROM parquet_schema({duck.files(store, parts)})
        GROUP BY name
        HAVING count(DISTINCT duckdb_type) > 1 OR count(DISTINCT file_name) < {len(parts)}
        """
    )


def types(con: "DuckDBPyConnection", dataset: str) -> dict[str, str]:
    """The columns of a dataset in order and their DuckDB types; where parts differ, all that there are."""
    described = con.execute(f"DESCRIBE {name(dataset)}").fetchall()
    mixed = con.execute(f"SELECT name, types FROM {MIXED} WHERE dataset = ? ORDER BY name", [dataset]).fetchall()
    return {row[0]: row[1] for row in (*described, *mixed)}
