"""What exactly is wrong: the rows behind a failed check, fetched by key after the scan, limited, in a fixed order."""

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.lake.duck import name
from fieldhouse.stages.audit.checks import Expectation
from fieldhouse.stages.audit.compiling import Mapped, Queried
from fieldhouse.stages.audit.verdicts import Verdict

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Rows that a document keeps of one check.
LIMIT = 20
#: Commands that lead to raw records, per check.
TRACES = 3
Row = dict[str, object]


def rows(con: "DuckDBPyConnection", plan: Mapped | Queried, contract: Contract) -> list[Row]:
    """The first wrong rows in a fixed order: of a rule on rows the grain and the columns it is about, of a query all."""
    if isinstance(plan, Queried):
        return _fetch(con, f"SELECT * FROM ({plan.query}) ORDER BY ALL LIMIT {LIMIT}")
    columns = ", ".join(map(name, dict.fromkeys((*contract.grain, *plan.values))))
    return _fetch(con, f"SELECT {columns} FROM ({plan.rows}) ORDER BY ALL LIMIT {LIMIT}")


def shown(found: Sequence[Row], plan: Mapped, contract: Contract) -> dict[str, object]:
    """The first wrong rows of a rule on rows, as Great Expectations words them."""
    values = [row[plan.values[0]] if len(plan.values) == 1 else {v: row[v] for v in plan.values} for row in found]
    return {
        "partial_unexpected_list": values,
        "partial_unexpected_index_list": list(found),
        "unexpected_index_column_names": list(contract.grain),
    }


def _fetch(con: "DuckDBPyConnection", query: str) -> list[Row]:
    types = {row[0]: row[1] for row in con.execute(f"DESCRIBE {query}").fetchall()}
    # DuckDB needs a further package for instants of a zone; as text they need none.
    instants = [n for n, type_ in types.items() if type_ == "TIMESTAMP WITH TIME ZONE"]
    told = ", ".join(
        f"strftime({name(n)} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S+00:00') AS {name(n)}" for n in instants
    )
    columns = f"* REPLACE ({told})" if told else "*"
    found = con.execute(f"SELECT {columns} FROM ({query})").fetchall()
    return [{n: plain(v) for n, v in zip(types, values, strict=True)} for values in found]


def plain(value: object) -> object:
    """A value as it stands in JSON; dates and whatever JSON has no word for as text."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def seen(
    con: "DuckDBPyConnection",
    expectation: Expectation,
    plan: Queried,
    contracts: Mapping[str, Contract],
    result: dict[str, object],
) -> Verdict:
    """A failed check whose count is known (in `result`), with the rows that it counted and the way to their records."""
    contract = contracts[expectation.dataset]
    found = rows(con, plan, contract)
    told = result.get("details")
    details = {**(told if isinstance(told, Mapping) else {}), "unexpected_rows": found}
    message = str(details.get("said", ""))
    keys, traces = tuple(found[:3]), trace(found, contract, contracts)
    return Verdict(expectation, "failed", {**result, "details": details}, message, keys, traces)


def trace(found: Sequence[Row], contract: Contract, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Commands that show the raw records behind the first wrong rows, as far as these name any.

    A row of a wide dataset has no records of its own: its match has.
    """
    target = contract if contract.layer == "normalized" and contract.filled_by == "sources" else None
    if target is None or not all(set(target.grain) <= set(row) for row in found):
        target = contracts.get("core.match")
    if target is None:
        return ()
    keys = [[row.get(n) for n in target.grain] for row in found]
    said = ["|".join(map(str, key)) for key in keys if None not in key]
    return tuple(f"fieldhouse trace {target.name} '{key}'" for key in dict.fromkeys(said))[:TRACES]
