"""How a dataset differs from the release before, in exact counts: rows by key, values by column, season by season.

Parts are named by their content, so equal ones are never opened: what is compared are the parts that only one of the two
releases has, and of these the rows that differ. What is too much, `limits` says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fieldhouse.contracts import Column, Contract
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
    known_rows = [f"count(*) FILTER (WHERE {_known('w', contract.column(c))})" for c in rest]
    before = _grouped(con, season, f"{name(change.was)} AS w", ["count(*)", *known_rows])
    gone = _grouped(con, season, f"was AS w WHERE NOT EXISTS (FROM has AS h WHERE {same(contract)})", ["count(*)"])
    ((added,),) = con.execute(
        f"SELECT count(*) FROM has AS h WHERE NOT EXISTS (FROM was AS w WHERE {same(contract)})"
    ).fetchall()
    pairs = _grouped(con, season, _pairs(contract, rest), [a for c in rest for a in _aggregates(contract.column(c))])
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
        filled={c: _alike(con, change, contract.column(c), counts[c, "filled"]) for c in rest},
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


def _known(side: str, column: Column) -> str:
    """SQL for: a value is known; a list, that anything is in it."""
    value = f"{side}.{name(column.name)}"
    return f"coalesce(len({value}), 0) > 0" if column.type == "list<string>" else f"{value} IS NOT NULL"


def rewritten(column: Column) -> str:
    """SQL for: a known value of w is another in h. Lists may grow, and weak values give way to any other."""
    was, has = f"w.{name(column.name)}", f"h.{name(column.name)}"
    both = f"{_known('w', column)} AND {_known('h', column)}"
    if column.type == "list<string>":
        return f"{both} AND NOT list_has_all({has}, {was})"
    weak = f" AND {was} NOT IN ({', '.join(map(text, column.weak))})" if column.weak else ""
    return f"{both} AND {was} <> {has}{weak}"


def lost(column: Column) -> str:
    """SQL for: what was known in w is not in h."""
    return f"{_known('w', column)} AND NOT ({_known('h', column)})"


def filled(column: Column) -> str:
    """SQL for: what was unknown in w is known in h."""
    return f"NOT ({_known('w', column)}) AND {_known('h', column)}"


def _pairs(contract: Contract, columns: Sequence[str]) -> str:
    # A row that got values where it had none, and lost none, tells of an event that has happened since: what else
    # changed in it (scheduled, now played) is no rewriting of what was known.
    declared = [contract.column(c) for c in columns]
    gained = " OR ".join(f"({filled(c)})" for c in declared) or "false"
    missing = " OR ".join(f"({lost(c)})" for c in declared) or "false"
    happened = f"SELECT ({gained}) AND NOT ({missing}) AS yes"
    return f"was AS w JOIN has AS h ON {same(contract)}, LATERAL ({happened}) AS happened"


def _aggregates(column: Column) -> tuple[str, str, str]:
    return (
        f"count(*) FILTER (WHERE {rewritten(column)} AND NOT happened.yes)",
        f"count(*) FILTER (WHERE {lost(column)})",
        f"count(*) FILTER (WHERE {filled(column)})",
    )


def by_value(con: "DuckDBPyConnection", change: Change, columns: Sequence[str], column: str) -> Tally:
    """Rows with a known value before, and of those the ones that have another now, by value: not by season."""
    contract, value = change.contract, f"w.{name(column)}"
    rest = [c for c in columns if c not in contract.grain]
    moved = f"{_pairs(contract, rest)} WHERE {rewritten(contract.column(column))} AND NOT happened.yes"
    return _by_value(con, change, value, moved)


def gone_by_value(con: "DuckDBPyConnection", change: Change, column: str) -> Tally:
    """Rows with a known value before, and of those the ones whose key is gone, by value."""
    missing = f"was AS w WHERE NOT EXISTS (FROM has AS h WHERE {same(change.contract)})"
    return _by_value(con, change, f"w.{name(column)}", missing)


def _by_value(con: "DuckDBPyConnection", change: Change, value: str, rows: str) -> Tally:
    found = con.execute(
        f"WITH hit AS (SELECT {value} AS value, count(*) AS n FROM {rows} GROUP BY 1),"
        f" total AS (SELECT {value} AS value, count(*) AS n FROM {name(change.was)} AS w GROUP BY 1)"
        " SELECT value, total.n, hit.n FROM hit JOIN total USING (value) ORDER BY value"
    ).fetchall()
    return Tally({v: total for v, total, _ in found}, {v: hit for v, _, hit in found})


def _alike(con: "DuckDBPyConnection", change: Change, column: Column, gained: BySeason) -> Tally:
    """Of the values that were unknown, those that all got the same one, if that was not common before."""
    if not gained:
        return Tally()
    was, has = f"w.{name(column.name)}", f"h.{name(column.name)}"
    value, times = con.execute(
        f"SELECT {has}::VARCHAR, count(*) FROM was AS w JOIN has AS h ON {same(change.contract)}"
        f" WHERE {filled(column)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    ).fetchall()[0]
    common, known, rows = con.execute(
        f"SELECT count(*) FILTER (WHERE {was}::VARCHAR = ?), count(*) FILTER (WHERE {_known('w', column)}), count(*)"
        f" FROM {name(change.was)} AS w",
        [value],
    ).fetchall()[0]
    alike = times * 5 >= sum(gained.values()) * 4 and not (known and common * 4 >= known)
    return Tally({"": rows - known}, {"": times} if alike else {})
