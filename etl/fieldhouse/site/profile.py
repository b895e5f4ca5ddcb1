"""What one look at a dataset's Parquet files tells: rows by season, how much of each column is known, and some rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_letters
from typing import TYPE_CHECKING

from fieldhouse.consume import sessions
from fieldhouse.consume.opened import Opened
from fieldhouse.consume.selection import types
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name as quoted
from fieldhouse.lake.releases import Table

if TYPE_CHECKING:
    import duckdb

#: Rows that a page shows.
SAMPLED = 5
#: Texts longer than this are cut: a page shows what a column looks like.
LONGEST = 60
#: Per column that leads to a season: the dataset that it leads to, and what that says of it, in SQL.
LEADING = {
    "season_id": ("core.season", "told.label"),
    "match_id": ("core.match", "year(told.date)::VARCHAR"),
}
#: Columns that are a season themselves.
SEASONS = ("season", "year")
UNKNOWN = "unknown"
#: What a label may be made of that stands in a line of code to be copied.
HARMLESS = frozenset("0123456789-/ " + ascii_letters)


@dataclass(frozen=True)
class Profile:
    """`by`: what `seasons` counts rows by (`season`, `year`), empty where nothing leads to one. `nulls`: rows per column.

    `sample`: the first rows of the newest part, as texts; None is null.
    """

    by: str = ""
    seasons: Mapping[str, int] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)
    sample: tuple[tuple[str | None, ...], ...] = ()

    @property
    def newest(self) -> str:
        """The newest season; empty where there is none, or none that a line of code could hold."""
        labels = [label for label in self.seasons if label != UNKNOWN] if self.by == "season" else []
        return labels[-1] if labels and set(labels[-1]) <= HARMLESS else ""


def profile(opened: Opened, table: Table) -> Profile:
    """The profile of a dataset, in one scan of its columns; memory is bounded by the number of its seasons or matches."""
    if not table.rows:
        return Profile()
    con = sessions.shared()
    try:
        by, key = _axis(opened, table)
        con.execute(f"CREATE TEMP TABLE scanned AS {_scan(opened, table, key)}")
        return Profile(by, _seasons(con, opened, key), _nulls(con, table), _sample(con, opened, table))
    finally:
        con.close()


def _axis(opened: Opened, table: Table) -> tuple[str, str]:
    """What rows are counted by, and the column that they are grouped by; empty where the dataset has none."""
    columns = types(table)
    own = next((c for c in SEASONS if c in columns), "")
    if own:
        return own, own
    if columns.get("date") == "date":
        return "year", "date"
    for column, (dataset, _) in LEADING.items():
        told = opened.release.datasets.get(dataset)
        if column in columns and told is not None and told.rows:
            return ("season" if column == "season_id" else "year of the match"), column
    return "", ""


def _scan(opened: Opened, table: Table, key: str) -> str:
    counts = ", ".join(f"count({quoted(c)}) AS known_{n}" for n, c in enumerate(types(table)))
    axis = f"year({quoted(key)})" if types(table).get(key) == "date" else quoted(key) if key else "NULL"
    files = duck.files(opened.store, table.parts)
    return f"SELECT {axis} AS axis, count(*) AS rows, {counts} FROM read_parquet({files}) GROUP BY 1"


def _seasons(con: "duckdb.DuckDBPyConnection", opened: Opened, key: str) -> dict[str, int]:
    if not key:
        return {}
    said, join = "scanned.axis::VARCHAR", ""
    if key in LEADING:
        dataset, said = LEADING[key]
        files = duck.files(opened.store, opened.release.datasets[dataset].parts)
        join = f"LEFT JOIN read_parquet({files}) AS told ON told.{key} = scanned.axis"  # a key stands once in a release
    return dict(
        con.execute(
            f"SELECT coalesce({said}, '{UNKNOWN}'), sum(rows)::BIGINT FROM scanned {join} GROUP BY 1 ORDER BY 1"
        ).fetchall()
    )


def _nulls(con: "duckdb.DuckDBPyConnection", table: Table) -> dict[str, int]:
    columns = list(types(table))
    sums = ", ".join(f"sum(rows - known_{n})::BIGINT" for n in range(len(columns)))
    found = con.execute(f"SELECT {sums} FROM scanned").fetchone()
    return dict(zip(columns, found or (), strict=True))


def _sample(con: "duckdb.DuckDBPyConnection", opened: Opened, table: Table) -> tuple[tuple[str | None, ...], ...]:
    newest = [next(part for part in reversed(table.parts) if part.rows)]
    told = ", ".join(
        f"array_to_string({quoted(c)}, ', ')" if kind == "list<string>" else f"{quoted(c)}::VARCHAR"
        for c, kind in types(table).items()
    )
    found = con.execute(
        f"SELECT {told} FROM read_parquet({duck.files(opened.store, newest)}) LIMIT {SAMPLED}"
    ).fetchall()
    return tuple(tuple(_short(value) for value in row) for row in found)


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
