"""From the table `read` to the table `raw` (declared types); what does not fit is set aside by field.

Columns of `read` are texts, or have their declared type already, where the feed's format has types.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldhouse.lake.duck import name, text
from fieldhouse.sources import Field, RecordSet
from fieldhouse.stages.normalize.reading import SHOWN

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CASTS = {
    "integer": "CASE WHEN regexp_full_match({t}, '-?[0-9]+') THEN TRY_CAST({t} AS BIGINT) END",
    "number": "TRY_CAST({t} AS DOUBLE)",
    "boolean": "CASE lower({t}) WHEN 'true' THEN true WHEN 'false' THEN false END",
    "date": "CASE WHEN regexp_full_match({t}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN TRY_CAST({t} AS DATE) END",
    "integers": "CASE WHEN NOT contains({t}, 'null') THEN TRY(from_json({t}, '[\"INTEGER\"]')) END",
    "list": "{t}::JSON",
    "object": "{t}::JSON",
    "text": "{t}",
}


def plain(field: Field) -> str:
    """The field's value as it was read, null where the raw text means "no value"."""
    column = f"r.{name(field.name)}"
    if not field.nulls:
        return column
    return f"CASE WHEN {column}::VARCHAR NOT IN ({', '.join(map(text, field.nulls))}) THEN {column} END"


def cast(field: Field, held: str = "VARCHAR") -> str:
    """SQL for the field's value in its declared type; a field of several types stays text.

    `held`: the type that its column of `read` has.
    """
    kind = field.types[0] if len(field.types) == 1 and held == "VARCHAR" else "text"
    return _CASTS[kind].format(t=f"({plain(field)})")


def misfit(field: Field, held: str = "VARCHAR") -> str:
    """SQL that is true where a record's value breaks the declaration."""
    value = plain(field)
    made = cast(field, held)
    breaks = [f"({value} IS NOT NULL AND {made} IS NULL)"] if made != f"({value})" else []
    if field.length:
        breaks.append(f"len({made}) <> {field.length}")
    if not field.null:
        breaks.append(f"{value} IS NULL")
    if field.values:
        breaks.append(f"{value}::VARCHAR NOT IN ({', '.join(map(text, field.values))})")
    if field.pattern:
        breaks.append(f"NOT regexp_full_match({value}::VARCHAR, {text(field.pattern)})")
    return " OR ".join(breaks)


def _declared(field: Field) -> str:
    return " or ".join(field.values or ((field.pattern,) if field.pattern else field.types)) + (
        f", {field.length} of them" if field.length else ""
    )


def make_raw(con: "DuckDBPyConnection", records: RecordSet) -> None:
    """Make the table `raw` with the record's number `_record`, its place, headers and fields; misfits go aside."""
    held = _held(con)
    breaks = {f.name: misfit(f, held[f.name]) for f in records.fields}
    cases = " ".join(f"WHEN {condition} THEN {text(field)}" for field, condition in breaks.items() if condition)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE judged AS
        SELECT r.*, {f"CASE {cases} END" if cases else "NULL"}::VARCHAR AS _misfit FROM read AS r
        """
    )
    names = [f.name for f in records.fields]
    values = " ".join(f"WHEN {text(n)} THEN {name(n)}::VARCHAR" for n in names)
    declared = " ".join(f"WHEN {text(f.name)} THEN {text(_declared(f))}" for f in records.fields)
    if names:
        con.execute(
            f"""
            INSERT INTO aside
            SELECT _object, {text(records.name)}, _ordinal, 'value: ' || _misfit, _misfit,
                   CASE _misfit {declared} END, coalesce('text that is no such value', 'nothing'),
                   left(CASE _misfit {values} END, {SHOWN})
            FROM judged WHERE _misfit IS NOT NULL
            """
        )
    fields = "".join(f", {cast(f, held[f.name])} AS {name(f.name)}" for f in records.fields)
    places = "".join(f", r.{name(h)}" for h in records.header)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE raw AS
        SELECT row_number() OVER (ORDER BY r._object, r._ordinal) AS _record, r._object, o.key AS _key, r._ordinal,
               r._at, r._up, r._path{places}{fields}
        FROM judged AS r
        JOIN object AS o USING (_object)  -- object numbers are unique
        WHERE r._misfit IS NULL
        """
    )


def _held(con: "DuckDBPyConnection") -> Mapping[str, str]:
    """The types of the columns of `read`."""
    return {row[0]: row[1] for row in con.execute("DESCRIBE read").fetchall()}
