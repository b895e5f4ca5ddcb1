"""Building one unit: read, check, repair, map, account for every record, write parts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldhouse.contracts import Column, Contract
from fieldhouse.errors import ConfigurationError, DataError
from fieldhouse.extract import readers
from fieldhouse.extract.readers import Left
from fieldhouse.lake import duck, memo, parts, schema
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.sources import RecordSet
from fieldhouse.stages.normalize import columnar, macros, reading, repair, strict, typed, units
from fieldhouse.stages.normalize.reading import Note
from fieldhouse.stages.normalize.units import SetMapping, Unit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CORRECTIONS = "STRUCT(rule VARCHAR, field VARCHAR, was VARCHAR, becomes VARCHAR, reason VARCHAR)"


def build(store: Store, unit: Unit, run: str = "normalize", left: Sequence[Left] = ()) -> memo.Result:
    """Do the unit's work; DataError names records that no mapping used and no rule passed over.

    `run`: whom a reader is told to work for, where the feed has one; `left`: what it made elsewhere for this run.
    """
    import duckdb

    read = readers.ensure(store, unit.shelf, unit.objects, run, left=left) if unit.shelf else None
    con = duck.connect(threads=1)  # units run side by side
    try:
        if read is None:
            reading.load(con, store, unit)
        else:
            reading.load_lines(con, unit, read)
        con.execute(repair.TABLES)
        _prepare(con, unit)
        if unit.feed.format == "json" and read is None:
            reading.load_json(con, unit)
            strict.check_documents(con, unit)
        outputs: list[Part] = []
        notes: list[Note] = []
        for records in unit.feed.records:
            notes.extend(_read(con, unit, records))
            outputs.extend(_map(con, store, unit, records))
        outputs.extend(_account(con, store, unit))
        said = (*(note.doc() for note in notes), *repair.unfitted(con, unit))
        return memo.Result(tuple(outputs), _counts(con), said)
    except duckdb.Error as error:
        raise strict.refusal(unit, error) from error
    finally:
        con.close()


def _prepare(con: "DuckDBPyConnection", unit: Unit) -> None:
    import duckdb

    con.execute("CREATE SCHEMA lookup")
    for table, path in unit.kit.lookups.items():
        con.execute(
            f"CREATE TABLE lookup.{name(table)} AS FROM read_csv({text(str(path))}, all_varchar = true, header = true)"
        )
    con.execute(macros.GENERAL)
    con.execute(macros.team_ref(unit.kit.aliases))
    try:
        con.execute(unit.kit.macros)
    except duckdb.Error as error:
        raise ConfigurationError(f"{unit.source.name}: normalize/macros.sql does not run: {error}") from error


def _read(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> list[Note]:
    match "lines" if unit.feed.reader else unit.feed.format:
        case "lines":
            notes = reading.read_lines(con, unit, records)
            strict.check_records(con, records)
        case "json":
            notes = reading.read_json(con, unit, records)
            strict.check_records(con, records)
        case "csv":
            notes = reading.read_csv(con, unit, records)
        case "parquet":
            notes = columnar.read_parquet(con, unit, records)
        case other:
            raise ConfigurationError(
                f"{unit.label}: the format {other!r} has no reader",
                hint="use json, csv or parquet, or declare a reader (docs/readers.md)",
            )
    repair.set_values(con, unit, records)
    typed.make_raw(con, records)
    repair.apply(con, unit, records)
    con.execute("CREATE OR REPLACE TABLE used (_record BIGINT)")
    return notes


def _map(con: "DuckDBPyConnection", store: Store, unit: Unit, records: RecordSet) -> list[Part]:
    _prepare_records(con, unit, records)
    outputs = [_map_one(con, store, unit, m) for m in unit.mappings if m.records == records.name]
    con.execute(
        f"""
        INSERT INTO outcome
        SELECT _object, {text(records.name)}, 'used', '', count(*) FROM raw
        SEMI JOIN used USING (_record) GROUP BY ALL
        """
    )
    lost = con.execute("SELECT _key, _ordinal FROM raw ANTI JOIN used USING (_record) ORDER BY ALL LIMIT 5").fetchall()
    if lost:
        examples = ", ".join(f"{key} {records.name} {ordinal}" for key, ordinal in lost)
        raise DataError(
            f"{unit.label}: records that no mapping uses and no rule passes over, such as {examples}",
            hint=f"map them in normalize/{records.name}/, or name a rule under passed_over in source.toml",
        )
    return [part for part in outputs if part.rows]


def _prepare_records(con: "DuckDBPyConnection", unit: Unit, records: RecordSet) -> None:
    import duckdb

    con.execute("DROP TABLE IF EXISTS records")
    sql = unit.kit.prepared.get(records.name)
    if sql:
        try:
            con.execute(f"CREATE TABLE records AS {sql}")
        except duckdb.Error as error:
            raise ConfigurationError(
                f"{unit.source.name}: normalize/{records.name}/{units.PREPARED} does not run: {error}"
            ) from error


def _map_one(con: "DuckDBPyConnection", store: Store, unit: Unit, mapping: SetMapping) -> Part:
    import duckdb

    contract = mapping.contract
    try:
        con.execute(f"CREATE OR REPLACE TABLE mapped AS {mapping.sql}")
        given = [row[0] for row in con.execute("DESCRIBE mapped").fetchall()]
        columns = _checked(mapping, given)
        selected = ",\n".join(f"m.{name(c.name)}::{schema.DUCKDB[c.type]} AS {name(c.name)}" for c in columns)
        rows = con.sql(
            f"""
            SELECT {selected}, o.sha256 AS _from_object, r._key AS _from_key,
                   {text(unit.feed.name)} AS _from_feed, {text(mapping.records)} AS _from_records,
                   r._ordinal AS _from_ordinal
            FROM mapped AS m
            JOIN raw AS r USING (_record)  -- record numbers are unique
            JOIN object AS o USING (_object)  -- object numbers are unique
            ORDER BY m._record, {", ".join(str(n + 1) for n in range(len(columns)))}
            """
        ).to_arrow_table()
        con.execute("INSERT INTO used SELECT DISTINCT _record FROM mapped")
        if "_corrections" in given:
            _note_corrections(con, mapping)
    except duckdb.Error as error:
        raise ConfigurationError(f"{mapping.path}: does not run: {error}") from error
    return parts.write(store, f"{unit.source.name}/{contract.name}", rows)


def _checked(mapping: SetMapping, given: list[str]) -> list[Column]:
    """The columns to keep; ConfigurationError where the mapping yields others than its contract asks for."""
    contract: Contract = mapping.contract
    missing = [n for n in (*contract.names, "_record") if n not in given]
    hidden = {c.name for c in contract.hidden}
    unknown = [n for n in given if n not in contract.names and n not in hidden | {"_record", "_corrections"}]
    if missing or unknown:
        raise ConfigurationError(
            f"{mapping.path}: missing columns: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}",
            hint=f"yield exactly the columns of {contract.path.name}, _record, and hidden columns it declares",
        )
    return [*contract.columns, *(c for c in contract.hidden if c.name in given)]


def _note_corrections(con: "DuckDBPyConnection", mapping: SetMapping) -> None:
    con.execute(
        f"""
        INSERT INTO correction
        SELECT r._object, {text(mapping.records)}, r._ordinal, c.rule, c.field, c.was, c.becomes, 'set', c.reason
        FROM (SELECT DISTINCT _record, _corrections::{_CORRECTIONS} AS c FROM mapped WHERE _corrections IS NOT NULL)
        JOIN raw AS r USING (_record)  -- record numbers are unique
        """
    )


def _account(con: "DuckDBPyConnection", store: Store, unit: Unit) -> list[Part]:
    """The parts that say what became of every record: accounts, corrections, and what was set aside."""
    source, feed = text(unit.source.name), text(unit.feed.name)
    con.execute("INSERT INTO outcome SELECT _object, records, 'set aside', rule, count(*) FROM aside GROUP BY ALL")
    account = con.sql(
        f"""
        SELECT {source} AS source, {feed} AS feed, o.key, o.sha256 AS object, a.records, a.outcome, a.rule,
               sum(a.count)::BIGINT AS count
        FROM outcome AS a JOIN object AS o USING (_object)  -- object numbers are unique
        GROUP BY ALL ORDER BY ALL
        """
    ).to_arrow_table()
    correction = con.sql(
        f"""
        SELECT {source} AS source, c.rule, o.sha256 AS object,
               CASE WHEN c.ordinal < 0 THEN '' ELSE c.records || ' ' || c.ordinal END AS record, o.key, c.field,
               c.was, c.becomes, c.action, c.reason
        FROM correction AS c JOIN object AS o USING (_object)  -- object numbers are unique
        ORDER BY ALL
        """
    ).to_arrow_table()
    aside = con.sql(
        f"""
        SELECT {source} AS source, {feed} AS feed, o.key, o.sha256 AS object, a.* EXCLUDE (_object)
        FROM aside AS a JOIN object AS o USING (_object)  -- object numbers are unique
        ORDER BY ALL
        """
    ).to_arrow_table()
    tables = {"core.account": account, "core.correction": correction, "aside": aside}
    return [parts.write(store, f"{unit.source.name}/{n}", table) for n, table in tables.items() if table.num_rows]


def _counts(con: "DuckDBPyConnection") -> dict[str, int]:
    rows = con.execute("SELECT outcome, sum(count)::BIGINT FROM outcome GROUP BY ALL ORDER BY ALL").fetchall()
    return dict(rows)
