"""From the table `read` (texts) to the table `raw` (declared types); what does not fit is set aside by field."""

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
    """The field's text, null where the raw text means "no value"."""
    column = f"r.{name(field.name)}"
    if not field.nulls:
        return column
    return f"CASE WHEN {column} NOT IN ({', '.join(map(text, field.nulls))}) THEN {column} END"


def cast(field: Field) -> str:
    """SQL for the field's value in its declared type; a field of several types stays text."""
    kind = field.types[0] if len(field.types) == 1 else "text"
    return _CASTS[kind].format(t=f"({plain(field)})")


def misfit(field: Field) -> str:
    """SQL that is true where a record's value breaks the declaration."""
    value = plain(field)
    breaks = [f"({value} IS NOT NULL AND {cast(field)} IS NULL)"] if cast(field) != value else []
    if field.length:
        breaks.append(f"len({cast(field)}) <> {field.length}")
    if not field.null:
        breaks.append(f"{value} IS NULL")
    if field.values:
        breaks.append(f"{value} NOT IN ({', '.join(map(text, field.values))})")
    return " OR ".join(breaks)


def _declared(field: Field) -> str:
    return " or ".join(field.values or field.types) + (f", {field.length} of them" if field.length else "")


def make_raw(con: "DuckDBPyConnection", records: RecordSet) -> None:
    """Make the table `raw` with the record's number `_record`, its place, headers and fields; misfits go aside."""
    cases = " ".join(f"WHEN {misfit(f)} THEN {text(f.name)}" for f in records.fields if misfit(f))
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
    fields = "".join(f", {cast(f)} AS {name(f.name)}" for f in records.fields)
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
