"""Faults as they happen to tables: each kind makes, of the rows of one part, the rows that a broken step would have left.

A kind is a function of a part and of chance; it yields SQL over the part's rows, and the columns that it damages (none
where whole rows are damaged), or nothing where the part has nothing of the kind.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fieldhouse.contracts import Contract
from fieldhouse.lake.duck import name, text

NUMBERS = ("int16", "int32", "int64", "float64")


@dataclass(frozen=True)
class Told:
    """What a column of a part holds: how many values are known, how many differ."""

    name: str
    type: str
    references: str
    known: int
    distinct: int


@dataclass(frozen=True)
class Given:
    """One part as the view `t`, and where damage is done: a condition on rows, in words and in SQL."""

    contract: Contract
    rows: int
    columns: tuple[Told, ...]
    where: str
    condition: str
    damaged: int

    def of(self, *types: str, key: bool = False, distinct: int = 2, known: int = 40) -> list[Told]:
        """The columns of these types that hold enough to be damaged; those of the key only if asked for."""
        return [
            c
            for c in self.columns
            if c.type in types
            and c.distinct >= distinct
            and c.known >= known
            and (key or c.name not in self.contract.grain)
        ]

    def ids(self, *, key: bool = True) -> list[Told]:
        """Columns that reference entities."""
        return [c for c in self.of("string", key=key) if c.references]

    def words(self, most: int) -> list[Told]:
        """Columns of texts that reference nothing, with at most so many values."""
        return [c for c in self.of("string") if not c.references and c.distinct <= most]


@dataclass(frozen=True)
class Fault:
    """Damage that was done: `sql` yields the damaged part's rows."""

    kind: str
    dataset: str
    columns: tuple[str, ...]
    where: str
    sql: str


Kind = Callable[[Given, random.Random], "tuple[tuple[str, ...], str] | None"]
KINDS: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    """A kind of fault, known by the function's name."""
    KINDS[function.__name__.replace("_", " ")] = function
    return function


def replaced(given: Given, **values: str) -> str:
    """SQL for the rows with other values, by column, where damage is done."""
    types = {c.name: c.type for c in given.contract.columns}
    said = ", ".join(
        f"(CASE WHEN {given.condition} THEN {value} ELSE {name(c)} END)::{DUCK[types[c]]} AS {name(c)}"
        for c, value in values.items()
    )
    return f"SELECT * REPLACE ({said}) FROM t"


DUCK = {
    "string": "VARCHAR", "bool": "BOOLEAN", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT",
    "float64": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMPTZ", "list<string>": "VARCHAR[]",
}  # fmt: skip


def values(find: Callable[[Given], list[Told]], change: str) -> Kind:
    """A kind that changes the values of one column: `{c}` in `change` stands for it."""

    def damage(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
        found = find(given)
        if not found:
            return None
        column = chance.choice(found).name
        return (column,), replaced(given, **{column: change.format(c=name(column))})

    return damage


def numbers(distinct: int = 4) -> Callable[[Given], list[Told]]:
    """Numeric columns with at least so many values."""
    return lambda given: given.of(*NUMBERS, distinct=distinct)


def small(change: str) -> str:
    """A change that stays within the type of small numbers."""
    return f"least(greatest({change}, -32000), 32000)"


SPREAD = numbers(8)
KINDS |= {
    "wrong unit": values(SPREAD, small("{c} * 2.54")),
    "scale of ten": values(SPREAD, small("{c} * 10")),
    "scale of a hundredth": values(lambda g: g.of("float64", distinct=8), "{c} / 100"),
    "sign flip": values(SPREAD, "-{c}"),
    "off by one": values(SPREAD, "{c} + 1"),
    "drifted mean": values(SPREAD, small("{c} * 1.3 + 1")),
    "default zero": values(SPREAD, "0"),
    "default of minus one": values(SPREAD, "-1"),
    "constant column": values(SPREAD, "(SELECT max({c}) FROM t)"),
    "rounding": values(lambda g: g.of("float64", distinct=8), "round({c}, 0)"),
    "tens": values(lambda g: g.of("int32", "int64", distinct=30), "round({c}, -1)"),
    "cut-off values": values(SPREAD, "least({c}, (SELECT quantile_disc({c}, 0.5) FROM t))"),
    "null burst": values(lambda g: g.of(*NUMBERS, "string", "bool", "date", "timestamp"), "NULL"),
    "gaps filled with a default": values(
        lambda g: [c for c in g.of(*NUMBERS) if g.rows - c.known >= 100], "coalesce({c}, 77)"
    ),
    "case damage": values(lambda g: [c for c in g.of("string", distinct=3) if not c.references], "upper({c}) || ''"),
    "whitespace": values(lambda g: g.of("string", key=True, distinct=3), "{c} || ' '"),
    "encoding damage": values(
        lambda g: [c for c in g.of("string", distinct=3) if not c.references],
        "replace(replace({c}, 'e', 'Ã©'), 'a', 'Ã¤')",
    ),
    "string truncation": values(lambda g: g.of("string", distinct=5), "left({c}, 4)"),
    "words for nothing": values(lambda g: g.of("string", key=True, distinct=3), "'null'"),
    "scrambled words": values(
        lambda g: g.words(40), "(SELECT any_value(o.{c} ORDER BY o.{c}) FROM t AS o WHERE o.{c} > t.{c})"
    ),
    "off-by-one dates": values(lambda g: g.of("date"), "{c} + 1"),
    "day and month swapped": values(
        lambda g: g.of("date"), "try_cast(strftime({c}, '%Y-') || least(day({c}), 12) || '-' || month({c}) AS DATE)"
    ),
    "default date": values(lambda g: g.of("date"), "DATE '1900-01-01'"),
    "future dates": values(lambda g: g.of("date"), "{c} + INTERVAL 60 YEAR"),
    "time-zone slip": values(lambda g: g.of("timestamp"), "{c} + INTERVAL 1 HOUR"),
    "truth turned round": values(lambda g: g.of("bool"), "NOT {c}"),
    "orphaned reference": values(lambda g: g.ids(), "'entity-' || left(md5({c}), 16)"),
    "emptied lists": values(lambda g: g.of("list<string>", distinct=1), "[]"),
}  # fmt: skip


def window(find: Callable[[Given], list[Told]], change: str) -> Kind:
    """A kind whose new values come from other rows, in the order of the key."""

    def damage(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
        found = find(given)
        if not found:
            return None
        column = chance.choice(found).name
        order = ", ".join(map(name, given.contract.grain))
        moved = change.format(c=name(column), order=order)
        rows = f"(SELECT *, {moved} AS moved_value FROM t)"
        case = f"(CASE WHEN {given.condition} THEN moved_value ELSE {name(column)} END) AS {name(column)}"
        return (column,), f"SELECT * EXCLUDE (moved_value) REPLACE ({case}) FROM {rows} AS t"

    return damage


KINDS |= {
    "shifted column": window(numbers(4), "lag({c}) OVER (ORDER BY {order})"),
    "shuffled values": window(SPREAD, "nth_value({c}, 1) OVER (ORDER BY {order} ROWS BETWEEN 7 PRECEDING AND CURRENT ROW)"),
    "mixed-up references": window(lambda g: g.ids(key=False), "lag({c}, 3) OVER (ORDER BY {order})"),
    "stale copy of values": window(SPREAD, "lag({c}, 40) OVER (ORDER BY {order})"),
}  # fmt: skip


def two(find: Callable[[Given], list[Told]]) -> Kind:
    """A kind that swaps two columns of one type."""

    def damage(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
        found = find(given)
        pairs = [(a.name, b.name) for a in found for b in found if a.name < b.name and a.type == b.type]
        if not pairs:
            return None
        one, other = chance.choice(pairs)
        return (one, other), replaced(given, **{one: name(other), other: name(one)})

    return damage


KINDS["swapped columns of numbers"] = two(SPREAD)
KINDS["swapped columns of texts"] = two(lambda g: [c for c in g.of("string", distinct=5) if not c.references])
KINDS["swapped references"] = two(lambda g: g.ids(key=False))


@kind
def swapped_sides(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """What one side did is said of the other: home and away, for and against."""
    names = {c.name for c in given.columns if c.known >= 40}
    pairs = [(n, n.replace(a, b)) for a, b in (("home_", "away_"), ("_for", "_against")) for n in names if a in n]
    pairs = sorted((a, b) for a, b in pairs if b in names)
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    return (one, other), replaced(given, **{one: name(other), other: name(one)})


@kind
def merged_entities(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """The commonest entity of a column swallows the next ones."""
    found = given.ids()
    if not found:
        return None
    column = chance.choice(found).name
    c = name(column)
    ranked = f"(SELECT {c} FROM t WHERE {c} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 OFFSET {{}})"
    return (
        column,
    ), f"SELECT * REPLACE (CASE WHEN {c} = {ranked.format(1)} THEN {ranked.format(0)} ELSE {c} END AS {c}) FROM t"


@kind
def split_entities(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """Half of what the commonest entity did is said of another."""
    found = given.ids()
    if not found:
        return None
    column = chance.choice(found).name
    c, key = name(column), ", ".join(map(name, given.contract.grain))
    ranked = f"(SELECT {c} FROM t WHERE {c} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)"
    least = f"(SELECT {c} FROM t WHERE {c} IS NOT NULL GROUP BY 1 ORDER BY count(*), 1 LIMIT 1)"
    return (column,), (
        f"SELECT * REPLACE (CASE WHEN {c} = {ranked} AND hash({key}) % 2 = 0 THEN {least} ELSE {c} END AS {c}) FROM t"
    )


def rows(keep: str) -> Kind:
    """A kind that leaves whole rows away: `keep` says which stay."""
    return lambda given, chance: ((), f"SELECT * FROM t WHERE {keep.format(condition=given.condition)}")


@kind
def dropped_rows(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """A season, or some of the rows, is not there."""
    return (), f"SELECT * FROM t WHERE NOT coalesce({given.condition}, false)"


@kind
def dropped_entity(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """All rows of a team or person that has many are not there."""
    found = given.ids()
    if not found:
        return None
    c = name(chance.choice(found).name)
    most = f"(SELECT {c} FROM t WHERE {c} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)"
    return (), f"SELECT * FROM t WHERE {c} IS DISTINCT FROM {most}"


@kind
def truncated_part(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """The end of the part is missing."""
    return (), f"SELECT * FROM t LIMIT {given.rows * 3 // 4}"


@kind
def duplicated_part(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """The rows are there twice."""
    return (), f"SELECT * FROM t UNION ALL SELECT * FROM t WHERE {given.condition}"


@kind
def duplicated_keys(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """Rows are there twice, with other values."""
    found = given.of(*NUMBERS)
    if not found:
        return None
    c = name(chance.choice(found).name)
    return (), f"SELECT * FROM t UNION ALL SELECT * REPLACE (NULL AS {c}) FROM t WHERE {given.condition}"


@kind
def copies_under_other_keys(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """Rows are there once more under another key, as if nobody knew that they are the same."""
    texts = [n for n in given.contract.grain if given.contract.column(n).type == "string"]
    if not texts:
        return None
    c = name(texts[0])
    return (), f"SELECT * FROM t UNION ALL SELECT * REPLACE ({c} || '-b' AS {c}) FROM t WHERE {given.condition}"


@kind
def wrong_season_label(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """Rows of one season say that they are of another."""
    found = [c for c in given.columns if c.name in ("season", "season_id", "label") and c.distinct >= 2]
    if not found:
        return None
    c = name(found[0].name)
    other = f"(SELECT max({c}) FROM t)"
    moved = f"CASE WHEN {given.condition} AND {c} <> {other} THEN {other} ELSE {c} END"
    return (found[0].name,), f"SELECT * REPLACE ({moved} AS {c}) FROM t"


@kind
def stale_part(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """The part is that of long ago: what came last is not there."""
    last = [c.name for c in given.columns if c.name in ("date", "season", "year") and c.distinct >= 3]
    if not last:
        return None
    c = name(last[0])
    return (), f"SELECT * FROM t WHERE {c} < (SELECT quantile_disc({c}, 0.85) FROM t)"


@kind
def an_empty_part(given: Given, chance: random.Random) -> tuple[tuple[str, ...], str] | None:
    """Nothing was written."""
    return (), "SELECT * FROM t LIMIT 0"


def damage(given: Given, kind: str, chance: random.Random) -> Fault | None:
    """A fault of this kind, or None where the part has nothing of the kind."""
    made = KINDS[kind](given, chance)
    return made and Fault(kind, given.contract.name, made[0], given.where, made[1])


def places(contract: Contract, seasons: list[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Where damage may be done, in random order: in all rows, in one season, in a fifth of the rows."""
    key = ", ".join(map(name, contract.grain))
    found = [("all rows", "true"), ("a fifth of the rows", f"hash({key}) % 5 = 1")]
    if seasons:
        column, label = "season" if "season" in contract.names else "season_id", chance.choice(seasons)
        found.append((f"{column} {label}", f"{name(column)}::VARCHAR = {text(label)}"))
    chance.shuffle(found)
    yield from found
