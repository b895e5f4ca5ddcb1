"""Bringing all sources' normalized parts together: one table of claims a dataset, each source's own conform SQL applied."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.schema import DUCKDB
from fieldhouse.lake.store import Store
from fieldhouse.sources import Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Where a claim comes from, as normalized parts carry it.
PLACE = {
    "_from_object": "VARCHAR",
    "_from_key": "VARCHAR",
    "_from_feed": "VARCHAR",
    "_from_records": "VARCHAR",
    "_from_ordinal": "INTEGER",
}
#: The source of reviewed facts; it ranks behind all others.
REVIEWED = "reviewed"


def load(
    con: "DuckDBPyConnection",
    store: Store,
    contract: Contract,
    sources: Sequence[Source],
    found: Mapping[tuple[str, str], Sequence[Part]],
) -> None:
    """Make claims."<dataset>": the rows of all sources in their own ids, with `_source`, `_rank` and their place."""
    columns = {c.name: DUCKDB[c.type] for c in (*contract.columns, *contract.hidden)}
    typed = {**columns, "_source": "VARCHAR", "_rank": "INTEGER", **PLACE}
    con.execute("CREATE SCHEMA IF NOT EXISTS claims")
    con.execute(f'CREATE TABLE claims."{contract.name}" ({", ".join(f"{name(n)} {t}" for n, t in typed.items())})')
    for source in sources:
        own = found.get((source.name, contract.name), ())
        if own:
            select = _own(con, store, source, contract, own)
            con.execute(
                f"""
                INSERT INTO claims."{contract.name}" BY NAME
                SELECT *, {text(source.name)} AS _source, {source.rank} AS _rank FROM ({select})
                """
            )


def _own(con: "DuckDBPyConnection", store: Store, source: Source, contract: Contract, own: Sequence[Part]) -> str:
    """The SELECT of one source's rows: the union of its parts, or what its conform SQL makes of it."""
    union = f"SELECT * FROM read_parquet({duck.files(store, own)}, union_by_name = true)"
    path = conform_sql(source, contract)
    if not path.is_file():
        return union
    con.execute(f"CREATE OR REPLACE TEMP VIEW own_claims AS {union}")
    sql = path.read_text(encoding="utf-8").replace("FROM claims", "FROM own_claims")
    return sql.replace('own."', f'{_own_schema(source)}."')


def _own_schema(source: Source) -> str:
    return name(f"own {source.name}")


def load_own(
    con: "DuckDBPyConnection",
    store: Store,
    contracts: Mapping[str, Contract],
    source: Source,
    found: Mapping[tuple[str, str], Sequence[Part]],
) -> None:
    """Let a source's conform SQL read all that it has normalized: own."<dataset>", empty where it has no row.

    Nothing is done for a source without conform SQL.
    """
    fed = [c for c in contracts.values() if c.filled_by == "sources"]
    if not any(conform_sql(source, c).is_file() for c in fed):
        return
    schema = _own_schema(source)
    con.execute(f"CREATE SCHEMA {schema}")
    for contract in fed:
        own = found.get((source.name, contract.name), ())
        columns = (*contract.columns, *contract.hidden)
        empty = ", ".join(f"NULL::{DUCKDB[c.type]} AS {name(c.name)}" for c in columns)
        body = (
            f"FROM read_parquet({duck.files(store, own)}, union_by_name = true)"
            if own
            else f"SELECT {empty} WHERE false"
        )
        con.execute(f'CREATE VIEW {schema}."{contract.name}" AS {body}')


def conform_sql(source: Source, contract: Contract) -> Path:
    """Where a source's optional SQL over all its rows of one dataset stands.

    It reads them as `claims`, and those of its other datasets as own."<dataset>".
    """
    return source.folder / "conform" / f"{contract.name}.sql"


def reviewed_csv(contract: Contract) -> Path:
    """Where the reviewed rows of a dataset stand: beside its contract."""
    return contract.path.with_suffix(".csv")


def load_reviewed(con: "DuckDBPyConnection", contract: Contract) -> None:
    """Make claims."<dataset>" of a reviewed CSV; references are written `source:id`, lists are joined by `;`.

    Raises ConfigurationError where the CSV's columns are not the contract's.
    """
    path = reviewed_csv(contract)
    con.execute("CREATE SCHEMA IF NOT EXISTS claims")
    columns = ", ".join(f"{name(c.name)} {DUCKDB[c.type]}" for c in contract.columns)
    con.execute(f'CREATE TABLE claims."{contract.name}" ({columns}, _source VARCHAR, _rank INTEGER, _line INTEGER)')
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if tuple(reader.fieldnames or ()) != contract.names:
            raise ConfigurationError(
                f"{path}: the columns are {reader.fieldnames}; {list(contract.names)} are expected"
            )
        rows = [[_cell(c.type, row[c.name]) for c in contract.columns] for row in reader]
    lines = [[*row, REVIEWED, 1_000_000, line] for line, row in enumerate(rows, start=2)]
    duck.insert(con, f'claims."{contract.name}"', lines)


def _cell(kind: str, cell: str) -> object:
    if kind == "list<string>":
        return [item for item in cell.split(";") if item]
    return cell or None
