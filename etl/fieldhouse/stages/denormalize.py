"""denormalize: wide datasets of one domain, each by its SQL over datasets, and serving copies; remembered by what they read."""

import importlib.metadata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse import contracts as declared
from fieldhouse.contracts import MATCH_SOURCE, Contract, reads
from fieldhouse.errors import ConfigurationError, DataError
from fieldhouse.lake import copies, documents, duck, memo, runs, schema, tables
from fieldhouse.lake.duck import name
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Raised when a change of this stage's code changes what it makes of the same inputs.
REVISION = 1


def run(store: Store, domain: str, run_id: str) -> Receipt:
    """Build the wide datasets of a domain from what `conform` left in this run, then the copies of all its datasets.

    Raises DataError where the SQL yields two rows of one grain, ConfigurationError where it does not run or fit.
    """
    meter = Meter()
    parts_of = normalized(store, run_id)
    built: dict[str, tuple[Part, ...]] = {}
    keys, fresh = [], 0
    contracts = declared.load_all()
    for contract in ordered(domain, contracts):
        available = {**parts_of, **built}
        key = memo_key(contract, contracts, available)
        keys.append(key)
        result = memo.find(store, key)
        if result is None:
            fresh += 1
            result = memo.Result(tuple(build(store, contract, contracts, available)))
            memo.remember(store, key, result)
        built[contract.name] = result.outputs
    for contract in contracts.values():
        for copy in contract.copies if contract.domain == domain else ():
            of = {**parts_of, **built}.get(contract.name, ())
            keys.append(copies.memo_key(contract, copy, of))
            result, made_now = copies.remembered(store, contract, copy, of)
            fresh += made_now
            built[copies.dataset(contract, copy)] = result.outputs
    outputs = tuple(part for items in built.values() for part in items)
    counts: Counter[str] = Counter()
    for part in outputs:
        counts[part.dataset] += part.rows
    receipt = Receipt(
        run_id,
        f"denormalize.{domain}",
        1,
        remembered=not fresh,
        outputs=outputs,
        counts=dict(counts),
        inputs=tuple(keys),
    )
    return runs.leave(store, meter.stamp(receipt))


def normalized(store: Store, run_id: str) -> dict[str, tuple[Part, ...]]:
    """The parts of every normalized dataset (and origin) that `conform` left in a run."""
    return by_dataset(runs.receipt(store, run_id, "conform").outputs)


def by_dataset(made: Sequence[Part]) -> dict[str, tuple[Part, ...]]:
    """Parts per dataset, in order."""
    found: dict[str, list[Part]] = {}
    for part in made:
        found.setdefault(part.dataset, []).append(part)
    return {n: tuple(items) for n, items in found.items()}


def ordered(domain: str, contracts: Mapping[str, Contract]) -> list[Contract]:
    """The wide datasets of a domain, each after those that it reads; ConfigurationError for a circle."""
    wide = {n: c for n, c in contracts.items() if c.domain == domain and c.layer == "denormalized"}
    needs = {n: reads(c.sql_path.read_text(encoding="utf-8")) & set(wide) - {n} for n, c in wide.items()}
    done: list[Contract] = []
    while needs:
        ready = sorted(n for n, wanted in needs.items() if not wanted & set(needs))
        if not ready:
            raise ConfigurationError(f"the datasets {', '.join(sorted(needs))} read each other in a circle")
        done.extend(wide[n] for n in ready)
        needs = {n: wanted for n, wanted in needs.items() if n not in ready}
    return done


def memo_key(contract: Contract, contracts: Mapping[str, Contract], available: Mapping[str, Sequence[Part]]) -> str:
    """The memo key of one wide dataset: its SQL, contract, and the parts of every dataset that it reads."""
    sql = contract.sql_path.read_text(encoding="utf-8")
    inputs = {
        n: [p.sha256 for p in available.get("core.match.origin" if n == MATCH_SOURCE else n, ())]
        for n in sorted(reads(sql))
    }
    versions = [importlib.metadata.version(n) for n in ("duckdb", "pyarrow")]
    columns = repr((contract.columns, contract.order, contract.partition))
    return documents.digest(["denormalize", REVISION, versions, contract.name, sql, columns, inputs])


def build(
    store: Store, contract: Contract, contracts: Mapping[str, Contract], available: Mapping[str, Sequence[Part]]
) -> list[Part]:
    """Run one wide dataset's SQL and write its parts."""
    import duckdb

    sql = contract.sql_path.read_text(encoding="utf-8")
    con = duck.connect()
    try:
        for dataset in sorted(reads(sql)):
            _view(con, store, dataset, contract, contracts, available)
        try:
            con.execute(f"CREATE TABLE built AS {sql}")
        except duckdb.Error as error:
            raise ConfigurationError(f"{contract.sql_path}: does not run: {error}") from error
        _refuse_fan_out(con, contract)
        return tables.write(store, con, contract, "SELECT * FROM built")
    finally:
        con.close()


def _view(
    con: "DuckDBPyConnection",
    store: Store,
    dataset: str,
    contract: Contract,
    contracts: Mapping[str, Contract],
    available: Mapping[str, Sequence[Part]],
) -> None:
    if dataset == MATCH_SOURCE:
        empty = "SELECT NULL::VARCHAR AS match_id, NULL::VARCHAR AS source WHERE false"
        duck.view(con, store, "core.match_origin", available.get("core.match.origin", ()), empty)
        con.execute(f"CREATE VIEW {name(MATCH_SOURCE)} AS SELECT DISTINCT match_id, source FROM core.match_origin")
        return
    if dataset not in contracts:
        raise ConfigurationError(f"{contract.sql_path}: reads {dataset}, which is no dataset")
    typed = ", ".join(f"NULL::{schema.DUCKDB[c.type]} AS {name(c.name)}" for c in contracts[dataset].columns)
    duck.view(con, store, dataset, available.get(dataset, ()), f"SELECT {typed} WHERE false")


def _refuse_fan_out(con: "DuckDBPyConnection", contract: Contract) -> None:
    grain = ", ".join(map(name, contract.grain))
    rows = con.execute(
        f"SELECT {grain}, count(*) FROM built GROUP BY {grain} HAVING count(*) > 1 ORDER BY ALL LIMIT 3"
    ).fetchall()
    if rows:
        raise DataError(
            f"{contract.name}: several rows of one grain ({grain}), such as {rows}",
            hint=f"a join in {contract.sql_path.name} fans out",
        )
