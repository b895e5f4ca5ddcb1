"""Types of Great Expectations as DuckDB SQL: verdicts are those of the library on pandas, at the cost of a scan.

What it does on pandas holds here: nulls (and NaN) are skipped, `mostly` compares the unrounded share, unique counts
*all* rows of a duplicate, a regular expression is searched for as Python does. What does not fit this narrow set (other
types, other arguments, columns of another kind) compiles to None and runs natively.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from fieldhouse.lake.duck import name, text
from fieldhouse.stages.audit.checks import QUERY, Expectation

Types = Mapping[str, str]
ROWS = "count(*)"
#: DuckDB's types by the name that the library has for them on pandas.
PANDAS_TYPES = {
    "str": "VARCHAR",
    "bool": "BOOLEAN",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "date": "DATE",
    "Timestamp": "TIMESTAMP WITH TIME ZONE",
    "list": "VARCHAR[]",
}
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class Settled:
    """A verdict that follows from the columns' names and types."""

    success: bool
    result: Mapping[str, object]


@dataclass(frozen=True)
class Counted:
    """How many rows there are, and the bounds of that."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Mapped:
    """A rule on each row, as aggregates of one scan over the table.

    `considered` are the rows that are not skipped. `exact`: a query that counts what is wrong where the aggregate
    `wrong` is not nought (an aggregate of nought is a proof, any other figure only a suspicion).
    `rows`: what is wrong, as a query that yields whole rows. `skips`: whether nulls are skipped, and reported as such.
    """

    considered: str
    wrong: str
    rows: str
    values: tuple[str, ...]
    mostly: float = 1.0
    exact: str = ""
    skips: bool = True


@dataclass(frozen=True)
class Queried:
    """A query of its own; each row that it yields is one thing wrong."""

    query: str


Plan = Settled | Counted | Mapped | Queried


def compile_(expectation: Expectation, types: Types) -> Plan | None:
    """How the check is made in SQL over a table with these columns and DuckDB types; None: natively.

    Raises LookupError where the table lacks a column.
    """
    compiler = _COMPILERS.get(expectation.type)
    if compiler is None or not set(expectation.kwargs) <= set(ARGUMENTS[expectation.type]):
        return None
    return compiler(expectation, types)


def _type(expectation: Expectation, types: Types) -> str:
    column = expectation.column
    if column not in types:
        raise LookupError(f"the table has no column {column}; it has {', '.join(types)}")
    return types[column]


def _known(column: str, type_: str) -> str:
    """The column, NaN made null as pandas sees it."""
    quoted = name(column)
    return f"CASE WHEN NOT isnan({quoted}) THEN {quoted} END" if type_ in _FLOATS else quoted


def _mapped(expectation: Expectation, value: str, holds: str) -> Mapped:
    table = name(expectation.dataset)
    return Mapped(
        considered=f"count({value})",
        wrong=f"count(*) FILTER (WHERE {value} IS NOT NULL AND NOT ({holds}))",
        rows=f"SELECT * FROM {table} WHERE {value} IS NOT NULL AND NOT ({holds})",
        values=(expectation.column,),
        mostly=_mostly(expectation),
    )


def _mostly(expectation: Expectation) -> float:
    given = expectation.kwargs.get("mostly", 1)
    return float(given) if isinstance(given, int | float) else 1.0


def _columns(expectation: Expectation, types: Types) -> Plan | None:
    wanted = expectation.kwargs["column_list"]
    found = list(types)
    if not isinstance(wanted, list):
        return None
    if found == wanted:
        return Settled(True, {"observed_value": found})
    pairs = enumerate(zip_longest(wanted, found))
    wrong = [{"Expected Column Position": i, "Expected": w, "Found": f} for i, (w, f) in pairs if w != f]
    return Settled(False, {"observed_value": found, "details": {"mismatched": wrong}})


def _of_type(expectation: Expectation, types: Types) -> Plan | None:
    wanted = PANDAS_TYPES.get(str(expectation.kwargs["type_"]))
    found = _type(expectation, types)
    by_type = {duck: pandas for pandas, duck in PANDAS_TYPES.items()}
    if wanted is None:
        return None
    return Settled(found == wanted, {"observed_value": by_type.get(found, found)})


def _row_count(expectation: Expectation, _: Types) -> Plan | None:
    low, high = (_number(expectation.kwargs.get(n)) for n in ("min_value", "max_value"))
    return Counted(low, high) if low is not None or high is not None else None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _not_null(expectation: Expectation, types: Types) -> Plan | None:
    value = _known(expectation.column, _type(expectation, types))
    return Mapped(
        considered=ROWS,
        wrong=f"count(*) - count({value})",
        rows=f"SELECT * FROM {name(expectation.dataset)} WHERE ({value}) IS NULL",
        values=(expectation.column,),
        mostly=_mostly(expectation),
        skips=False,
    )


def _between(expectation: Expectation, types: Types) -> Plan | None:
    type_ = _type(expectation, types)
    if type_ not in (*_WHOLE, *_FLOATS):
        return None
    value, given = _known(expectation.column, type_), expectation.kwargs
    tests = []
    for bound, strict, sign in (("min_value", "strict_min", ">"), ("max_value", "strict_max", "<")):
        number = _number(given.get(bound))
        if number is not None:
            tests.append(f"{value} {sign}{'' if given.get(strict) else '='} {_literal(number)}")
        elif given.get(bound) is not None:
            return None
    return _mapped(expectation, value, " AND ".join(tests)) if tests else None


def _literal(bound: float) -> str:
    # Whole bounds as whole numbers: compared with integers they stay exact.
    return f"{int(bound)}" if float(bound).is_integer() else f"{bound!r}::DOUBLE"


def _in_set(expectation: Expectation, types: Types) -> Plan | None:
    wanted = expectation.kwargs["value_set"]
    if _type(expectation, types) != "VARCHAR" or not isinstance(wanted, list | tuple) or not wanted:
        return None
    if not all(isinstance(item, str) for item in wanted):
        return None
    column = name(expectation.column)
    return _mapped(expectation, column, f"{column} IN ({', '.join(text(str(item)) for item in wanted)})")


def _matches(expectation: Expectation, types: Types) -> Plan | None:
    pattern = as_re2(str(expectation.kwargs["regex"]))
    if _type(expectation, types) != "VARCHAR" or pattern is None:
        return None
    column = name(expectation.column)
    return _mapped(expectation, column, f"regexp_matches({column}, {text(pattern)})")


_DIALECT = re.compile(
    r"""(?P<same>[A-Za-z0-9 _/|:,;@#%&'"~=<>!-]            # literals, alternatives
         | \\[.^$*+?()\[\]{}|/\\-] | \^                    # escaped signs; the beginning
         | \(\?: | \((?!\?) | \)                           # groups
         | \[\^?(?:[A-Za-z0-9 _/:,;@#%&'".~=<>!+*()?|-]|\\[\]\\^.-])+\]  # classes of listed signs
         | (?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??(?![*+?{]))    # repetition, but not of one
      | (?P<any>\.) | (?P<end>\$(?=\)*$|(?P<branch>\|)))""",
    re.VERBOSE,
)


def as_re2(pattern: str) -> str | None:
    """The Python pattern in DuckDB's dialect (RE2), or None where the two may differ.

    They do in `.` (no newline in Python), `$` (also before a last newline in Python), in what \\d, \\w, \\s and \\b mean
    beyond ASCII, and in look-around and back references, which RE2 does not have.
    """
    try:
        re.compile(pattern)
    except re.error:
        return None
    said, at, depth = [], 0, 0
    while at < len(pattern):
        found = _DIALECT.match(pattern, at)
        # An end before an alternative is one only outside of groups: what follows a group could still match the newline.
        if found is None or (found["branch"] and depth):
            return None
        depth += found[0].startswith("(") - (found[0] == ")")
        said.append(r"[^\n]" if found["any"] else r"\n?\z" if found["end"] else found[0])
        at = found.end()
    return "".join(said)


def _unique(expectation: Expectation, types: Types) -> Plan | None:
    type_ = _type(expectation, types)
    return None if "[]" in type_ else _distinct(expectation, (expectation.column,), types)


def _compound(expectation: Expectation, types: Types) -> Plan | None:
    columns = expectation.kwargs["column_list"]
    if not isinstance(columns, list) or len(columns) < 2:
        return None
    missing = [c for c in columns if c not in types]
    if missing:
        raise LookupError(f"the table has no column {missing[0]}; it has {', '.join(types)}")
    if any("[]" in types[c] for c in columns):
        return None
    return _distinct(expectation, tuple(columns), types)


def _distinct(expectation: Expectation, columns: tuple[str, ...], types: Types) -> Mapped:
    values = [_known(c, types[c]) for c in columns]
    # Rows whose columns are all null are left out, as the library does.
    blank = " AND ".join(f"({v}) IS NULL" for v in values)
    table, keys = name(expectation.dataset), ", ".join(values)
    considered = f"count(*) FILTER (WHERE NOT ({blank}))"
    # As many hashes as rows prove that all rows differ; equal hashes prove nothing, and 0.0 and -0.0 have different ones.
    floats = any(types[c] in _FLOATS for c in columns)
    hashes = f"count(DISTINCT hash({keys})) FILTER (WHERE NOT ({blank}))"
    return Mapped(
        considered=considered,
        wrong=considered if floats else f"{considered} - {hashes}",
        exact=f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM {table} WHERE NOT ({blank})"
        f" GROUP BY {keys} HAVING count(*) > 1)",
        rows=f"SELECT * FROM {table} WHERE NOT ({blank}) QUALIFY count(*) OVER (PARTITION BY {keys}) > 1",
        values=columns,
        mostly=_mostly(expectation),
    )


def _query(expectation: Expectation, _: Types) -> Plan | None:
    return Queried(expectation.query.format(batch=name(expectation.dataset)))


_COMPILERS: dict[str, Callable[[Expectation, Types], Plan | None]] = {
    "expect_table_columns_to_match_ordered_list": _columns,
    "expect_table_row_count_to_be_between": _row_count,
    "expect_column_values_to_be_of_type": _of_type,
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_match_regex": _matches,
    "expect_column_values_to_be_unique": _unique,
    "expect_compound_columns_to_be_unique": _compound,
    QUERY: _query,
}
#: Per compiled type the arguments that are compiled.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "expect_table_columns_to_match_ordered_list": ("column_list",),
    "expect_table_row_count_to_be_between": ("min_value", "max_value"),
    "expect_column_values_to_be_of_type": ("column", "type_"),
    "expect_column_values_to_not_be_null": ("column", "mostly"),
    "expect_column_values_to_be_between": ("column", "min_value", "max_value", "strict_min", "strict_max", "mostly"),
    "expect_column_values_to_be_in_set": ("column", "value_set", "mostly"),
    "expect_column_values_to_match_regex": ("column", "regex", "mostly"),
    "expect_column_values_to_be_unique": ("column", "mostly"),
    "expect_compound_columns_to_be_unique": ("column_list", "mostly"),
    QUERY: ("unexpected_rows_query",),
}
#: Arguments that may be left out.
OPTIONAL = ("min_value", "max_value", "strict_min", "strict_max", "mostly")
