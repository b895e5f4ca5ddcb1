"""Parquet feeds: types and columns as the file states them, values that fit none, and files that are none."""

import datetime as dt
import io

import pyarrow as pa  # noqa: TID253
import pyarrow.parquet as pq  # noqa: TID253
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldhouse.errors import DataError, FieldhouseError
from fieldhouse.sources import find
from fieldhouse.stages.normalize import records

DAY = dt.date(1897, 9, 10)
COLUMNS = {
    "name": pa.array(["Roker Park", "Ayresome Park"]),
    "city": pa.array(["Sunderland", None]),
    "2B": pa.array([2, None], pa.int64()),
    "area": pa.array([1.5, None]),
    "opened": pa.array([DAY, None]),
    "roofed": pa.array([True, None]),
}
ROWS = [("Roker Park", "Sunderland", "2 1.5 1897-09-10 true"), ("Ayresome Park", None, "")]


def written(columns=None, **changes) -> bytes:
    """A Parquet file of the columns, some of them changed."""
    sink = io.BytesIO()
    pq.write_table(pa.table({**(columns or COLUMNS), **changes}), sink)
    return sink.getvalue()


def test_values_keep_their_types_and_a_column_may_begin_with_a_digit(toy):
    receipt = toy.normalize({"stand/s": written()})
    assert toy.venues(receipt) == ROWS
    assert toy.account(receipt) == {("used", ""): 2}
    assert receipt.notes == ()


@pytest.mark.parametrize(
    "change",
    [
        {"2B": pa.array([2, None], pa.uint8())},
        {"name": COLUMNS["name"].cast(pa.large_string())},
        {"city": COLUMNS["city"].dictionary_encode()},
        {"city": pa.array(["Sunderland", "NA"])},
        {"area": pa.array([1.5, None], pa.float32())},
        {"opened": COLUMNS["opened"].cast(pa.timestamp("ns"))},
        {"opened": COLUMNS["opened"].cast(pa.timestamp("ms"))},
    ],
    ids=["unsigned byte", "large text", "dictionary", "text for no value", "float", "nanoseconds", "milliseconds"],
)
def test_ways_to_write_the_same(toy, change):
    assert toy.venues(toy.normalize({"stand/s": written(**change)})) == ROWS


def test_the_order_of_columns_does_not_matter(toy):
    receipt = toy.normalize({"stand/s": written(dict(reversed(COLUMNS.items())))})
    assert toy.venues(receipt) == ROWS
    assert receipt.notes == ()


def test_a_new_column_is_told_and_lets_the_rows_through(toy):
    receipt = toy.normalize({"stand/s": written(roof=pa.array([1, 2]))})
    assert toy.venues(receipt) == ROWS
    assert [(n["kind"], n["field"], n["found"], n["example"]) for n in receipt.notes] == [
        ("new", "roof", "bigint", "s")
    ]


@pytest.mark.parametrize(
    ("change", "rule", "declared", "found"),
    [
        ({"2B": pa.array(["2", "3"])}, "type: 2B", "2B: integer", "varchar"),
        ({"2B": pa.array([2.0, None])}, "type: 2B", "2B: integer", "double"),
        ({"area": pa.array([1, 2])}, "type: area", "area: number", "bigint"),
        ({"name": pa.array([b"a", b"b"])}, "type: name", "name: text", "blob"),
        ({"name": pa.array([["a"], ["b"]])}, "type: name", "name: text", "varchar[]"),
        ({"opened": pa.array(["1897-09-10", None])}, "type: opened", "opened: date", "varchar"),
        (
            {"opened": pa.array([0, 0], pa.timestamp("us", tz="UTC"))},
            "type: opened",
            "opened: date",
            "timestamp with time zone",
        ),
        ({"roofed": pa.array([1, 0])}, "type: roofed", "roofed: boolean", "bigint"),
    ],
    ids=["text", "float", "whole numbers", "bytes", "list", "text for a date", "instant", "number for a truth"],
)
def test_a_column_of_another_type_sets_the_file_aside_by_name(toy, change, rule, declared, found):
    receipt = toy.normalize({"stand/s": written(**change)})
    (row,) = toy.aside(receipt)
    assert (row["rule"], row["ordinal"], row["declared"], row["found"]) == (rule, -1, declared, found)
    assert toy.account(receipt) == {("set aside", rule): 1}


def test_a_lost_column_sets_the_file_aside_by_name(toy):
    receipt = toy.normalize({"stand/s": written({n: c for n, c in COLUMNS.items() if n != "2B"})})
    (row,) = toy.aside(receipt)
    assert (row["rule"], row["declared"], row["found"]) == (
        "missing: 2B",
        "2B: a column of type integer",
        "no such column",
    )


def test_too_much_of_it_fails_with_the_file_the_field_and_the_types(toy):
    toy.declare(max_drift=0.01)
    with pytest.raises(DataError, match=r"stand/s, the file: type: 2B: field -: declared 2B: integer, found varchar"):
        toy.normalize({"stand/s": written(**{"2B": pa.array(["x", "y"])})})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opened": pa.array([dt.datetime(1897, 9, 10, 15), None])}, "opened"),  # noqa: DTZ001
        ({"area": pa.array([float("nan"), None])}, "area"),
        ({"area": pa.array([float("-inf"), None])}, "area"),
        ({"2B": pa.array([2**63, None], pa.uint64())}, "2B"),
        ({"name": pa.array([None, "Ayresome Park"])}, "name"),
    ],
    ids=["time of day", "no number", "endless", "too large", "nothing"],
)
def test_a_value_that_its_type_cannot_hold_sets_the_row_aside(toy, change, field):
    receipt = toy.normalize({"stand/s": written(**change)})
    assert toy.venues(receipt) == ROWS[1:]
    assert [(r["rule"], r["ordinal"]) for r in toy.aside(receipt)] == [(f"value: {field}", 0)]
    assert toy.account(receipt) == {("used", ""): 1, ("set aside", f"value: {field}"): 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1PAR1",
        b"<!DOCTYPE html>",
        written()[:-20],
        written()[: len(written()) // 2],
        written()[len(written()) // 2 :],
    ],
    ids=["empty", "marks alone", "html", "end lost", "first half", "second half"],
)
def test_what_is_no_parquet_file_is_set_aside_whole(toy, content):
    receipt = toy.normalize({"stand/s": content, "stand/t": written()})
    assert toy.venues(receipt) == ROWS
    assert [(r["key"], r["rule"], r["ordinal"]) for r in toy.aside(receipt)] == [("s", "not Parquet", -1)]


def test_two_columns_of_one_name_are_no_table(toy):
    for names in (["name", "name"], ["name", "NAME"]):
        table = pa.Table.from_arrays([*COLUMNS.values(), COLUMNS["name"]], names=[*COLUMNS, names[1]])
        sink = io.BytesIO()
        pq.write_table(table, sink)
        receipt = toy.normalize({"stand/s": sink.getvalue()})
        assert [r["rule"] for r in toy.aside(receipt)] == ["not Parquet"]


def test_a_file_without_rows_is_no_error(toy):
    receipt = toy.normalize({"stand/s": written({n: c.slice(0, 0) for n, c in COLUMNS.items()})})
    assert toy.account(receipt) == {}


def test_row_numbers_are_those_of_each_file_over_its_row_groups(toy):
    sink = io.BytesIO()
    pq.write_table(pa.table(COLUMNS), sink, row_group_size=1)
    receipt = toy.normalize({"stand/s": sink.getvalue(), "stand/t": written()})
    rows = toy.world.rows(receipt, "toy/core.venue")
    assert sorted(r["venue_id"] for r in rows) == sorted(
        f"{name}#{key}#{n}" for key in "st" for n, name in enumerate(["Roker Park", "Ayresome Park"])
    )


def test_a_typed_field_is_corrected_where_it_is_what_the_correction_says(toy):
    toy.declare(corrections="two,stand,stand,name = 'Roker Park',2B,2,set,3,counted again,a picture\n")
    receipt = toy.normalize({"stand/s": written()})
    assert toy.venues(receipt)[0] == ("Roker Park", "Sunderland", "3 1.5 1897-09-10 true")


def test_a_row_is_found_again_by_its_number(toy):
    toy.normalize({"stand/s": written()})
    from fieldhouse.lake import landings

    (landed,) = landings.snapshot(toy.world.store, "toy", 1).values()
    found = records.find(toy.world.store, find("toy"), landed, "stand", {1})
    assert found == {1: '{"name":"Ayresome Park","city":null,"2B":null,"area":null,"opened":null,"roofed":null}'}


GOOD = written()
PLACES = st.integers(0, len(GOOD) - 1)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    flips=st.lists(st.tuples(PLACES, st.integers(0, 255)), max_size=6),
    start=PLACES | st.just(0),
    end=PLACES | st.just(len(GOOD)),
    extra=st.binary(max_size=20),
)
def test_whatever_bytes_land_the_stage_ends_with_an_account(toy, flips, start, end, extra):
    data = bytearray(GOOD)
    for place, value in flips:
        data[place] = value
    content = bytes(data[start:end]) + extra
    try:
        receipt = toy.normalize({"stand/s": content})
    except FieldhouseError:
        return
    assert len(toy.venues(receipt)) <= sum(toy.account(receipt).values())
