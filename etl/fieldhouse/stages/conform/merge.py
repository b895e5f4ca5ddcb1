"""One row a thing: rows of several sources and records with equal grain become one, column by column in precedence.

For one dataset this makes, in the session's temporary schema, `claimed` (the rows that take part) and `merged` (the
rows to publish), and adds to `disagreement` what sources said otherwise.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Column, Contract
from fieldhouse.lake.duck import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DISAGREEMENT = """
CREATE TABLE disagreement (dataset VARCHAR, key VARCHAR, "column" VARCHAR, source VARCHAR, value VARCHAR,
                           chosen_source VARCHAR, chosen_value VARCHAR)
"""


def merge(con: "DuckDBPyConnection", contract: Contract) -> None:
    """Merge claims."<dataset>", whose ids are entity ids, into the table `merged`."""
    grain = ", ".join(map(name, contract.grain))
    values = [c for c in contract.names if c not in contract.grain]
    _claim(con, contract)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE shared AS
        SELECT {grain}, count(DISTINCT _source) > 1 AS several FROM claimed GROUP BY {grain} HAVING count(*) > 1
        """
    )
    # Few rows are shared, so only those are put into an order of preference.
    con.execute(f"CREATE OR REPLACE TEMP TABLE ranked AS {_ranked(contract)}")
    picked = "".join(f", arg_min({name(c)}, {_order_for(contract, c)}) AS {name(c)}" for c in values)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW merged AS
        SELECT {", ".join(map(name, contract.names))} FROM claimed ANTI JOIN shared USING ({grain})
        UNION ALL BY NAME
        SELECT {grain}{picked} FROM ranked GROUP BY {grain}
        """
    )
    if values:
        _disagree(con, contract, values)


def _claim(con: "DuckDBPyConnection", contract: Contract) -> None:
    """Make `claimed`: all rows, or where rows belong together (a match's goals) those of each group's first source.

    Rows of other sources then only fill what is null in rows that agree with them.
    """
    claims = f'claims."{contract.name}"'
    if not contract.whole:
        con.execute(f"CREATE OR REPLACE TEMP VIEW claimed AS SELECT * FROM {claims}")
        return
    group = ", ".join(map(name, contract.whole))
    grain = ", ".join(map(name, contract.grain))
    agree = " AND ".join(f"c.{name(a)} IS NOT DISTINCT FROM f.{name(a)}" for a in contract.agree) or "false"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW claimed AS
        WITH several AS (
          SELECT {group}, arg_min(_source, {_source_rank(contract.precedence.get("*", ()))}) AS _source
          FROM {claims} GROUP BY {group} HAVING count(DISTINCT _source) > 1
        ),
        first_rows AS (SELECT c.* FROM {claims} AS c SEMI JOIN several USING ({group}, _source))
        SELECT * FROM {claims} ANTI JOIN several USING ({group})
        UNION ALL BY NAME
        SELECT * FROM first_rows
        UNION ALL BY NAME
        SELECT c.*
        FROM {claims} AS c
        JOIN first_rows AS f USING ({grain})  -- the grain is unique within one source's rows of a group
        WHERE c._source <> f._source AND {agree}
        """
    )


def _precedences(contract: Contract) -> list[tuple[str, ...]]:
    return list(dict.fromkeys([contract.precedence.get("*", ()), *contract.precedence.values()]))


def _order_for(contract: Contract, column: str) -> str:
    wanted = contract.precedence.get(column, contract.precedence.get("*", ()))
    return f"_order_{_precedences(contract).index(wanted)}"


def _ranked(contract: Contract) -> str:
    """Shared rows with one unique order per precedence list: source first, then the mapping's preference, then place."""
    preference = "_order NULLS FIRST, " if any(c.name == "_order" for c in contract.hidden) else ""
    place = "_from_feed, _from_key, _from_records, _from_ordinal"
    rest = ", ".join(f"{name(c)} NULLS FIRST" for c in contract.names)
    orders = [
        f"row_number() OVER (ORDER BY {_source_rank(wanted)}, {preference}{place}, {rest}) AS _order_{number}"
        for number, wanted in enumerate(_precedences(contract))
    ]
    grain = ", ".join(map(name, contract.grain))
    everything = f"* REPLACE ({', '.join(_weakened(contract))})" if _weakened(contract) else "*"
    ranked = f"""
        SELECT {everything}, {", ".join(orders)}
        FROM claimed JOIN shared USING ({grain})  -- shared has one row a grain
    """
    for column in (c for c in contract.columns if c.given):
        ranked = f"SELECT * REPLACE ({_beside(contract, column)}) FROM ({ranked})"
    return ranked


def _beside(contract: Contract, column: Column) -> str:
    """SQL for a column's value, null where the row disagrees with what is chosen for the columns that it is given by."""
    grain = ", ".join(map(name, contract.grain))
    agrees = " AND ".join(
        f"{name(c)} IS NOT DISTINCT FROM first_value({name(c)} IGNORE NULLS) OVER (PARTITION BY {grain} "
        f"ORDER BY {_order_for(contract, c)} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        for c in column.given
    )
    return f"CASE WHEN {agrees} THEN {name(column.name)} END AS {name(column.name)}"


def _weakened(contract: Contract) -> list[str]:
    """SQL for columns with weak values: these are null where another row of the same grain says something else."""
    grain = ", ".join(map(name, contract.grain))
    columns = []
    for column in contract.columns:
        if column.weak:
            weak = f"{name(column.name)} IN ({', '.join(map(text, column.weak))})"
            columns.append(
                f"CASE WHEN NOT ({weak} AND bool_or(NOT {weak}) OVER (PARTITION BY {grain})) THEN {name(column.name)} END"
                f" AS {name(column.name)}"
            )
    return columns


def _source_rank(wanted: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {text(source)} THEN {n}" for n, source in enumerate(wanted))
    return f"CASE _source {cases} ELSE {len(wanted)} + _rank END" if cases else "_rank"


def _disagree(con: "DuckDBPyConnection", contract: Contract, values: Sequence[str]) -> None:
    """Compare, where several sources know a row, what each says with what was chosen."""
    grain = ", ".join(map(name, contract.grain))
    key = f"concat_ws('|', {', '.join(f'{name(c)}::VARCHAR' for c in contract.grain)})"
    structs = ", ".join(
        f"""{{'column': {text(c)}, 'value': arg_min({name(c)}, {_order_for(contract, c)})::VARCHAR,
              'place': min({_order_for(contract, c)}) FILTER ({name(c)} IS NOT NULL)}}"""
        for c in values
    )
    con.execute(
        f"""
        INSERT INTO disagreement
        WITH said AS (
          SELECT {key} AS key, _source AS source, unnest([{structs}]) AS s
          FROM ranked WHERE several GROUP BY {grain}, _source
        ),
        flat AS (
          SELECT key, source, s."column" AS "column", s.value AS value, s.place AS place
          FROM said WHERE s.value IS NOT NULL
        ),
        chosen AS (
          SELECT key, "column", arg_min(source, place) AS chosen_source, arg_min(value, place) AS chosen_value
          FROM flat GROUP BY ALL
        )
        SELECT {text(contract.name)}, f.key, f."column", f.source, f.value, c.chosen_source, c.chosen_value
        FROM flat AS f
        JOIN chosen AS c USING (key, "column")  -- one choice a row and column
        WHERE f.value <> c.chosen_value
        """
    )


def origin_query(contract: Contract) -> str:
    """SQL for the sidecar of a dataset: per row of it the raw records it came from (several where merged)."""
    grain = ", ".join(map(name, contract.grain))
    distinct = "DISTINCT" if contract.entity else ""  # one record can name an entity twice
    return f"""
        SELECT {distinct} {grain}, _source AS source, _from_feed AS feed, _from_key AS "key", _from_object AS object,
               _from_records || ' ' || _from_ordinal AS record
        FROM claimed
        ORDER BY {grain}, _source, _from_feed, _from_key, _from_records, _from_ordinal
    """
