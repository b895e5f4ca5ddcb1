"""Whether new rows are like those that were there: numbers of the same size, known words, no column empty or constant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldhouse.lake.duck import name
from fieldhouse.stages.audit.comparing import HISTORY, Change, same

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NUMBERS = ("SMALLINT", "INTEGER", "BIGINT", "DOUBLE")
#: From so many new rows on it is asked.
ENOUGH = 30
#: A column of texts with at most so many values is one of words.
WORDS = 60
#: Columns that say of which season something is.
ONE_AT_A_TIME = ("sport", "competition", "competition_id", "season", "season_id", "year", "date")


@dataclass(frozen=True)
class Spread:
    """The values of a column: of how many rows how many are known, how many differ, and of numbers the 1st, 50th and
    99th percentile."""

    rows: int
    known: int
    distinct: int
    low: float | None = None
    middle: float | None = None
    high: float | None = None


def unlike(con: "DuckDBPyConnection", change: Change, columns: Sequence[str]) -> dict[str, str]:
    """Per column in which the new rows are unlike the earlier ones how that is; nothing where there are too few."""
    if change.rows < HISTORY:
        return {}
    con.execute(
        "CREATE OR REPLACE TEMP TABLE came AS"
        f" SELECT * FROM has AS h WHERE NOT EXISTS (FROM was AS w WHERE {same(change.contract)})"
    )
    types = {c: t for c, t, *_ in con.execute("DESCRIBE came").fetchall()}
    # What is new is often all of one league's season, and the books of conform tell of new files.
    books = change.contract.filled_by == "conform"
    asked = [c for c in columns if c not in (*change.contract.grain, *ONE_AT_A_TIME) and not books]
    if not asked:
        return {}
    came = _spreads(con, "came", asked, types)
    if came[asked[0]].rows < ENOUGH:
        return {}
    was = _spreads(con, name(change.earlier), asked, types)
    if was[asked[0]].rows < HISTORY:
        return {}
    found = {c: said for c in asked if (said := judge(was[c], came[c]))}
    words = [c for c in asked if types[c] == "VARCHAR" and was[c].distinct <= WORDS]
    return found | {c: said for c in words if (said := _new_words(con, change, c, came[c]))}


def judge(was: Spread, came: Spread) -> str:
    """How the new values of a column are unlike the earlier ones; empty where they are alike."""
    if came.known == 0 and was.known >= 0.95 * was.rows:
        return f"unknown in all {came.rows:,} new rows; it was known in {was.known:,} of {was.rows:,}"
    if came.known < ENOUGH or was.known < HISTORY:
        return ""
    if came.distinct == 1 and was.distinct >= 10 and (was.low is None or was.low != was.high):
        return f"the same in all {came.known:,} new rows; there were {was.distinct:,} values"
    if None in (was.low, was.high, came.middle):
        return ""
    assert was.low is not None
    assert was.high is not None
    assert came.middle is not None
    width = was.high - was.low
    if width and not was.low - width <= came.middle <= was.high + width:
        return f"{came.middle:g} in the middle of the new rows; nearly all were from {was.low:g} to {was.high:g}"
    return ""


def _spreads(con: "DuckDBPyConnection", table: str, columns: Sequence[str], types: dict[str, str]) -> dict[str, Spread]:
    wanted = ["count(*)"]
    for c in columns:
        quoted = name(c)
        # Percentiles that are values of the column: the same whatever the number of threads.
        shape = f"quantile_disc({quoted}, [0.01, 0.5, 0.99])" if types[c] in NUMBERS else "NULL"
        wanted += [f"count({quoted})", f"count(DISTINCT {quoted})", shape]
    (rows, *found) = con.execute(f"SELECT {', '.join(wanted)} FROM {table}").fetchall()[0]
    said = [found[3 * n : 3 * n + 3] for n in range(len(columns))]
    return {c: Spread(rows, k, d, *(q or (None,) * 3)) for c, (k, d, q) in zip(columns, said, strict=True)}


def _new_words(con: "DuckDBPyConnection", change: Change, column: str, came: Spread) -> str:
    quoted = name(column)
    found = con.execute(
        f"SELECT {quoted}, count(*) FROM came WHERE {quoted} IS NOT NULL"
        f" AND {quoted} NOT IN (SELECT {quoted} FROM {name(change.earlier)} WHERE {quoted} IS NOT NULL)"
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    strange = sum(row[1] for row in found)
    if strange < ENOUGH or strange < 0.2 * came.known:
        return ""
    return f"{strange:,} of {came.known:,} new rows have words that were not there, such as {found[0][0]!r}"


def repeated(con: "DuckDBPyConnection", change: Change, columns: Sequence[str]) -> int:
    """How many new rows say in all but their key what an earlier row says; 0 where that is usual in the dataset."""
    rest = [name(c) for c in columns if c not in change.contract.grain]
    if len(rest) < 3 or change.contract.filled_by == "conform":
        return 0
    digest = f"hash({', '.join(rest)})"
    rows, kinds = con.execute(f"SELECT count(*), count(DISTINCT {digest}) FROM {name(change.earlier)}").fetchall()[0]
    if rows - kinds > 0.1 * rows:
        return 0
    ((found,),) = con.execute(
        f"SELECT count(*) FROM came WHERE {digest} IN (SELECT {digest} FROM {name(change.earlier)})"
    ).fetchall()
    return int(found)
