"""Parts that are sorted each become one table that is sorted as a whole, whatever the parts hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.consume import order
from fieldhouse.lake.parts import Part

KEYS = st.tuples(st.sampled_from([None, "a", "b", "ä", "z"]), st.integers(0, 3), st.sampled_from(["x", "y", "é"]))


def _null_safe(row: tuple[object, ...]) -> list[tuple[bool, object]]:
    return [(value is not None, value) for value in row]


@pytest.mark.parametrize("many", [0, 3, 2000], ids=["always copied", "sometimes", "never"])
@given(parts=st.lists(st.lists(KEYS, max_size=6), min_size=1, max_size=4))
def test_the_whole_is_sorted(many: int, parts: list[list[tuple[object, ...]]]) -> None:
    import pyarrow as pa

    rows = [(*row, n) for n, part in enumerate(parts) for row in sorted(part, key=_null_safe)]
    schema = pa.schema([("c", pa.string()), ("n", pa.int32()), ("t", pa.string()), ("part", pa.int64())])
    table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "MANY", many)
        found = order.arrange(table, ("c", "n", "t"), "part").to_pylist()
    assert [tuple(row.values())[:3] for row in found] == sorted((row[:3] for row in rows), key=_null_safe)
    assert sorted(row["part"] for row in found) == [row[3] for row in rows]


def part(**stats: tuple[object, object]) -> Part:
    return Part("d.s", "parts/x", 1, 1, "0", stats=stats)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], ()),
        ([part()], ()),
        ([part(a=(1, 2)), part(a=(3, 4))], ()),
        ([part(a=(1, 3), b=("x", "x")), part(a=(3, 4), b=("y", "z"))], ("a",)),
        ([part(a=(1, 3), b=("x", "y")), part(a=(3, 4), b=("y", "z"))], ("a", "b", "c")),
        ([part(a=(1, 3), n=("x", "x")), part(a=(3, 4))], ("a", "b", "c")),
        ([part(a=(None, None)), part(a=(3, 4))], ("a", "b", "c")),
    ],
)
def test_recorded_ranges_tell_how_much_is_left_to_sort(parts: list[Part], expected: tuple[str, ...]) -> None:
    assert order.deciding(parts, ("a", "b", "c"), ()) == expected


def test_ranges_of_a_column_that_can_be_null_tell_nothing() -> None:
    parts = [part(a=(1, 2)), part(a=(3, 4))]
    assert order.deciding(parts, ("a", "b"), {"a"}) == ("a", "b")
