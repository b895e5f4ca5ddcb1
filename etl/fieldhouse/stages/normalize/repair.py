"""Reviewed repairs and named rules: what is set, dropped or passed over, counted one by one in the table `outcome`."""

from typing import TYPE_CHECKING

from fieldhouse.errors import ConfigurationError
from fieldhouse.lake.duck import name, text
from fieldhouse.sources import RecordSet
from fieldhouse.stages.normalize.units import Correction, Unit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = """
CREATE TABLE outcome (_object INTEGER, records VARCHAR, outcome VARCHAR, rule VARCHAR, count BIGINT);
CREATE TABLE correction (_object INTEGER, records VARCHAR, ordinal INTEGER, rule VARCHAR, field VARCHAR,
                         was VARCHAR, becomes VARCHAR, action VARCHAR, reason VARCHAR);
"""


def apply(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> None:
    """Apply the unit's corrections to `raw`, then take out what named rules pass over."""
    for correction in unit.corrections:
        if correction.records in ("", records.name):
            _apply_one(con, correction, records)
    for rule, predicate in records.passed_over.items():
        _take_out(con, records, rule, predicate)


def _apply_one(con: "DuckDBPyConnection", c: Correction, records: RecordSet) -> None:
    import duckdb

    where = c.selector
    if c.action == "set":
        where = f"({c.selector}) AND {name(c.field)}::VARCHAR IS NOT DISTINCT FROM {text(c.was) if c.was else 'NULL'}"
    try:
        con.execute(
            f"""
            INSERT INTO correction
            SELECT _object, {text(records.name)}, _ordinal, {text(c.rule)}, {text(c.field) if c.field else "NULL"},
                   {text(c.was) if c.was else "NULL"}, {text(c.becomes) if c.becomes else "NULL"}, {text(c.action)},
                   {text(c.reason)}
            FROM raw WHERE {where}
            """
        )
        if c.action == "set":
            becomes = text(c.becomes) if c.becomes else "NULL"
            con.execute(f"UPDATE raw SET {name(c.field)} = {becomes} WHERE {where}")
        else:
            _take_out(con, records, f"correction: {c.rule}", where)
    except duckdb.Error as error:
        raise ConfigurationError(f"corrections.csv: the rule {c.rule!r} does not run: {error}") from error


def _take_out(con: "DuckDBPyConnection", records: RecordSet, rule: str, predicate: str) -> None:
    con.execute(
        f"""
        INSERT INTO outcome
        SELECT _object, {text(records.name)}, 'passed over', {text(rule)}, count(*) FROM raw WHERE {predicate} GROUP BY ALL
        """
    )
    con.execute(f"DELETE FROM raw WHERE {predicate}")
