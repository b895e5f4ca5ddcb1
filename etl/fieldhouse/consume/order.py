"""Rows of several parts in the dataset's declared order: each part is sorted, together they need not be."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

#: From this many runs on copying rows is quicker than naming slices.
MANY = 2000


def arrange(table: "pa.Table", order: tuple[str, ...], part: str) -> "pa.Table":
    """The rows sorted by the columns `order`, nulls first; `part` is the column that tells the parts apart."""
    import pyarrow.compute as pc

    if table.num_rows == 0:
        return table
    keys = [(column, "ascending", "at_start") for column in order]
    return _taken(table, pc.sort_indices(table, sort_keys=keys))


def _taken(table: "pa.Table", indices: "pa.Array") -> "pa.Table":
    """The rows at these positions, without copying where they stand in long runs already."""
    import numpy as np
    import pyarrow as pa

    positions = indices.to_numpy()
    breaks = np.flatnonzero(np.diff(positions.astype(np.int64)) != 1) + 1
    if len(breaks) > MANY:
        return table.take(indices)
    starts, ends = [0, *breaks.tolist()], [*breaks.tolist(), len(positions)]
    return pa.concat_tables([table.slice(int(positions[a]), b - a) for a, b in zip(starts, ends, strict=True)])
