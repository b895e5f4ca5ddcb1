"""Every table of the warehouse holds the rows of the release, no more and no fewer: counts, and a hash free of order."""

import io
import json
from pathlib import Path

import pytest

from fieldhouse.lake import duck, open_store, releases
from fieldhouse.lake.schema import DUCKDB
from fieldhouse.stages import warehouse
from fieldhouse.stages.warehouse import shape


def hashed(con, relation: str, columns: dict[str, str]) -> tuple[int, int]:
    """How many rows a relation of DuckDB has, and the sum of their hashes."""
    row = ", ".join(f'"{name}"::{DUCKDB[kind]} AS "{name}"' for name, kind in columns.items())
    query = f"SELECT count(*), coalesce(sum(hash(r)::HUGEINT), 0) FROM (SELECT {row} FROM {relation}) r"
    [found] = con.execute(query).fetchall()
    return found


def of_the_server(con, database, view: str, columns: dict[str, str]) -> str:
    """The rows of a view, read from PostgreSQL as CSV into DuckDB; the name of the relation."""
    import psycopg
    import pyarrow as pa
    import pyarrow.csv as pc

    # Lists come as JSON; null and the empty text are told apart by quotes.
    selected = ", ".join(f'to_json("{n}")' if "list" in k else f'"{n}"' for n, k in columns.items())
    with psycopg.connect(database.url) as session, session.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'; SET extra_float_digits = 3")
        with cursor.copy(
            f"COPY (SELECT {selected} FROM {view}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)".encode()
        ) as rows:
            text = b"".join(bytes(block) for block in rows)
    texts = pa.schema([(name, pa.string()) for name in columns])
    table = texts.empty_table() if not text else pc.read_csv(
        io.BytesIO(text),
        pc.ReadOptions(column_names=list(columns), block_size=1 << 28),
        pc.ParseOptions(newlines_in_values=True),
        pc.ConvertOptions(column_types=texts, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]),
    )  # fmt: skip
    con.register("found", table)
    lists = ", ".join(f'from_json("{n}", \'["VARCHAR"]\') AS "{n}"' for n, k in columns.items() if "list" in k)
    return f"(SELECT * REPLACE ({lists}) FROM found)" if lists else "found"


def compare(lake: Path, database) -> int:
    """Compare every table, and every public view, with the parts of the release; how many rows there were."""
    store, con = open_store(str(lake)), duck.connect()
    release = releases.read(store)
    warehouse.run(store)
    wrong, rows = [], 0
    for table in release.datasets.values():
        columns = shape.columns(table)
        wanted = hashed(con, f"read_parquet({duck.files(store, table.parts)})", columns) if table.parts else (0, 0)
        found = hashed(con, of_the_server(con, database, shape.view_of(table).full, columns), columns)
        held = database.one(f"SELECT count(*) FROM r{release.number}.{shape.table_name(table.name)}")
        rows += wanted[0]
        if wanted != found or not held == wanted[0] == table.rows:
            wrong.append((table.name, wanted, found, held))
    assert wrong == []
    return rows


def test_the_sample_is_in_the_warehouse_as_it_is_in_the_release(sample_lake, database):
    assert compare(sample_lake, database) > 1000


@pytest.mark.feeds
def test_the_release_of_the_real_feeds_is_in_the_warehouse_as_it_is(real_lake, database):
    assert compare(real_lake, database) > 1_000_000


def test_a_row_that_differs_is_found(database, shelf, teams):
    shelf.publish(core__team=teams)
    shelf.load()
    database.sql("UPDATE r1.core_team SET name = 'Ajax ' WHERE team_id = 'a'")
    with pytest.raises(AssertionError, match="core\\.team"):
        compare(Path(shelf.store.folder), database)


def test_the_shown_release_is_told_as_json(sample_lake, database, capfd):
    from fieldhouse.cli.ending import end

    assert end(["warehouse", "--lake", str(sample_lake), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["counts"]["switched"] == 1
