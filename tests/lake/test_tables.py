"""Queries become parts: a contract's columns, types and total order; one part a decade."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fieldhouse.contracts import Column, Contract
from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import Store, duck, tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@pytest.fixture
def con() -> "Iterator[DuckDBPyConnection]":
    """A session of its own."""
    session = duck.connect()
    yield session
    session.close()


def contract(partition: str = "", sort: tuple[str, ...] = (), **types: str) -> Contract:
    columns = tuple(Column(name, type_, "doc", null=True) for name, type_ in types.items())
    return Contract(
        "d.t", "T", "", "normalized", "1.0.0", ("id",), sort, columns, partition=partition, path=Path("d/t.toml")
    )


def rows(store: Store, found: object) -> list[list[dict]]:
    import pyarrow.parquet as pq

    return [pq.read_table(store.local(part.path)).to_pylist() for part in found]


def test_rows_are_in_the_contracts_order_whatever_the_querys(store: Store, con: "DuckDBPyConnection") -> None:
    wanted = contract(sort=("n",), id="string", n="int32")
    query = "FROM (VALUES ('b', 2), ('c', 1), ('a', 2), ('d', NULL)) AS t(id, n)"
    one = tables.write(store, con, wanted, f"SELECT id, n {query}")
    two = tables.write(store, con, wanted, f"SELECT n, id, 'more' AS more {query} ORDER BY id DESC")
    assert one == two
    assert [row["id"] for row in rows(store, one)[0]] == ["d", "c", "a", "b"]
    assert one[0].stats == {"n": (1, 2)}


@pytest.mark.parametrize(
    ("type_", "values", "expected"),
    [
        ("date", "('a', DATE '2019-12-31'), ('b', DATE '2020-01-01'), ('c', NULL)", ["", "2010", "2020"]),
        ("string", "('a', '1999-00'), ('b', '2000-01'), ('c', '2009')", ["1990", "2000"]),
        ("int32", "('a', 1989), ('b', 1990), ('c', 1999)", ["1980", "1990"]),
    ],
)
def test_a_partition_is_a_decade(
    store: Store, con: "DuckDBPyConnection", type_: str, values: str, expected: list[str]
) -> None:
    found = tables.write(
        store, con, contract("when", id="string", when=type_), f'FROM (VALUES {values}) AS t(id, "when")'
    )
    assert [part.partition for part in found] == expected
    assert sorted(row["id"] for part in rows(store, found) for row in part) == ["a", "b", "c"]
    assert all(set(row) == {"id", "when"} for part in rows(store, found) for row in part)


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_however_rows_come_in_the_parts_are_the_same(
    store: Store, con: "DuckDBPyConnection", monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    wanted = contract("when", id="string", when="int32")
    query = 'SELECT n::VARCHAR AS id, CASE WHEN n % 5 > 0 THEN 1970 + n END AS "when" FROM range(40) AS t(n)'
    at_once = tables.write(store, con, wanted, query)
    monkeypatch.setattr(tables, "_BATCH", batch)
    assert tables.write(store, con, wanted, query) == at_once
    assert [(part.partition, part.rows) for part in at_once] == [
        ("", 8), ("1970", 8), ("1980", 8), ("1990", 8), ("2000", 8),
    ]  # fmt: skip


def test_one_more_row_leaves_the_parts_of_other_decades_alone(store: Store, con: "DuckDBPyConnection") -> None:
    wanted = contract("when", id="string", when="int32")
    before = tables.write(store, con, wanted, "FROM (VALUES ('a', 1990), ('b', 2005)) AS t(id, \"when\")")
    after = tables.write(store, con, wanted, "FROM (VALUES ('a', 1990), ('b', 2005), ('c', 2006)) AS t(id, \"when\")")
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_no_rows_make_no_part(store: Store, con: "DuckDBPyConnection") -> None:
    assert tables.write(store, con, contract(id="string"), "SELECT 'a' AS id WHERE false") == []
    assert tables.write(store, con, contract("id", id="string"), "SELECT 'a' AS id WHERE false") == []


def test_types_are_the_contracts(store: Store, con: "DuckDBPyConnection") -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = contract(id="string", n="int16", day="date", at="timestamp", names="list<string>")
    (part,) = tables.write(
        store, con, wanted, "SELECT 1 AS id, '7' AS n, '2020-01-02' AS day, '2020-01-02 03:04:05' AS at, ['x'] AS names"
    )
    table = pq.read_table(store.local(part.path))
    assert table.schema.types == [
        pa.string(),
        pa.int16(),
        pa.date32(),
        pa.timestamp("us", "UTC"),
        pa.list_(pa.string()),
    ]
    assert table.to_pylist()[0]["at"].isoformat() == "2020-01-02T03:04:05+00:00"


@pytest.mark.parametrize("partition", ["", "n"])
@pytest.mark.parametrize(
    "query", ["SELECT 1 AS other", "SELECT 'a' AS id, 'seven' AS n", "SELECT 'a' AS id, 70000 AS n"]
)
def test_rows_that_do_not_fit_name_the_dataset(
    store: Store, con: "DuckDBPyConnection", query: str, partition: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"d\.t: its rows do not fit its contract"):
        tables.write(store, con, contract(partition, id="string", n="int16"), query)
