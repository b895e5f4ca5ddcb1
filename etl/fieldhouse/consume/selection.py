"""What a call asks of a dataset: columns, seasons and rows, checked against its schema, as SQL and as parts to read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from typing import TypeAlias

from fieldhouse.consume.nearest import missing
from fieldhouse.consume.predicates import pinned
from fieldhouse.consume.values import Value, admits, literal, typed
from fieldhouse.errors import NotFound, UsageError
from fieldhouse.lake.duck import name as quoted
from fieldhouse.lake.parts import Part
from fieldhouse.lake.releases import Copy, Table

Seasons: TypeAlias = str | int | Iterable[str | int]
Where: TypeAlias = str | Mapping[str, object]

SEASON = "season"


@dataclass(frozen=True)
class Selection:
    """What to read of a dataset. `among`: per column the values of which a row must have one (None: null).

    `predicate` is a condition in DuckDB's SQL, or ""; `pinned` is what it says of columns, in the way of `among`.
    """

    table: Table
    columns: tuple[str, ...]
    among: Mapping[str, tuple[Value, ...]]
    predicate: str
    pinned: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts whose recorded ranges can hold such rows, in the order of the release, or of the copy that is read."""
        return self._best[1]

    @property
    def copy(self) -> str:
        """The serving copy that is read in place of the dataset, because it has to look at less than half the rows; or ""."""
        return self._best[0]

    @cached_property
    def _best(self) -> tuple[str, tuple[Part, ...]]:
        best, fewest = ("", self._held(self.table.parts)), sum(p.rows for p in self._held(self.table.parts)) / 2
        for copy in self.table.copies:
            found = self._held(copy.parts)
            if (rows := sum(p.rows for p in found)) < fewest and self._suffices(copy):
                best, fewest = (copy.name, found), rows
        return best

    def _suffices(self, copy: Copy) -> bool:
        # Which columns a condition in SQL needs is not told: then only a copy with all of them will do.
        needed = types(self.table) if self.predicate else (*self.columns, *self.among)
        return set(needed) <= set(copy.columns)

    def _held(self, found: Iterable[Part]) -> tuple[Part, ...]:
        return tuple(part for part in found if self._may_hold(part))

    def _may_hold(self, part: Part) -> bool:
        asked = (*self.among.items(), *self.pinned.items())
        ranges = [(part.stats[column], values) for column, values in asked if column in part.stats]
        return all(any(admits(low_high, value) for value in values) for low_high, values in ranges)

    @property
    def conditions(self) -> str:
        """`among` as an SQL condition; "" where every row is wanted."""
        return " AND ".join(_among(column, values) for column, values in self.among.items())

    @property
    def where(self) -> str:
        """The whole WHERE clause, or ""."""
        asked = [self.conditions, f"({self.predicate}\n)" if self.predicate else ""]
        return " WHERE " + " AND ".join(filter(None, asked)) if any(asked) else ""


def _among(column: str, values: Sequence[Value]) -> str:
    found = [literal(value) for value in values if value is not None]
    options = [f"{quoted(column)} IN ({', '.join(found)})"] if found else []
    options += [f"{quoted(column)} IS NULL"] if None in values else []
    return f"({' OR '.join(options) or 'false'})"


def types(table: Table) -> dict[str, str]:
    """The dataset's columns with their types, in order."""
    return {str(column["name"]): str(column["type"]) for column in table.columns}


def nullable(table: Table) -> frozenset[str]:
    """The dataset's columns that can be null."""
    return frozenset(str(column["name"]) for column in table.columns if column["null"])


def select(
    table: Table, columns: str | Sequence[str] | None, seasons: Seasons | None, where: Where | None
) -> Selection:
    """What is asked for, checked: NotFound names the nearest column, UsageError what is of a wrong type."""
    among = {SEASON: _seasons(table, seasons)} if seasons is not None else {}
    predicate = ""
    if isinstance(where, str):
        predicate = where.strip()
    elif isinstance(where, Mapping):
        for column, asked in where.items():
            both = _values(table, column, asked)
            among[column] = tuple(v for v in among[column] if v in both) if column in among else both
    elif where is not None:
        raise UsageError(f"where is an SQL condition or a mapping from columns to values, not {where!r}")
    return Selection(table, _columns(table, columns), among, predicate, pinned(predicate, types(table)))


def _columns(table: Table, columns: str | Sequence[str] | None) -> tuple[str, ...]:
    known = types(table)
    if columns is None:
        return tuple(known)
    if isinstance(columns, str):
        columns = [columns]
    wanted = _several(columns, "columns are names of columns")
    for column in wanted:
        _column(table, column)
    if not wanted:
        raise UsageError("columns is empty", hint="leave it out to read all columns")
    return tuple(dict.fromkeys(str(column) for column in wanted))


def _column(table: Table, column: object) -> str:
    known = types(table)
    if not isinstance(column, str):
        raise UsageError(f"{table.name}: a column's name is a text, not {column!r}")
    if column not in known:
        raise missing(table.name, "column", column, known, hint=f"`fh.describe({table.name!r})` shows all columns")
    return known[column]


def _seasons(table: Table, seasons: Seasons) -> tuple[Value, ...]:
    if SEASON not in types(table):
        raise NotFound(
            f"{table.name} has no column 'season'; its columns are {', '.join(types(table))}",
            hint="select with where= instead of seasons=",
        )
    return _values(table, SEASON, seasons)


def _values(table: Table, column: str, asked: object) -> tuple[Value, ...]:
    column_type = _column(table, column)
    if column_type == "list<string>":
        raise UsageError(
            f"{table.name}.{column} holds lists, which no single value equals",
            hint=f"ask in SQL: where=\"list_contains({column}, '…')\"",
        )
    single = asked is None or isinstance(asked, str | bytes) or not isinstance(asked, Iterable)
    values = (asked,) if single else _several(asked, f"{column} is compared with values")
    if not values:
        raise UsageError(f"no value is given for {column}, so no row can match", hint="leave it out to read all rows")
    if column == SEASON and column_type == "string":
        values = tuple(_label(value) for value in values)
    return tuple(typed(value, column_type, f"{table.name}.{column}") for value in values)


def _label(season: object) -> object:
    """A season that is one year is as easily given as a number as by its label."""
    if isinstance(season, bool):
        return season
    return str(season) if isinstance(season, Integral) else season


def _several(values: object, expected: str) -> tuple[object, ...]:
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise UsageError(f"{expected}: {values!r} is none, nor a list of them")
    return tuple(values)
