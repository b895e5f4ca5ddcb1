"""Parquet feeds: a file's own columns and types are compared with the declared ones; values keep their types.

A file that cannot be read, lacks a column or has one of another type is set aside whole, by name. A single value that its
declared type cannot hold (a time within a date, a number that is none) sets its record aside.
"""

from typing import TYPE_CHECKING

from fieldhouse.lake.duck import name, text
from fieldhouse.sources import Field, RecordSet
from fieldhouse.stages.normalize import reading
from fieldhouse.stages.normalize.reading import SHOWN, Note
from fieldhouse.stages.normalize.shapes import Drift
from fieldhouse.stages.normalize.units import Unit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
#: Declared type → the types of a file's column that hold such values, as DuckDB calls them.
FITS = {
    "text": ("VARCHAR",),
    "integer": _WHOLE,
    "number": ("FLOAT", "DOUBLE", "DECIMAL"),
    "boolean": ("BOOLEAN",),
    "date": ("DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"),
}
#: Declared type → the type of its values in the table `read`.
HELD = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}


def read_parquet(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> list[Note]:
    """Make the table `read` of a Parquet feed, typed as declared; ordinals are the row numbers of a file."""
    fields = "".join(f", {name(f.name)} {_held(f)}" for f in records.fields)
    con.execute(
        "CREATE OR REPLACE TABLE read (_object INTEGER, _ordinal INTEGER, _at VARCHAR, _up VARCHAR, _path VARCHAR"
        f"{fields})"
    )
    notes: list[Note] = []
    for number, key, path in con.execute("SELECT _object, key, path FROM object ORDER BY _object").fetchall():
        columns = _columns(con, path)
        if columns is None:
            reading.set_aside_whole(con, number, "not Parquet", "a Parquet file", "one that cannot be read")
            continue
        drift = _drift(columns, records)
        notes.extend(Note(unit.feed.name, records.name, d, 1, key) for d in drift)
        lost = next((d for d in drift if d.kind != "new"), None)
        if lost is not None:
            reading.set_aside_whole(con, number, lost.rule, f"{lost.field}: {lost.declared}", lost.found)
            continue
        _insert(con, records, number, path, columns)
    return notes


def _columns(con: "DuckDBPyConnection", path: str) -> dict[str, str] | None:
    """A file's columns with their types; None where it is no Parquet file, or has two columns of one name."""
    import duckdb

    try:
        rows = con.execute(f"DESCRIBE FROM read_parquet({text(path)})").fetchall()
        stated = con.execute(f"SELECT name, num_children FROM parquet_schema({text(path)})").fetchall()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return None
    # DuckDB reads a second `HR`, or an `hr` beside it, under another name: then nobody knows which is meant.
    return {row[0]: row[1] for row in rows} if [row[0] for row in rows] == _top(stated) else None


def _top(stated: list[tuple[str, int | None]]) -> list[str]:
    """The names of the columns themselves, out of a schema that also lists what nested ones are made of."""
    found, inner = [], 0
    for column, children in stated[1:]:
        if not inner:
            found.append(column)
        inner = max(0, inner - 1) + (children or 0)
    return found


def _drift(columns: dict[str, str], records: RecordSet) -> list[Drift]:
    known = {at for field in records.fields for at in field.at}
    drift = [Drift("new", column, "nothing", kind.lower()) for column, kind in columns.items() if column not in known]
    for field in records.fields:
        present = [at for at in field.at if at in columns]
        if not present and not field.absent:
            drift.append(Drift("missing", field.name, f"a column of type {' or '.join(field.types)}", "no such column"))
        drift.extend(
            Drift("type", at, " or ".join(field.types), columns[at].lower())
            for at in present
            if not _fits(field, columns[at])
        )
    return drift


def _fits(field: Field, kind: str) -> bool:
    return any(kind.split("(", maxsplit=1)[0] in FITS.get(declared, ()) for declared in field.types)


def _held(field: Field) -> str:
    return HELD.get(field.types[0], "VARCHAR") if len(field.types) == 1 else "VARCHAR"


def _insert(con: "DuckDBPyConnection", records: RecordSet, number: int, path: str, columns: dict[str, str]) -> None:
    """Read one file into `read`; records with a value that the declared type cannot hold go aside."""
    import duckdb

    given = {f.name: ", ".join(["NULL", *(name(at) for at in f.at if at in columns)]) for f in records.fields}
    values = "".join(f", coalesce({value}) AS {name(f)}" for f, value in given.items())
    con.execute("DROP TABLE IF EXISTS file")
    try:
        # All columns are read before any row counts: a file that breaks off in the middle is no file.
        con.execute(
            f"""
            CREATE TEMP TABLE file AS
            SELECT file_row_number::INTEGER AS _ordinal{values}
            FROM read_parquet({text(path)}, file_row_number = true)
            """
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        said = str(error).splitlines()[0].replace(path, "the file")
        reading.set_aside_whole(con, number, "not Parquet", "Parquet pages", said[:SHOWN])
        return
    lost = " ".join(f"WHEN {_lossy(f)} THEN {text(f.name)}" for f in records.fields if _lossy(f))
    shown = " ".join(f"WHEN {text(f.name)} THEN {name(f.name)}::VARCHAR" for f in records.fields)
    declared = " ".join(f"WHEN {text(f.name)} THEN {text(' or '.join(f.types))}" for f in records.fields)
    misfit = f"CASE {lost} END" if lost else "NULL::VARCHAR"
    if lost:
        con.execute(
            f"""
            INSERT INTO aside
            SELECT {number}, {text(records.name)}, _ordinal, 'value: ' || _misfit, _misfit, CASE _misfit {declared} END,
                   'a value that is no such one', left(CASE _misfit {shown} END, {SHOWN})
            FROM (SELECT *, {misfit} AS _misfit FROM file) WHERE _misfit IS NOT NULL
            """
        )
    cast = "".join(f", TRY_CAST({name(f.name)} AS {_held(f)})" for f in records.fields)
    con.execute(
        f"""
        INSERT INTO read
        SELECT {number}, _ordinal, _ordinal::VARCHAR, '', '$'{cast} FROM file WHERE {misfit} IS NULL
        """
    )
    con.execute("DROP TABLE file")


def _lossy(field: Field) -> str:
    """SQL that is true where a value of the file is none of the declared type, although its column may be."""
    value, held = name(field.name), _held(field)
    match held:
        case "DOUBLE":
            return f"{value} IS NOT NULL AND NOT isfinite({value}::DOUBLE)"
        case "DATE":
            return (
                f"{value} IS NOT NULL AND (TRY_CAST({value} AS DATE) IS NULL OR TRY_CAST({value} AS DATE) <> {value})"
            )
        case "BIGINT":
            return f"{value} IS NOT NULL AND TRY_CAST({value} AS BIGINT) IS NULL"
        case _:
            return ""
