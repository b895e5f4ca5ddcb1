"""The product's own SQL in one DuckDB session, on the same files, with the same writer, and nothing else.

No strictness, no accounting, no provenance, no memory of results: what normalize and denormalize would cost without them.
Run as `bare.py LAKE OUTPUT`, on a lake that holds a release; prints the CPU seconds of the work as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator

import duckdb

from fieldhouse import contracts as declared
from fieldhouse import settings, sources
from fieldhouse.lake import duck, landings, objects, open_store, parts, releases, schema, tables
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.store import Store
from fieldhouse.sources import Field, RecordSet, Source
from fieldhouse.stages import denormalize
from fieldhouse.stages.normalize import build, reading, units
from fieldhouse.stages.normalize.units import SetMapping, Unit

Rows = list[tuple[int, str, str, str]]


def main(lake: str, output: str) -> None:
    """Do all the work once and say what it cost."""
    store, out = open_store(lake), open_store(output)
    start = time.process_time()
    for source in sources.load_all().values():
        for unit in _whole_feeds(store, source):
            _normalize(store, out, unit)
    between = time.process_time()
    _denormalize(store, out)
    end = time.process_time()
    print(json.dumps({"normalize": between - start, "denormalize": end - between}))


def _whole_feeds(store: Store, source: Source) -> Iterator[Unit]:
    """Every feed as one unit, whatever its number of buckets."""
    newest = max(landings.numbers(store, source.name), default=0)
    landed = landings.snapshot(store, source.name, newest)
    kit = units.read_kit(source, settings.home())
    for feed in source.feeds.values():
        items = tuple(sorted(item for item in landed.values() if item.feed == feed.name))
        if feed.records and items:
            yield Unit(source, feed, 0, items, units.mappings(source, feed, declared.load_all()), (), kit)


def _normalize(store: Store, out: Store, unit: Unit) -> None:
    con = duck.connect()
    rows = [(n, o.key, o.sha256, str(objects.local(store, o.sha256))) for n, o in enumerate(unit.objects)]
    con.execute("CREATE TABLE object (_object INTEGER, key VARCHAR, sha256 VARCHAR, path VARCHAR)")
    duck.insert(con, "object", rows)
    build._prepare(con, unit)
    if unit.feed.format == "json":
        texts = f"read_text([{', '.join(text(row[3]) for row in rows)}])"
        con.execute(f"CREATE TABLE doc AS SELECT _object, content FROM {texts} AS t JOIN object ON path = filename")
    for records in unit.feed.records:
        passed_over = " OR ".join(f"coalesce({rule}, false)" for rule in records.passed_over.values()) or "false"
        con.execute(
            f"""
            CREATE OR REPLACE TABLE raw AS
            SELECT row_number() OVER () AS _record, * FROM (
              SELECT r.* EXCLUDE ({", ".join(name(f.name) for f in records.fields)}), o.key AS _key,
                     {", ".join(f"{_cast(f)} AS {name(f.name)}" for f in records.fields)}
              FROM ({_READ[unit.feed.format](unit, records, rows)}) AS r
              JOIN object AS o USING (_object)
            ) WHERE NOT ({passed_over})
            """
        )
        build._prepare_records(con, unit, records)
        for mapping in (m for m in unit.mappings if m.records == records.name):
            _write_mapped(con, out, mapping)
    con.close()


def _json(unit: Unit, records: RecordSet, rows: Rows) -> str:
    paths = [f"$.{at}" for field in records.fields for at in reading._deepest_first(field)]
    return f"""
        SELECT * EXCLUDE (_raw, _shape, _values), {reading._columns(records.fields)}
        FROM (SELECT *, json_extract_string(_raw, {paths!r}) AS _values FROM ({reading.explode(records)}))
    """


def _csv(unit: Unit, records: RecordSet, rows: Rows) -> str:
    quote = text(unit.feed.quote)
    return " UNION ALL ".join(
        f"SELECT {number} AS _object, {_PLACE}, {_picked(records)} FROM read_csv({text(path)}, all_varchar = true, "
        f"header = true, delim = ',', quote = {quote}, escape = {quote})"
        for number, _, _, path in rows
    )


def _parquet(unit: Unit, records: RecordSet, rows: Rows) -> str:
    return " UNION ALL ".join(
        f"SELECT {number} AS _object, {_PLACE}, {_picked(records)} FROM read_parquet({text(path)})"
        for number, _, _, path in rows
    )


_READ = {"json": _json, "csv": _csv, "parquet": _parquet}
_PLACE = "row_number() OVER () - 1 AS _ordinal, (row_number() OVER () - 1)::VARCHAR AS _at, '' AS _up, '$' AS _path"


def _picked(records: RecordSet) -> str:
    return ", ".join(f"{name(f.at[0])} AS {name(f.name)}" for f in records.fields)


def _cast(field: Field) -> str:
    column = f"r.{name(field.name)}"
    for null in field.nulls:
        column = f"nullif({column}, {text(null)})"
    kind = field.types[0] if len(field.types) == 1 else "text"
    if kind == "integers":
        return f"TRY(from_json({column}, '[\"INTEGER\"]'))"
    return f"TRY_CAST({column} AS {_TYPES[kind]})" if kind in _TYPES else column


_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "list": "JSON",
    "object": "JSON",
}


def _write_mapped(con: duckdb.DuckDBPyConnection, out: Store, mapping: SetMapping) -> None:
    columns = ", ".join(f"{name(c.name)}::{schema.DUCKDB[c.type]} AS {name(c.name)}" for c in mapping.contract.columns)
    rows = con.sql(f"SELECT {columns} FROM ({mapping.sql}) ORDER BY ALL").to_arrow_table()
    parts.write(out, mapping.contract.name, rows)


def _denormalize(store: Store, out: Store) -> None:
    release = releases.read(store, releases.newest(store))
    available = {n: table.parts for n, table in release.datasets.items()}
    available |= {f"{n}.origin": found for n, found in release.origins.items()}
    contracts = declared.load_all()
    domains = sorted({c.domain for c in contracts.values() if c.layer == "denormalized"})
    con = duck.connect()
    for contract in (c for domain in domains for c in denormalize.ordered(domain, contracts)):
        sql = contract.sql_path.read_text(encoding="utf-8")
        for dataset in sorted(declared.reads(sql)):
            denormalize._view(con, store, dataset, contract, contracts, available)
        con.execute(f"CREATE OR REPLACE TABLE built AS {sql}")
        tables.write(out, con, contract, "SELECT * FROM built")
    con.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
