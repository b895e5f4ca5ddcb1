"""Reviewed repairs and named rules: what is set, dropped or passed over, counted one by one in the table `outcome`."""

import re
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
CREATE TABLE fitted (correction INTEGER);
"""
#: How a note calls a correction that fits no record; it is stale where no bucket of its feed has one.
STALE = "stale correction"


def set_values(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> None:
    """Apply the corrections that set a field to `read`, where it is still the text that the feed has."""
    for number, correction in enumerate(unit.corrections):
        if correction.action == "set" and correction.records in ("", records.name):
            _set_one(con, number, correction, records)


def apply(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> None:
    """Drop from `raw` what corrections drop, then take out what named rules pass over."""
    for number, correction in enumerate(unit.corrections):
        if correction.action != "set" and correction.records in ("", records.name):
            _drop_one(con, number, correction, records)
    for rule, predicate in records.passed_over.items():
        _take_out(con, records, rule, predicate)


def unfitted(con: "DuckDBPyConnection", unit: Unit) -> list[dict[str, object]]:
    """A note for every correction that fitted no record of this unit."""
    fitted = {number for (number,) in con.execute("SELECT DISTINCT correction FROM fitted").fetchall()}
    return [
        {"note": STALE, "feed": c.feed, "rule": c.rule, "selector": c.selector, "field": c.field, "was": c.was}
        for number, c in enumerate(unit.corrections)
        if number not in fitted
    ]


def named_keys(selector: str) -> set[str]:
    """The files that a correction's selector names: `_key = '2019-20/ru.2.json'`."""
    return set(re.findall(r"\b_key\s*=\s*'([^']+)'", selector))


def _set_one(con: "DuckDBPyConnection", number: int, c: Correction, records: RecordSet) -> None:
    was = text(c.was) if c.was else "NULL"
    hit = f"""
        SELECT r._object, r._ordinal
        FROM (SELECT r.*, o.key AS _key FROM read AS r JOIN object AS o USING (_object)) AS r  -- numbers are unique
        WHERE ({c.selector}) AND {name(c.field)} IS NOT DISTINCT FROM {was}
    """
    becomes = text(c.becomes) if c.becomes else "NULL"
    statements = (
        f"CREATE OR REPLACE TABLE hit AS {hit}",
        f"UPDATE read SET {name(c.field)} = {becomes} FROM hit "
        "WHERE read._object = hit._object AND read._ordinal = hit._ordinal",
    )
    _run(con, c, *statements)
    _count(con, number, c, records)


def _drop_one(con: "DuckDBPyConnection", number: int, c: Correction, records: RecordSet) -> None:
    if c.action == "drop_object":
        _run(
            con,
            c,
            f"CREATE OR REPLACE TABLE hit AS SELECT DISTINCT _object, -1 AS _ordinal FROM raw WHERE {c.selector}",
        )
        which = "_object IN (SELECT _object FROM hit)"
    else:
        _run(con, c, f"CREATE OR REPLACE TABLE hit AS SELECT _object, _ordinal FROM raw WHERE {c.selector}")
        which = "(_object, _ordinal) IN (SELECT (_object, _ordinal) FROM hit)"
    _count(con, number, c, records)
    _take_out(con, records, f"correction: {c.rule}", which)


def _run(con: "DuckDBPyConnection", c: Correction, *statements: str) -> None:
    import duckdb

    try:
        for statement in statements:
            con.execute(statement)
    except duckdb.Error as error:
        raise ConfigurationError(f"corrections.csv: the rule {c.rule!r} does not run: {error}") from error


def _count(con: "DuckDBPyConnection", number: int, c: Correction, records: RecordSet) -> None:
    field, was, becomes = (text(value) if value else "NULL" for value in (c.field, c.was, c.becomes))
    con.execute(
        f"""
        INSERT INTO correction
        SELECT _object, {text(records.name)}, _ordinal, {text(c.rule)}, {field}, {was}, {becomes}, {text(c.action)},
               {text(c.reason)}
        FROM hit
        """
    )
    con.execute(f"INSERT INTO fitted SELECT {number} FROM hit LIMIT 1")


def _take_out(con: "DuckDBPyConnection", records: RecordSet, rule: str, predicate: str) -> None:
    con.execute(
        f"""
        INSERT INTO outcome
        SELECT _object, {text(records.name)}, 'passed over', {text(rule)}, count(*) FROM raw WHERE {predicate} GROUP BY ALL
        """
    )
    con.execute(f"DELETE FROM raw WHERE {predicate}")
