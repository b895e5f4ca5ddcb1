"""Parts are the same bytes wherever and however they are written."""

import datetime
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse.errors import InternalError
from fieldhouse.lake import Store, parts
from fieldhouse.lake.parts import Part

#: Writes one table of all types of contracts, sorted by DuckDB, and prints its hash.
PROGRAM = """
import hashlib
from fieldhouse.lake import duck, parts
con = duck.connect()
query = '''
  SELECT 'name ' || (i * 7919 % 1000) AS text, i % 3 = 0 AS flag, (i % 100)::SMALLINT AS small, i::INTEGER AS int,
         i::BIGINT * 1000003 AS big, i / 7 AS float, DATE '2000-01-01' + (i % 5000)::INTEGER AS day,
         TIMESTAMPTZ '2000-01-01 12:00:00+00' + INTERVAL (i) MINUTE AS instant, ['a', 'b' || i % 5] AS list,
         CASE WHEN i % 4 = 0 THEN 'now and then' END AS gaps
  FROM range(150000) AS r(i) ORDER BY text, int
'''
print(hashlib.sha256(parts.encode(con.sql(query).to_arrow_table())).hexdigest())
"""


def elsewhere(**environment: str) -> str:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=env, check=True, capture_output=True, text=True).stdout


def test_bytes_do_not_depend_on_zone_hash_seed_threads_locale_or_folder(tmp_path: Path) -> None:
    here = elsewhere(TZ="UTC", PYTHONHASHSEED="0", FIELDHOUSE_THREADS="1", FIELDHOUSE_SCRATCH=str(tmp_path / "a"))
    there = elsewhere(
        TZ="Pacific/Chatham",
        PYTHONHASHSEED="4711",
        FIELDHOUSE_THREADS="3",
        FIELDHOUSE_MEMORY="300MB",
        FIELDHOUSE_SCRATCH=str(tmp_path / "another folder"),
        LC_ALL="C",
    )
    assert here == there


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.tuples(st.none() | st.text(max_size=5), st.integers(0, 9), st.floats(allow_nan=False)), max_size=40
    ),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_bytes_do_not_depend_on_how_the_rows_arrived(
    rows: list[tuple[str | None, int, float]], cuts: list[int]
) -> None:
    import pyarrow as pa

    schema = pa.schema([("t", pa.string()), ("i", pa.int32()), ("f", pa.float64())])
    whole = pa.Table.from_pylist([dict(zip("tif", row, strict=True)) for row in rows], schema=schema)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    pieces = [whole.slice(a, b - a) for a, b in itertools.pairwise(edges)]
    assert parts.encode(pa.concat_tables([schema.empty_table(), *pieces])) == parts.encode(whole)


def test_a_part_is_named_by_its_bytes_and_lies_in_its_dataset(store: Store, part: Callable[..., Part]) -> None:
    made = part(1, 2, 3)
    assert made.path == f"parts/core.team/{made.sha256}.parquet"
    assert (made.rows, made.bytes) == (3, len(store.get(made.path)))
    assert part(1, 2, 3) == made
    assert part(1, 2).path != made.path


def test_a_part_knows_the_range_of_its_columns(store: Store) -> None:
    import pyarrow as pa

    table = pa.table({"day": [datetime.date(2020, 5, 1), None, datetime.date(2019, 1, 2)], "n": ["b", "a", None]})
    made = parts.write(store, "d.t", table, partition="2010", stats=("day", "n"))
    assert made.stats == {"day": ("2019-01-02", "2020-05-01"), "n": ("a", "b")}
    assert parts.from_doc(made.doc()) == made


def test_a_part_without_rows_has_no_ranges(store: Store) -> None:
    import pyarrow as pa

    assert parts.write(store, "d.t", pa.table({"n": pa.array([], pa.string())}), stats=("n",)).stats == {}


def test_ranges_are_plain_values(store: Store) -> None:
    import pyarrow as pa

    with pytest.raises(InternalError, match="no range can be recorded"):
        parts.write(store, "d.t", pa.table({"n": [b"bytes"]}), stats=("n",))


def test_half_a_part_does_not_exist(store: Store, part: Callable[..., Part]) -> None:
    made = part(1, 2, 3)
    assert store.holds({made.path: made.bytes})
    store.hint(made.path, store.get(made.path)[:-1])
    assert not store.holds({made.path: made.bytes})
    assert part(1, 2, 3) == made
    assert store.holds({made.path: made.bytes})


def test_a_part_is_plain_parquet(store: Store) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {"n": [1, 2], "names": [["a"], None], "f": [0.5, None], "when": pa.array([0, 1], pa.timestamp("us", "UTC"))}
    )
    made = parts.write(store, "d.t", table)
    assert pq.read_table(store.local(made.path)).equals(table)
