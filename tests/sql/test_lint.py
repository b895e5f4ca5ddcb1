"""A lint over all SQL of the declarations: what could differ between two runs, or silently multiply rows, is refused."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from fieldhouse import contracts, settings

HOME = settings.home()
WHOLE_TYPES = {
    exp.DataType.Type.TINYINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.INT128,
    exp.DataType.Type.DECIMAL,
    exp.DataType.Type.BOOLEAN,
    exp.DataType.Type.DATE,
}
SUMS = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Corr)
PICKS = (exp.ArrayAgg, exp.First, exp.Last, exp.AnyValue, exp.GroupConcat, exp.ArrayConcatAgg, exp.JSONObjectAgg)
PICK_NAMES = {"arbitrary", "list", "listagg", "mode", "histogram", "json_group_array", "json_group_object"}
RANKS = (
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.PercentRank,
    exp.CumeDist,
    exp.Ntile,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
)
MOODS = (
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.CurrentDatetime,
    exp.Rand,
    exp.Uuid,
    exp.TableSample,
)
MOOD_NAMES = {
    "now",
    "today",
    "random",
    "uuid",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "get_current_time",
    "get_current_timestamp",
    "transaction_timestamp",
    "current_localtime",
    "current_localtimestamp",
}
#: Where a clause ends that a join stands in.
CLAUSE = re.compile(r"^\s*(from|select|where|group|order|qualify|having|window|union|with|\)|\w+ as \()", re.IGNORECASE)
JOIN = re.compile(r"\bjoin\b", re.IGNORECASE)
ONE_SIDED = re.compile(r"\b(semi|anti)\s+join\b", re.IGNORECASE)


def lint(sql: str, *, border: bool = False) -> list[str]:
    """What is wrong in an SQL text; `border`: its columns are those of a contract."""
    found: list[str] = []
    for tree in sqlglot.parse(sql, read="duckdb"):
        if tree is not None:
            whole = _whole_names(tree)
            found += _unordered_sums(tree, whole)
            found += _unordered_picks(tree)
            found += _moods(tree)
            found += _unordered_windows(tree)
            found += _unordered_limits(tree)
            found += _comma_joins(tree)
            found += _stars(tree) if border else []
    return [*found, *_unexplained_joins(sql)]


def _unordered_sums(tree: exp.Expression, whole: set[str]) -> Iterator[str]:
    for call in tree.find_all(*SUMS):
        if not isinstance(call.this, exp.Order) and not _is_whole(call.this, whole) and not _window_order(call):
            yield f"{call.sql()}: a sum of floats depends on its order; sum decimals or integers, or say ORDER BY"


@cache
def _contract_names() -> tuple[frozenset[str], frozenset[str]]:
    columns = [c for contract in contracts.load_all().values() for c in (*contract.columns, *contract.hidden)]
    whole = {c.name for c in columns if c.type.startswith("int") or c.type in ("bool", "date")}
    return frozenset(whole), frozenset(c.name for c in columns if c.name in whole and c.type.startswith("float"))


def _whole_names(tree: exp.Expression) -> set[str]:
    """Names that hold whole numbers wherever they are defined: in this text, or in contracts."""
    known, floats = _contract_names()
    defined: dict[str, list[exp.Expression]] = {}
    for alias in tree.find_all(exp.Alias):
        if not (isinstance(alias.this, exp.Column) and alias.this.name == alias.alias):
            defined.setdefault(alias.alias, []).append(alias.this)
    # From all names down, not from none up: a running sum is often defined by itself.
    whole = (set(known) - floats - set(defined)) | {"_record", "_ordinal"} | set(defined)
    while True:
        less = {n for n, values in defined.items() if n in whole and not all(_is_whole(v, whole) for v in values)}
        if not less:
            return whole
        whole -= less


def _is_whole(node: exp.Expression | None, whole: set[str]) -> bool:
    """Whether an expression is made of whole numbers or decimals alone."""
    match node:
        case None | exp.Null() | exp.Boolean() | exp.Count() | exp.RowNumber() | exp.Predicate() | exp.Not():
            found = True
        case exp.Literal():
            found = not node.is_string and "." not in node.name and "e" not in node.name.lower()
        case exp.Cast():
            found = node.to.this in WHOLE_TYPES
        case exp.Column():
            found = node.name in whole
        case exp.Window() | exp.Filter() | exp.Paren() | exp.Neg() | exp.Order() | exp.Sum() | exp.Max() | exp.Min():
            found = _is_whole(node.this, whole)
        case exp.Case():
            values = [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
            found = all(_is_whole(value, whole) for value in values)
        case exp.If():
            found = _is_whole(node.args["true"], whole) and _is_whole(node.args.get("false"), whole)
        case exp.Coalesce() | exp.Greatest() | exp.Least():
            found = all(_is_whole(value, whole) for value in [node.this, *node.expressions])
        case exp.Add() | exp.Sub() | exp.Mul() | exp.IntDiv() | exp.Mod():
            found = _is_whole(node.left, whole) and _is_whole(node.right, whole)
        case _:
            found = False
    return found


def _unordered_picks(tree: exp.Expression) -> Iterator[str]:
    for call in tree.find_all(*PICKS, exp.Anonymous):
        named = not isinstance(call, exp.Anonymous) or call.name.lower() in PICK_NAMES
        if named and not any(call.find_all(exp.Order)) and not _window_order(call):
            yield f"{call.sql()}: which value comes first is chance; say ORDER BY in it"


def _moods(tree: exp.Expression) -> Iterator[str]:
    for call in tree.find_all(*MOODS, exp.Anonymous, exp.Column):
        bare = isinstance(call, exp.Column) and call.name.lower() == "current_timestamp"
        if isinstance(call, MOODS) or bare or (isinstance(call, exp.Anonymous) and call.name.lower() in MOOD_NAMES):
            yield f"{call.sql()}: a table does not depend on the clock or on chance"


def _window_order(call: exp.Expression) -> bool:
    """Whether a function is called over a window with an order."""
    window = call.parent
    while isinstance(window, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        window = window.parent
    return isinstance(window, exp.Window) and _ordered(window)


def _ordered(window: exp.Window) -> bool:
    if window.args.get("order"):
        return True
    select = window.find_ancestor(exp.Select)
    named = {w.name: w for w in (select.args.get("windows") or [])} if select else {}
    base = window.alias or window.args.get("first") or ""
    return str(base) in named and bool(named[str(base)].args.get("order"))


def _unordered_windows(tree: exp.Expression) -> Iterator[str]:
    for call in tree.find_all(*RANKS):
        if not _window_order(call):
            yield f"{call.sql()}: a rank without ORDER BY is chance"


def _unordered_limits(tree: exp.Expression) -> Iterator[str]:
    for limit in tree.find_all(exp.Limit):
        if limit.parent and not limit.parent.args.get("order"):
            yield f"{limit.sql().strip()}: which rows these are is chance; say ORDER BY"


def _comma_joins(tree: exp.Expression) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        kinds = (join.args.get(a) for a in ("kind", "side", "method", "on", "using"))
        if not any(kinds) and not isinstance(join.this, exp.Unnest | exp.Lateral):
            yield f"{join.sql().strip()}: a join by comma; write JOIN with its condition"


def _stars(tree: exp.Expression) -> Iterator[str]:
    for select in _outermost(tree):
        for star in (column for column in select.expressions if column.is_star and not isinstance(column, exp.Count)):
            yield f"{star.sql()}: the columns of a contract are named one by one"


def _outermost(tree: exp.Expression) -> list[exp.Select]:
    if isinstance(tree, exp.SetOperation):
        return [*_outermost(tree.left), *_outermost(tree.right)]
    return [tree] if isinstance(tree, exp.Select) else []


def _unexplained_joins(sql: str) -> Iterator[str]:
    """Joins of which no comment says why they do not fan out: on their lines, or before them in their chain of joins."""
    lines = sql.splitlines()
    for number, line in enumerate(lines):
        code = line.split("--")[0]
        if JOIN.search(code) and not ONE_SIDED.search(code) and not _explained(lines, number):
            yield f"{line.strip()}: a comment on this line or before it says why the join cannot fan out"


def _explained(lines: list[str], number: int) -> bool:
    for line in lines[number:]:
        code = line.split("--")[0]
        if line is not lines[number] and (JOIN.search(code) or CLAUSE.match(code)):
            break
        if "--" in line and code.strip():
            return True
    for line in reversed(lines[:number]):
        if line.strip().startswith("--"):
            return True
        if CLAUSE.match(line):
            return False
    return False


def _is_border(path: Path) -> bool:
    """Whether a file's columns are those of a contract: mappings and wide datasets, not what they share."""
    return path.stem in contracts.load_all() or path.with_suffix(".toml").is_file()


FILES = sorted(
    path
    for pattern in ("containers/*/normalize/**/*.sql", "containers/*/conform/*.sql", "datasets/**/*.sql")
    for path in HOME.glob(pattern)
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(HOME).as_posix())
def test_sql_is_deterministic_and_explains_its_joins(path):
    border = _is_border(path) and path.parent.name != "conform"  # conform SQL passes on the columns that it is given
    assert lint(path.read_text(encoding="utf-8"), border=border) == []


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("SELECT sum(weight) AS w FROM t", "sum of floats"),
        ("SELECT avg(score * 1.5) AS w FROM t", "sum of floats"),
        ("SELECT sum(x / 2) AS w FROM (SELECT score AS x FROM t)", "sum of floats"),
        ("WITH a AS (SELECT weight AS n FROM t) SELECT sum(n)::BIGINT AS n FROM a", "sum of floats"),
        ("SELECT list(name) AS names FROM t", "comes first is chance"),
        ("SELECT array_agg(name) AS names FROM t", "comes first is chance"),
        ("SELECT string_agg(name, ',') AS names FROM t", "comes first is chance"),
        ("SELECT first(name) AS name FROM t", "comes first is chance"),
        ("SELECT any_value(name) AS name FROM t", "comes first is chance"),
        ("SELECT arbitrary(name) AS name FROM t", "comes first is chance"),
        ("SELECT now() AS at FROM t", "clock"),
        ("SELECT current_date AS at FROM t", "clock"),
        ("SELECT CURRENT_TIMESTAMP AS at FROM t", "clock"),
        ("SELECT today() AS at FROM t", "clock"),
        ("SELECT random() AS x FROM t", "clock"),
        ("SELECT uuid() AS x FROM t", "clock"),
        ("SELECT name FROM t USING SAMPLE 10%", "clock"),
        ("CREATE MACRO aged(x) AS now() - x", "clock"),
        ("SELECT row_number() OVER () AS n FROM t", "rank without"),
        ("SELECT rank() OVER (PARTITION BY season) AS n FROM t", "rank without"),
        ("SELECT lag(x) OVER w AS n FROM t WINDOW w AS (PARTITION BY season)", "rank without"),
        ("SELECT first_value(x) OVER (PARTITION BY season) AS n FROM t", "rank without"),
        ("SELECT name FROM t LIMIT 1", "which rows"),
        ("SELECT name FROM t, u", "join by comma"),
        ("SELECT * FROM t", "named one by one"),
        ("SELECT t.*, 1 AS one FROM t", "named one by one"),
        ("WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT * FROM a", "named one by one"),
        ("SELECT t.name FROM t JOIN u USING (id)", "fan out"),
        ("-- about the whole\nSELECT t.name\nFROM t\nLEFT JOIN u USING (id)", "fan out"),
        ("SELECT t.name\nFROM t\nJOIN u USING (id)  -- one row an id\nJOIN v USING (id)", "fan out"),
    ],
)
def test_what_is_wrong_is_found(sql, wrong):
    found = lint(sql, border=True)
    assert len(found) == 1
    assert wrong in found[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(score) AS goals, avg(score) AS mean FROM t",
        "SELECT sum(weight::DECIMAL(18, 3)) AS w FROM t",
        "SELECT sum(weight ORDER BY id) AS w FROM t",
        "SELECT sum(weight) OVER (PARTITION BY x ORDER BY id) AS w FROM t",
        "SELECT sum(CASE WHEN result = 'won' THEN 3 WHEN result = 'drawn' THEN 1 ELSE 0 END) AS points FROM t",
        "SELECT sum(mine) AS x FROM (SELECT coalesce(score, 0) + 1 AS mine FROM t)",
        "WITH a AS (SELECT score AS n FROM t), b AS (SELECT sum(n) AS n FROM a) SELECT sum(n) AS n FROM b",
        "SELECT list(name ORDER BY name) AS names, string_agg(name, ',' ORDER BY name) AS said FROM t",
        "SELECT first(name ORDER BY date, id) AS name FROM t",
        "SELECT row_number() OVER w AS n FROM t WINDOW w AS (ORDER BY id)",
        "SELECT name FROM t ORDER BY name LIMIT 1",
        "SELECT name FROM (SELECT * FROM t)",
        "SELECT name FROM t SEMI JOIN u USING (id)",
        "SELECT t.name FROM t JOIN u USING (id)  -- one row an id",
        "SELECT t.name\nFROM t\n-- Ids are unique in both.\nJOIN u\n  ON u.id = t.id\nJOIN v\n  ON v.id = t.id",
        "SELECT t.name\nFROM t\nLEFT JOIN u\n  ON u.id = t.id  -- one row an id",
    ],
)
def test_what_is_right_passes(sql):
    assert lint(sql, border=True) == []
