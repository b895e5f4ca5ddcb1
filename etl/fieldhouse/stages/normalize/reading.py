"""From objects to the table `read`: one row a raw record, every declared field as text, checked against its schema.

What cannot be read is put into the table `aside` with its reason; nothing is dropped silently.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from fieldhouse.lake import duck, objects
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.store import Store
from fieldhouse.sources import Field, RecordSet
from fieldhouse.stages.normalize import archived, shapes, steps
from fieldhouse.stages.normalize.shapes import Drift
from fieldhouse.stages.normalize.units import Unit

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

ASIDE = """
CREATE TABLE aside (_object INTEGER, records VARCHAR, ordinal INTEGER, rule VARCHAR, field VARCHAR,
                    declared VARCHAR, found VARCHAR, value VARCHAR)
"""
#: Characters of a raw value that a message or a set-aside row shows.
SHOWN = 200


@dataclass(frozen=True)
class Note:
    """Something a reader noticed about a unit: a drift with its count and the first record that shows it."""

    feed: str
    records: str
    drift: Drift
    count: int
    example: str

    def doc(self) -> dict[str, object]:
        """As it stands in receipts."""
        return {
            **asdict(self.drift),
            "feed": self.feed,
            "records": self.records,
            "count": self.count,
            "example": self.example,
        }


def load(con: "DuckDBPyConnection", store: Store, unit: Unit) -> None:
    """Make the table `object`: the unit's objects, numbered in the order of keys, with local paths."""
    con.execute("CREATE TABLE object (_object INTEGER, key VARCHAR, sha256 VARCHAR, path VARCHAR)")
    paths = objects.local_paths(store, [o.sha256 for o in unit.objects])
    rows = [(n, o.key, o.sha256, str(path)) for n, (o, path) in enumerate(zip(unit.objects, paths, strict=True))]
    duck.insert(con, "object", rows)
    con.execute(ASIDE)


def load_lines(con: "DuckDBPyConnection", unit: Unit, read: "pa.Table") -> None:
    """Make the tables `object` and `line` of a feed whose records a reader has made; what it set aside is aside."""
    con.execute("CREATE TABLE object (_object INTEGER, key VARCHAR, sha256 VARCHAR)")
    duck.insert(con, "object", [(n, o.key, o.sha256) for n, o in enumerate(unit.objects)])
    con.execute(ASIDE)
    con.register("records_read", read)
    con.execute(
        f"""
        CREATE TABLE line AS
        SELECT o._object, r.records, r.ordinal, r.record
        FROM records_read AS r
        JOIN object AS o ON o.sha256 = r.object  -- equal bytes under two keys: each key has its own records
        WHERE r.records <> '';
        INSERT INTO aside
        SELECT o._object, '', -1, coalesce(r.record->>'$.rule', 'not read'), '', 'a file that can be read',
               coalesce(r.record->>'$.found', ''), left(coalesce(r.record->>'$.value', ''), {SHOWN})
        FROM records_read AS r
        JOIN object AS o ON o.sha256 = r.object  -- one row a key
        WHERE r.records = '' AND r.record IS NOT NULL;
        """
    )
    con.unregister("records_read")


def read_lines(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> list[Note]:
    """Make the table `read` of a record set from `line`; returns the drift that was found."""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE exploded AS
        SELECT _object, ordinal AS _ordinal, ordinal::VARCHAR AS _at, '' AS _up, '$' AS _path, record::JSON AS _raw,
               json_structure(record)::VARCHAR AS _shape
        FROM line WHERE records = {text(records.name)}
        """
    )
    return _judge(con, unit, records)


def load_json(con: "DuckDBPyConnection", unit: Unit) -> None:
    """Make the table `doc`: the JSON text of each object that is JSON; the others are set aside whole."""
    if unit.feed.packed:
        archived.load(con, unit)
        return
    paths = ", ".join(text(path) for (path,) in con.execute("SELECT path FROM object ORDER BY _object").fetchall())
    con.execute(
        f"""
        CREATE TABLE doc AS
        SELECT o._object, ltrim(TRY(decode(b.content)), chr(65279)) AS content
        FROM read_blob([{paths}]) AS b
        JOIN object AS o ON o.path = b.filename  -- equal bytes under two keys are one path: each key has its own row
        """
    )
    con.execute(
        """
        INSERT INTO aside
        SELECT _object, '', -1, 'not JSON', '', 'JSON', 'something else', left(content, 200)
        FROM doc WHERE content IS NULL OR NOT json_valid(content)
        """
    )
    con.execute("DELETE FROM doc WHERE content IS NULL OR NOT json_valid(content)")


def read_json(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> list[Note]:
    """Make the table `read` of a record set from `doc`; returns the drift that was found."""
    con.execute(f"CREATE OR REPLACE TABLE exploded AS {explode(records)}")
    return [*_judge(con, unit, records), *_top_level(con, unit, records)]


def _judge(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> list[Note]:
    """From `exploded`, raw records with their shapes, to `read`; records of a wrong shape go aside."""
    found = con.execute("SELECT DISTINCT _shape FROM exploded ORDER BY _shape").fetchall()
    judge = shapes.judge_texts if unit.feed.castable else shapes.judge
    verdicts = {shape: judge(json.loads(shape), records.fields) for (shape,) in found}
    con.execute(
        "CREATE OR REPLACE TABLE verdict (shape VARCHAR, rule VARCHAR, field VARCHAR, declared VARCHAR, found VARCHAR)"
    )
    bad = [(shape, *_first(drift)) for shape, drift in verdicts.items() if _first(drift)]
    duck.insert(con, "verdict", bad)
    paths = [f"$.{at}" for field in records.fields for at in _deepest_first(field)]
    con.execute(
        f"""
        CREATE OR REPLACE TABLE read AS
        SELECT * EXCLUDE (_raw, _shape, _values), {_columns(records.fields)}
        FROM (SELECT *, json_extract_string(_raw, {paths!r}) AS _values
              FROM exploded
              WHERE _shape NOT IN (SELECT shape FROM verdict))
        """
    )
    con.execute(
        f"""
        INSERT INTO aside
        SELECT e._object, {text(records.name)}, e._ordinal, v.rule, v.field, v.declared, v.found,
               left(coalesce(e._raw->>(CASE WHEN v.field = '' THEN '$' ELSE '$.' || v.field END), e._raw::VARCHAR), {SHOWN})
        FROM exploded AS e
        JOIN verdict AS v ON e._shape = v.shape  -- one verdict a shape
        """
    )
    return list(_notes(con, unit, records, verdicts))


def _first(drift: Sequence[Drift]) -> tuple[str, str, str, str] | tuple[()]:
    worst = next((d for d in drift if d.kind != "new"), None)
    return (worst.rule, worst.field, worst.declared, worst.found) if worst else ()


def _deepest_first(field: Field) -> list[str]:
    return sorted(field.at, key=lambda at: -at.count("."))


def _columns(fields: Sequence[Field]) -> str:
    position, columns = 1, []
    for field in fields:
        values = ", ".join(_value(field, position + n) for n in range(len(field.at)))
        columns.append(f"coalesce({values}) AS {name(field.name)}")
        position += len(field.at)
    return ",\n".join(columns)


def _value(field: Field, position: int) -> str:
    value = f"_values[{position}]"
    # A list may stand where other records have an object whose fields are declared, too: then it is not the list.
    return f"CASE WHEN {value} LIKE '[%' THEN {value} END" if set(field.types) <= {"list", "integers"} else value


def explode(records: RecordSet) -> str:
    """SQL that turns documents into rows: one branch a path, one level a `[*]` or `.*`."""
    branches = [_branch(records, path, number) for number, path in enumerate(records.paths)]
    return f"""
        SELECT * EXCLUDE (_no, _ats), json_structure(_raw)::VARCHAR AS _shape,
               (row_number() OVER (PARTITION BY _object ORDER BY _no, _ats) - 1)::INTEGER AS _ordinal
        FROM ({" UNION ALL BY NAME ".join(branches)})
    """


def _branch(records: RecordSet, path: str, number: int) -> str:
    sql = f"""
        SELECT _object, content::JSON AS _j, ''::VARCHAR AS _up, ''::VARCHAR AS _at, []::INTEGER[] AS _ats
               {_headers(records, path, 0)}
        FROM (SELECT _object, content, content::JSON AS _j FROM doc)
    """
    for level, step in enumerate(steps.levels(path), start=1):
        # One level down: the list, then its elements with their numbers, then the headers that stand at this level.
        sql = f"""
            SELECT * EXCLUDE (_i, _at, _ats), _at AS _up,
                   concat_ws('.', nullif(_at, ''), _i::VARCHAR) AS _at, list_append(_ats, _i) AS _ats
                   {_headers(records, path, level)}
            FROM (SELECT * EXCLUDE (_l, _j, _up), unnest(range(len(_l)))::INTEGER AS _i, unnest(_l) AS _j
                  FROM (SELECT *, json_extract(_j, {text("$" + step)}) AS _l FROM ({sql})))
        """
    return f"SELECT * EXCLUDE (_j), _j AS _raw, {number} AS _no, {text(path)} AS _path FROM ({sql})"


def _headers(records: RecordSet, path: str, level: int) -> str:
    """The header columns that stand at this level of this path."""
    prefix = steps.place(path, level)
    columns = []
    for header, places in records.header.items():
        for place in places:
            rest = place.removeprefix(prefix)
            if place.startswith(prefix) and len(steps.levels(place)) == level:
                value = f"json_extract_string(_j, {text('$' + rest)})" if rest else "_j"
                columns.append(f", {value} AS {name(header)}")
    return "".join(columns)


def _notes(
    con: "DuckDBPyConnection", unit: Unit, records: RecordSet, verdicts: dict[str, list[Drift]]
) -> Iterator[Note]:
    drifted = {shape: drift for shape, drift in verdicts.items() if drift}
    if not drifted:
        return
    counts = con.execute(
        """
        SELECT e._shape, count(*), min_by(o.key, (e._object, e._ordinal)),
               min_by(e._ordinal, (e._object, e._ordinal))
        FROM exploded AS e JOIN object AS o USING (_object)  -- object numbers are unique
        GROUP BY ALL ORDER BY min((e._object, e._ordinal))
        """
    ).fetchall()
    seen: dict[Drift, tuple[int, str]] = {}
    for shape, count, key, ordinal in counts:
        for drift in drifted.get(shape, ()):
            before, example = seen.get(drift, (0, f"{key}, {records.name} {ordinal}"))
            seen[drift] = (before + count, example)
    for drift, (count, example) in seen.items():
        yield Note(unit.feed.name, records.name, drift, count, example)


def _top_level(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> Iterator[Note]:
    """Fields beside the records that nobody declared, and documents that have the records in no declared place."""
    places = [p for r in unit.feed.records for p in (*r.paths, *(h for hs in r.header.values() for h in hs))]
    named = {p.removeprefix("$").lstrip(".").split(".")[0].split("[")[0] for p in places}
    known = sorted({*named, *unit.feed.unread} - {""})
    rows = con.execute(
        f"""
        SELECT field, count(*), min_by(o.key, _object)
        FROM (SELECT _object, unnest(json_keys(content)) AS field FROM doc WHERE json_type(content) = 'OBJECT')
        JOIN object AS o USING (_object)  -- object numbers are unique
        WHERE field NOT IN (SELECT unnest({known!r}::VARCHAR[])) GROUP BY ALL ORDER BY field
        """
    ).fetchall()
    for field, count, key in rows:
        if records is unit.feed.records[0] and not any(p == "$" for p in records.paths):
            yield Note(unit.feed.name, "", Drift("new", field, "nothing", "something"), count, key)


def read_csv(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> list[Note]:
    """Make the table `read` of a CSV feed: header lines are compared, cells are text, ordinals are per file."""
    columns = ", ".join(f"{name(field.name)} VARCHAR" for field in records.fields)
    con.execute(
        "CREATE OR REPLACE TABLE read (_object INTEGER, _ordinal INTEGER, _at VARCHAR, _up VARCHAR, _path VARCHAR"
        f"{', ' if columns else ''}{columns})"
    )
    notes: list[Note] = []
    for number, key, path in con.execute("SELECT _object, key, path FROM object ORDER BY _object").fetchall():
        header = _header_line(path, unit.feed.quote)
        if header is None:
            set_aside_whole(con, number, "not CSV", "a header line", "nothing that reads as one")
            continue
        drift = _header_drift(header, records)
        notes.extend(Note(unit.feed.name, records.name, d, 1, key) for d in drift)
        lost = next((d for d in drift if d.kind == "missing"), None)
        if lost is not None:
            set_aside_whole(con, number, lost.rule, f"a column {lost.field}", f"columns {', '.join(header)}"[:SHOWN])
            continue
        _insert(con, unit, records, number, path, header)
    return notes


def set_aside_whole(con: "DuckDBPyConnection", number: int, rule: str, declared: str, found: str) -> None:
    """Put a whole object aside: one row with its reason, whatever it holds."""
    con.execute("INSERT INTO aside VALUES (?, '', -1, ?, '', ?, ?, '')", [number, rule, declared, found])


def _header_line(path: str, quote: str) -> list[str] | None:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file, quotechar=quote, strict=True), None)
    except (UnicodeDecodeError, csv.Error):
        return None
    if not header or len(set(header)) != len(header) or "" in header:
        return None
    return header


def _header_drift(header: list[str], records: RecordSet) -> list[Drift]:
    declared = {at: field for field in records.fields for at in field.at}
    drift = [Drift("new", column, "nothing", "a column") for column in header if column not in declared]
    for field in records.fields:
        if not field.absent and not any(at in header for at in field.at):
            drift.append(Drift("missing", field.name, "a column", "nothing"))
    known = [column for column in header if column in declared]
    wanted = [at for at in declared if at in header]
    if known != wanted:
        drift.append(Drift("new", "(order)", ",".join(wanted), ",".join(known)))
    return drift


def _insert(
    con: "DuckDBPyConnection", unit: Unit, records: RecordSet, number: int, path: str, header: list[str]
) -> None:
    """Read one file into `read`, quickly if every line has the header's cells, else line by line."""
    import duckdb

    picked = ", ".join(
        "coalesce(" + ", ".join(["NULL", *(name(at) for at in field.at if at in header)]) + ")"
        for field in records.fields
    )
    types = ", ".join(f"{text(column)}: 'VARCHAR'" for column in header)
    quote = text(unit.feed.quote)
    try:
        con.execute(
            f"""
            INSERT INTO read
            SELECT {number}, _n, _n::VARCHAR, '', '$', {picked}
            FROM (SELECT *, (row_number() OVER () - 1)::INTEGER AS _n
                  FROM read_csv({text(path)}, columns = {{{types}}}, header = true, delim = ',', quote = {quote},
                                escape = {quote}, null_padding = false, strict_mode = true, auto_detect = false))
            """
        )
    except duckdb.Error:
        _insert_line_by_line(con, unit, records, number, path, header)


def _insert_line_by_line(
    con: "DuckDBPyConnection", unit: Unit, records: RecordSet, number: int, path: str, header: list[str]
) -> None:
    """Read a file that has bad lines: the good ones go to `read`, the bad ones aside with what is wrong."""
    good: list[list[object]] = []
    bad: list[list[object]] = []
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, quotechar=unit.feed.quote, strict=True)
            next(reader)
            for ordinal, cells in enumerate(line for line in reader if line):
                if len(cells) == len(header):
                    row = dict(zip(header, (cell or None for cell in cells), strict=True))
                    values = [next((row[at] for at in f.at if row.get(at) is not None), None) for f in records.fields]
                    good.append([number, ordinal, str(ordinal), "", "$", *values])
                else:
                    found = f"{len(cells)} cells in line {reader.line_num}"
                    bad.append(
                        [
                            number,
                            records.name,
                            ordinal,
                            "cells",
                            "",
                            f"{len(header)} cells",
                            found,
                            ",".join(cells)[:SHOWN],
                        ]
                    )
    except (UnicodeDecodeError, csv.Error) as error:
        set_aside_whole(con, number, "not CSV", "CSV in UTF-8", str(error))
        return
    duck.insert(con, "aside", bad)
    duck.insert(con, "read", good)
