"""A release into PostgreSQL by `fieldhouse warehouse`, and the same rows by COPY from CSV files, as by hand.

Run as `warehousing.py LAKE RUNS`; prints JSON. Both load into an empty database of one server, in turn. By hand: a table a
dataset without any key or comment, one COPY after the other, from files that are there already; and once more with the
primary keys, which is all that the two have in common beyond rows. Ours: the whole command,
with its start, types, keys, foreign keys, indexes, comments, statistics, views and grants.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import psycopg

from fieldhouse.lake import open_store, releases
from fieldhouse.lake.releases import Table
from fieldhouse.stages.warehouse import copying, shape

HERE = Path(__file__).parent
FIELDHOUSE = str(Path(sys.executable).parent / "fieldhouse")
sys.path.insert(0, str(HERE.parent / "plugins"))

import postgres_server  # noqa: E402
from postgres_server import Server  # noqa: E402


def main(lake: str, runs: int) -> None:
    """Measure both so many times, in turn; `null` where there is no server to start."""
    if postgres_server.binaries() is None:
        print(json.dumps(None))
        return
    tables = list(releases.read(open_store(lake)).datasets.values())
    with tempfile.TemporaryDirectory(prefix="fieldhouse-csv-") as folder, postgres_server.running() as server:
        files = {table.name: _csv(lake, table, Path(folder)) for table in tables}
        seconds = [
            (_by_hand(server, tables, files), _by_hand(server, tables, files, keys=True), _ours(server, lake))
            for _ in range(runs)
        ]
    named = zip(("by_hand", "with_keys", "ours"), zip(*seconds, strict=True), strict=True)
    print(json.dumps({"rows": sum(t.rows for t in tables), **dict(named)}))


def _csv(lake: str, table: Table, folder: Path) -> Path:
    import pyarrow.parquet as pq

    path = folder / f"{table.name}.csv"
    with path.open("wb") as file:
        for part in open_store(lake).local_paths([part.path for part in table.parts]):
            for batch in pq.ParquetFile(part).iter_batches():
                file.write(copying.as_csv(batch))
    return path


def _by_hand(server: Server, tables: list[Table], files: dict[str, Path], *, keys: bool = False) -> float:
    _fresh(server)
    with psycopg.connect(server.url("bench"), autocommit=True) as con:
        for table in tables:
            columns = ", ".join(f'"{name}" {shape.sql_type(kind)}' for name, kind in shape.columns(table).items())
            con.execute(f'CREATE TABLE "{table.name}" ({columns})'.encode())
        began = perf_counter()
        for table in tables:
            with files[table.name].open("rb") as file, con.cursor().copy(
                f'COPY "{table.name}" FROM STDIN (FORMAT csv)'.encode()
            ) as to:  # fmt: skip
                while data := file.read(1 << 18):
                    to.write(data)
        for table in tables if keys else ():
            grain = ", ".join(f'"{name}"' for name in table.grain)
            con.execute(f'ALTER TABLE "{table.name}" ADD PRIMARY KEY ({grain})'.encode())
        return perf_counter() - began


def _ours(server: Server, lake: str) -> float:
    _fresh(server)
    environment = {**os.environ, "FIELDHOUSE_WAREHOUSE": server.url("bench")}
    began = perf_counter()
    subprocess.run(
        [FIELDHOUSE, "warehouse", "--lake", lake, "--json"], env=environment, check=True, capture_output=True
    )
    return perf_counter() - began


def _fresh(server: Server) -> None:
    server.sql("DROP DATABASE IF EXISTS bench WITH (FORCE)")
    server.sql("CREATE DATABASE bench")
    server.sql("CHECKPOINT")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
