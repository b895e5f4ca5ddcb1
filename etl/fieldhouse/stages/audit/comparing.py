"""How a dataset differs from the release before, in exact counts: rows by key, values by column, season by season.

Parts are named by their content, so equal ones are never opened: what is compared are the parts that only one of the two
releases has, and of these the rows that differ. What is too much, `limits` says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BySeason = Mapping[str, int]
#: The table (match_id, season_id) of the earlier release, by which rows of a match have a season.
MATCHES = "season_of"
#: So many earlier rows tell what is usual.
HISTORY = 200


@dataclass(frozen=True)
class Change:
    """The parts of a dataset that only one of two releases has, and how many rows the earlier one has in all.

    `history`: earlier parts that new rows are held against: those that differ or, where these are few rows, all.
    """

    contract: Contract
    before: tuple[Part, ...]
    now: tuple[Part, ...]
    rows: int
    history: tuple[Part, ...]

    @property
    def was(self) -> str:
        """The name of the view over the earlier parts."""
        return f"{self.contract.name}_before"

    @property
    def has(self) -> str:
        """The name of the view over the later parts."""
        return f"{self.contract.name}_now"

    @property
    def earlier(self) -> str:
        """The name of the view over the history."""
        return f"{self.contract.name}_history"


@dataclass(frozen=True)
class Tally:
    """How many of how many, by season."""

    of: BySeason = field(default_factory=dict)
    hit: BySeason = field(default_factory=dict)

    @property
    def hits(self) -> int:
        """In all seasons."""
        return sum(self.hit.values())


@dataclass(frozen=True)
class Compared:
    """What became of the rows that were there.

    `gone`: keys that are there no more. By column that is no key: known values that are others now (`rewritten`), or
    unknown (`lost`), and of unknown ones that are known now (`filled`) those that all got one and the same value.
    `added`: rows with new keys.
    """

    gone: Tally
    added: int
    rewritten: Mapping[str, Tally]
    lost: Mapping[str, Tally]
    filled: Mapping[str, Tally]


def differing(contract: Contract, before: Sequence[Part], now: Sequence[Part]) -> Change | None:
    """What there is to compare of a dataset; None where it was not there before, or nothing differs."""
    old, new = {p.sha256 for p in before}, {p.sha256 for p in now}
    was = tuple(p for p in before if p.sha256 not in new)
    has = tuple(p for p in now if p.sha256 not in old)
    if not before or not (was or has):
        return None
    enough = sum(part.rows for part in was) >= HISTORY
    return Change(contract, was, has, sum(part.rows for part in before), was if enough else tuple(before))


def open_change(con: "DuckDBPyConnection", store: Store, change: Change) -> tuple[str, ...]:
    """Make views of both sides and the tables `was` and `has` of rows that differ; the columns that both sides have.

    Empty where a column of the grain is not there on both sides with the same type: rows cannot be told to be the same.
    """
    some = f"SELECT * FROM read_parquet({duck.files(store, (change.before or change.now)[:1])}) LIMIT 0"
    duck.view(con, store, change.was, change.before, some)
    duck.view(con, store, change.has, change.now, some)
    duck.view(con, store, change.earlier, change.history, some)
    was, has = (_types(con, view) for view in (change.was, change.has))
    columns = tuple(c for c in change.contract.names if c in was and was[c] == has.get(c))
    if not set(change.contract.grain) <= set(columns):
        return ()
    digest = f"hash({', '.join(map(name, columns))})"
    for table, view, other in (("was", change.was, change.has), ("has", change.has, change.was)):
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS"
            f" SELECT * FROM {name(view)} WHERE {digest} NOT IN (SELECT {digest} FROM {name(other)})"
        )
    return columns


def _types(con: "DuckDBPyConnection", view: str) -> dict[str, str]:
    return {row[0]: row[1] for row in con.execute(f"DESCRIBE {name(view)}").fetchall()}


def same(contract: Contract) -> str:
    """SQL for: the row w that was there and the row h that is there have the same key."""
    return " AND ".join(f"w.{name(c)} = h.{name(c)}" for c in contract.grain)


def compare(con: "DuckDBPyConnection", change: Change, columns: Sequence[str]) -> Compared:
    """Count what differs between the sides of a change that is open."""
    contract = change.contract
    rest = [c for c in columns if c not in contract.grain]
    season = _season(columns)
    before = _grouped(con, season, f"{name(change.was)} AS w", ["count(*)", *(f"count({name(c)})" for c in rest)])
    gone = _grouped(con, season, f"was AS w WHERE NOT EXISTS (FROM has AS h WHERE {same(contract)})", ["count(*)"])
    ((added,),) = con.execute(
        f"SELECT count(*) FROM has AS h WHERE NOT EXISTS (FROM was AS w WHERE {same(contract)})"
    ).fetchall()
    pairs = _grouped(con, season, _pairs(contract, rest), [a for c in rest for a in _aggregates(contract, c)])
    known = {c: {s: row[n] for s, row in before.items()} for n, c in enumerate(rest, 1)}
    counts = {
        (c, what): {s: row[3 * n + at] for s, row in pairs.items() if row[3 * n + at]}
        for n, c in enumerate(rest)
        for at, what in enumerate(("rewritten", "lost", "filled"))
    }
    return Compared(
        gone=Tally({s: row[0] for s, row in before.items()}, {s: row[0] for s, row in gone.items()}),
        added=added,
        rewritten={c: Tally(known[c], counts[c, "rewritten"]) for c in rest},
        lost={c: Tally(known[c], counts[c, "lost"]) for c in rest},
        filled={c: _filled(con, change, c, counts[c, "filled"]) for c in rest},
    )


def _season(columns: Sequence[str]) -> str:
    """SQL for the season of a row w, as finely as its columns tell; one for all where they do not."""
    if "season" in columns:
        league = " || ' ' || w.competition" if "competition" in columns else ""
        return f"coalesce(w.season::VARCHAR{league}, '')"
    if "season_id" in columns:
        return "coalesce(w.season_id, '')"
    if "match_id" in columns:
        return f"coalesce((SELECT s.season_id FROM {MATCHES} AS s WHERE s.match_id = w.match_id), '')"
    return "''"


def _grouped(
    con: "DuckDBPyConnection", season: str, rows: str, aggregates: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    if not aggregates:
        return {}
    found = con.execute(f"SELECT {season} AS season, {', '.join(aggregates)} FROM {rows} GROUP BY 1 ORDER BY 1")
    return {row[0]: row[1:] for row in found.fetchall()}


def _pairs(contract: Contract, columns: Sequence[str]) -> str:
    # A row that got values where it had none, and lost none, tells of an event that has happened since: what else
    # changed in it (scheduled, now played) is no rewriting of what was known.
    filled = " OR ".join(f"(w.{name(c)} IS NULL AND h.{name(c)} IS NOT NULL)" for c in columns) or "false"
    lost = " OR ".join(f"(w.{name(c)} IS NOT NULL AND h.{name(c)} IS NULL)" for c in columns) or "false"
    happened = f"SELECT ({filled}) AND NOT ({lost}) AS yes"
    return f"was AS w JOIN has AS h ON {same(contract)}, LATERAL ({happened}) AS happened"


def _aggregates(contract: Contract, column: str) -> tuple[str, str, str]:
    was, has = f"w.{name(column)}", f"h.{name(column)}"
    weak = contract.column(column).weak  # values that give way to any other
    strong = f" AND {was} NOT IN ({', '.join(map(text, weak))})" if weak else ""
    return (
        f"count(*) FILTER (WHERE {was} <> {has} AND NOT happened.yes{strong})",
        f"count(*) FILTER (WHERE {was} IS NOT NULL AND {has} IS NULL)",
        f"count(*) FILTER (WHERE {was} IS NULL AND {has} IS NOT NULL)",
    )


def _filled(con: "DuckDBPyConnection", change: Change, column: str, filled: BySeason) -> Tally:
    """Of the values that were unknown, those that all got the same one, if that was not common before."""
    if not filled:
        return Tally()
    was, has = f"w.{name(column)}", f"h.{name(column)}"
    value, times = con.execute(
        f"SELECT {has}::VARCHAR, count(*) FROM was AS w JOIN has AS h ON {same(change.contract)}"
        f" WHERE {was} IS NULL AND {has} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    ).fetchall()[0]
    common, known, rows = con.execute(
        f"SELECT count(*) FILTER (WHERE {was}::VARCHAR = ?), count({was}), count(*) FROM {name(change.was)} AS w",
        [value],
    ).fetchall()[0]
    alike = times * 5 >= sum(filled.values()) * 4 and not (known and common * 4 >= known)
    return Tally({"": rows - known}, {"": times} if alike else {})
