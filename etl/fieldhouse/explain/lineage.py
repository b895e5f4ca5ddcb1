"""From a row of any dataset to the rows of normalized datasets that it was made of.

A normalized row is its own. A row of a wide dataset leads, through the first column of its grain that references an
entity (match_id), to the rows of all datasets in its SQL's lineage that have that column in their grain. Where this
is not what a row was made of, `<dataset>.trace.sql` beside the contract says it: over a table `traced`, which holds
the row, and datasets, it yields ids under the names of grain columns.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract, reads
from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.releases import Release
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

#: Where one raw record is: dataset of the origin, key of its row, source, feed, key, object, record.
Place = tuple[str, str, str, str, str, str, str]


def trace_sql(contract: Contract) -> "Path":
    """Where a wide dataset may say which rows its rows are made of."""
    return contract.path.with_suffix(".trace.sql")


def lineage(contract: Contract, contracts: Mapping[str, Contract]) -> set[str]:
    """The normalized datasets that a dataset is made of, directly and through others; itself if it is normalized."""
    if contract.layer == "normalized":
        return {contract.name}
    return {found for n in contract.made_of & set(contracts) for found in lineage(contracts[n], contracts)}


def places(
    con: "DuckDBPyConnection", store: Store, release: Release, contract: Contract, contracts: Mapping[str, Contract]
) -> list[Place]:
    """The raw records behind the row in the table `traced`; UsageError for datasets that no records lead to."""
    sought = _sought(con, store, release, contract)
    found: list[Place] = []
    for dataset in sorted(lineage(contract, contracts)):
        parts = release.origins.get(f"{dataset}.origin", ())
        target = contracts[dataset]
        shared = [c for c in target.grain if c in sought]
        if not parts or not shared:
            continue
        key = f"concat_ws('|', {', '.join(f'{name(c)}::VARCHAR' for c in target.grain)})"
        found.extend(
            con.execute(
                f"""
                SELECT DISTINCT {text(dataset)}, {key}, source, feed, "key", object, record
                FROM read_parquet({duck.files(store, parts)})
                SEMI JOIN sought USING ({", ".join(map(name, shared))})
                ORDER BY ALL
                """
            ).fetchall()
        )
    return found


def _sought(con: "DuckDBPyConnection", store: Store, release: Release, contract: Contract) -> list[str]:
    """Make the table `sought` of ids that lead to normalized rows; returns its columns."""
    import duckdb

    path = trace_sql(contract)
    if path.is_file():
        sql = path.read_text(encoding="utf-8")
        for dataset in sorted(reads(sql) & set(release.datasets)):
            duck.view(con, store, dataset, release.datasets[dataset].parts, "SELECT 1 WHERE false")
        try:
            con.execute(f"CREATE TABLE sought AS {sql}")
        except duckdb.Error as error:
            raise ConfigurationError(f"{path}: does not run: {error}") from error
    else:
        con.execute(f"CREATE TABLE sought AS SELECT {', '.join(map(name, _leading(contract)))} FROM traced")
    return [row[0] for row in con.execute("DESCRIBE sought").fetchall()]


def _leading(contract: Contract) -> tuple[str, ...]:
    """The columns by which a row is found in origins: its grain, or of a wide one the first that names an entity."""
    if contract.layer == "normalized" and contract.filled_by == "sources":
        return contract.grain
    named = [c for c in contract.grain if contract.column(c).references]
    if contract.layer == "normalized" or not named:
        raise UsageError(
            f"{contract.name}: its rows have no raw records of their own",
            hint="trace the rows of core.match, core.team and the like that it speaks of",
        )
    return (named[0],)
