"""Rows of several parts in the dataset's declared order: each part is sorted, together they need not be."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from fieldhouse.lake.parts import Part

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

#: From this many runs of rows on, copying them is quicker than naming slices.
MANY = 2000


def deciding(parts: Sequence[Part], order: tuple[str, ...], nullable: Collection[str]) -> tuple[str, ...]:
    """The columns of the order that decide how rows of the parts interleave; none where the parts follow one another.

    Told by the recorded ranges, which leave nulls out: of a column in `nullable` they tell nothing.
    """
    for position, column in enumerate(order[:2]):
        if column not in nullable and all(_follows(before, after, column) for before, after in pairwise(parts)):
            return order[:position]
    return order


def _follows(before: Part, after: Part, column: str) -> bool:
    highest, lowest = before.stats.get(column, (None, None))[1], after.stats.get(column, (None, None))[0]
    if isinstance(highest, str) and isinstance(lowest, str):
        return highest < lowest
    return isinstance(highest, int) and isinstance(lowest, int) and highest < lowest


def arrange(table: "pa.Table", order: tuple[str, ...], part: str) -> "pa.Table":
    """The rows sorted by the columns `order`, nulls first.

    `part` is the column that tells the parts apart, whose rows follow one another and are sorted already. So a stable
    sort by the first column leaves little to do: only where two parts meet within one of its values.
    """
    import pyarrow.compute as pc

    first = _codes(table[order[0]])
    positions = first.argsort(kind="stable")
    clashing = _clashing(table.select(order), first[positions], table[part].to_numpy()[positions], positions)
    if clashing.any():
        some = positions[clashing]
        keys = [(column, "ascending", "at_start") for column in order]
        positions[clashing] = some[pc.sort_indices(table.select(order).take(some), sort_keys=keys).to_numpy()]
    return _taken(table, positions)


def _codes(column: "pa.ChunkedArray") -> "NDArray[np.unsignedinteger]":
    """Numbers that order like the values, nulls first."""
    import numpy as np
    import pyarrow.compute as pc

    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    ranks = np.empty(len(encoded.dictionary), np.min_scalar_type(len(encoded.dictionary)))  # small ones sort quicker
    ranks[pc.sort_indices(encoded.dictionary, sort_keys=[("", "ascending", "at_start")]).to_numpy()] = np.arange(
        len(ranks)
    )
    codes: NDArray[np.unsignedinteger] = ranks[encoded.indices.to_numpy()]
    return codes


def _clashing(
    keys: "pa.Table", first: "NDArray[np.unsignedinteger]", parts: "NDArray[np.int64]", positions: "NDArray[np.int64]"
) -> "NDArray[np.bool_]":
    """Which rows, in their present order, have a value in the first column at which the parts' rows interleave."""
    import numpy as np

    same = first[1:] == first[:-1]
    meetings = np.flatnonzero(same & (parts[1:] != parts[:-1]))
    before = keys.take(positions[meetings]).to_pylist()
    after = keys.take(positions[meetings + 1]).to_pylist()
    wrong = [m for m, a, b in zip(meetings, before, after, strict=True) if _key(a) > _key(b)]
    clash = np.zeros(first.max(initial=0) + 1, np.bool_)
    clash[first[wrong]] = True
    found: NDArray[np.bool_] = clash[first]
    return found


def _key(row: dict[str, object]) -> list[tuple[bool, object]]:
    return [(value is not None, value) for value in row.values()]


def _taken(table: "pa.Table", positions: "NDArray[np.int64]") -> "pa.Table":
    """The rows at these positions, not copied where they stand in long runs already."""
    import numpy as np
    import pyarrow as pa

    starts = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
    if len(starts) > MANY:
        return table.take(positions)
    lengths = np.diff(starts, append=len(positions))
    runs = zip(positions[starts].tolist(), lengths.tolist(), strict=True)
    return pa.concat_tables([table.slice(start, length) for start, length in runs] or [table])
