"""The suites of change: what a dataset has otherwise than the release before, as checks with their verdicts.

Nothing is checked where there is no release before, or where all parts are those that it has. Each check is a query over
the parts that differ (`<dataset>_before` and `<dataset>_now`); whether it fails, counts decide, not its first row: a few
corrected values are no failure.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.lake import duck
from fieldhouse.lake.duck import name
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import evidence, limits, newcomers, texts
from fieldhouse.stages.audit.checks import QUERY, Expectation, Severity
from fieldhouse.stages.audit.comparing import (
    HISTORY,
    MATCHES,
    Change,
    Compared,
    Tally,
    by_value,
    compare,
    filled,
    gone_by_value,
    lost,
    open_change,
    rewritten,
    same,
)
from fieldhouse.stages.audit.compiling import Queried
from fieldhouse.stages.audit.limits import Limit, Limits, exceeded
from fieldhouse.stages.audit.narrowing import Scope, narrow
from fieldhouse.stages.audit.suites import Suite
from fieldhouse.stages.audit.verdicts import Judged, Verdict

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
#: All rules of change.
RULES = (
    "keys_stay",
    "most_keys_stay",
    "growth_is_usual",
    "rows_are_not_repeated",
    "values_stay",
    "known_values_stay_known",
    "most_values_stay",
    "gaps_are_not_filled_alike",
    "new_rows_are_alike",
    "texts_stay_whole",
)


@dataclass(frozen=True)
class Outcome:
    """Of one check: how many rows it is about of how many, whether that is too much, and what more there is to say."""

    expectation: Expectation
    hits: int
    of: int
    failed: bool
    said: str = ""


def judge(
    con: "DuckDBPyConnection",
    store: Store,
    change: Change,
    contracts: Mapping[str, Contract],
    scope: Scope,
) -> Judged | None:
    """What became of the checks of a change; None where its rows cannot be compared with those before."""
    columns = open_change(con, store, change)
    if not columns:
        return None
    compared = compare(con, change, columns)
    moved = _moved(con, change, columns, compared)
    unlike = newcomers.unlike(con, change, columns)
    repeated = newcomers.repeated(con, change, columns) if compared.added and change.rows >= HISTORY else 0
    outcomes = [
        *_outcomes(change, compared, moved, unlike, repeated),
        *_texts(change, texts.count(con, change, columns)),
    ]
    verdicts = tuple(_verdict(con, outcome, contracts, scope) for outcome in outcomes)
    return Judged(Suite(f"{change.contract.name}.change", tuple(o.expectation for o in outcomes)), verdicts)


def _moved(con: "DuckDBPyConnection", change: Change, columns: Sequence[str], found: Compared) -> dict[str, str]:
    """What became of the rows of one team, person or word, where too many moved: by column, for keys under no column."""
    words = [c for c in columns if change.contract.column(c).type == "string"]
    if change.contract.filled_by == "conform":
        return {}
    told = {}
    for column in words:
        tally = found.rewritten.get(column)
        if tally and tally.hits >= limits.FEWEST_MOVED:
            told[column] = _worst(by_value(con, change, columns, column), "are said of others now")
    if found.gone.hits >= limits.FEWEST_MOVED:
        tallies = [gone_by_value(con, change, column) for column in words]
        told[""] = next(filter(None, (_worst(tally, "are gone") for tally in tallies)), "")
    return told


def _worst(tally: Tally, what: str) -> str:
    if not exceeded(tally, limits.MOVED):
        return ""
    value = max(tally.hit, key=lambda v: (limits.MOVED.season[0].passed(tally.hit[v], tally.of[v]), tally.hit[v]))
    return f"{tally.hit[value]:,} of {tally.of[value]:,} rows of {value} {what}"


def _outcomes(
    change: Change, found: Compared, moved: Mapping[str, str], unlike: Mapping[str, str], repeated: int
) -> Iterator[Outcome]:
    books = change.contract.filled_by == "conform"
    gone = _tallied(_gone(change), found.gone, limits.BOOKS_GONE if books else limits.GONE)
    yield _also(gone, moved.get("", ""))
    yield _whole(_most_gone(change), found.gone.hits, change.rows, limits.MOST_GONE)
    doc = "It grows no more than usual."
    grown = Tally({"": change.rows}, {"": found.added})
    yield _tallied(_added(change, "growth_is_usual", doc), grown, limits.BOOKS_GROWN if books else limits.GROWN)
    again = Tally({"": found.added}, {"": repeated})
    doc = "New rows do not repeat under other keys what was there."
    yield _tallied(_added(change, "rows_are_not_repeated", doc), again, limits.REPEATED)
    for column, others in found.rewritten.items():
        stay = _tallied(_differs(change, column), others, limits.REWRITTEN)
        yield _also(stay, moved.get(column, ""))
        yield _tallied(_lost(change, column), found.lost[column], limits.LOST)
        both = others.hits + found.lost[column].hits
        yield _whole(_differs_or_lost(change, column), both, change.rows, limits.MOST_CHANGED)
        yield _tallied(_filled(change, column), found.filled[column], limits.FILLED)
        yield _alike(change, column, unlike.get(column, ""), found.added)


def _texts(change: Change, found: Mapping[str, tuple[int, int]]) -> Iterator[Outcome]:
    for column, (broken, of) in found.items():
        yield Outcome(_broken(change, column), broken, of, broken >= texts.TOO_MANY)


def _tallied(expectation: Expectation, tally: Tally, allowed: Limits) -> Outcome:
    return Outcome(expectation, tally.hits, sum(tally.of.values()), exceeded(tally, allowed))


def _also(outcome: Outcome, said: str) -> Outcome:
    return replace(outcome, failed=True, said=said) if said else outcome


def _whole(expectation: Expectation, hits: int, of: int, limit: Limit) -> Outcome:
    return Outcome(expectation, hits, of, limit.passed(hits, of))


def _alike(change: Change, column: str, said: str, added: int) -> Outcome:
    doc = "New rows are like those that were there."
    expectation = _added(change, "new_rows_are_alike", doc, column)
    return Outcome(expectation, added if said else 0, added, bool(said), said)


def _expectation(change: Change, rule: str, severity: Severity, doc: str, query: str, column: str = "") -> Expectation:
    meta = {"column": column} if column else {}
    return Expectation(change.contract.name, rule, QUERY, {"unexpected_rows_query": query}, severity, doc, meta)


def _stops(change: Change) -> Severity:
    """How grave it is where most of a dataset is another: what is derived follows, rightly, from what it is made of."""
    return "critical" if change.contract.layer == "normalized" else "warning"


def _keys_gone(change: Change) -> str:
    return f"SELECT w.* FROM {change.was} AS w WHERE NOT EXISTS (FROM {change.has} AS h WHERE {same(change.contract)})"


def _gone(change: Change) -> Expectation:
    return _expectation(change, "keys_stay", "warning", "Rows that were there are there.", _keys_gone(change))


def _most_gone(change: Change) -> Expectation:
    doc = "At least half of the rows that were there are there."
    return _expectation(change, "most_keys_stay", _stops(change), doc, _keys_gone(change))


def _added(change: Change, rule: str, doc: str, column: str = "") -> Expectation:
    shown = "h.*" if not column else ", ".join(f"h.{name(c)}" for c in (*change.contract.grain, column))
    query = (
        f"SELECT {shown} FROM {change.has} AS h WHERE NOT EXISTS (FROM {change.was} AS w WHERE {same(change.contract)})"
    )
    return _expectation(change, rule, "warning", doc, query, column)


def _pairs(change: Change, column: str, condition: str) -> str:
    key = ", ".join(f"h.{name(c)}" for c in change.contract.grain)
    return (
        f"SELECT {key}, w.{name(column)} AS before, h.{name(column)} AS now"
        f" FROM {change.was} AS w JOIN {change.has} AS h ON {same(change.contract)} WHERE {condition}"
    )


def _differs(change: Change, column: str) -> Expectation:
    query = _pairs(change, column, rewritten(change.contract.column(column)))
    return _expectation(change, "values_stay", "warning", "Known values stay, but for corrections.", query, column)


def _differs_or_lost(change: Change, column: str) -> Expectation:
    declared = change.contract.column(column)
    query = _pairs(change, column, f"({rewritten(declared)}) OR ({lost(declared)})")
    doc = "In most rows the value stays, and stays known."
    return _expectation(change, "most_values_stay", _stops(change), doc, query, column)


def _lost(change: Change, column: str) -> Expectation:
    query = _pairs(change, column, lost(change.contract.column(column)))
    return _expectation(change, "known_values_stay_known", "warning", "What was known is known.", query, column)


def _filled(change: Change, column: str) -> Expectation:
    query = _pairs(change, column, filled(change.contract.column(column)))
    doc = "What becomes known is not one value everywhere."
    return _expectation(change, "gaps_are_not_filled_alike", "warning", doc, query, column)


def _broken(change: Change, column: str) -> Expectation:
    shown = ", ".join(f"h.{name(c)}" for c in dict.fromkeys((*change.contract.grain, column)))
    query = (
        f"SELECT {shown} FROM {change.has} AS h WHERE {texts.damaged(f'h.{name(column)}')} AND NOT EXISTS"
        f" (FROM {change.was} AS w WHERE {same(change.contract)} AND w.{name(column)} = h.{name(column)})"
    )
    return _expectation(change, "texts_stay_whole", "warning", "No text is broken that was whole.", query, column)


def _verdict(con: "DuckDBPyConnection", outcome: Outcome, contracts: Mapping[str, Contract], scope: Scope) -> Verdict:
    expectation = outcome.expectation
    result = {"observed_value": outcome.hits, "details": {"of": outcome.of, "said": outcome.said}}
    if not outcome.failed:
        return Verdict(expectation, "passed", result)
    plan = Queried(expectation.query)
    verdict = evidence.seen(con, expectation, plan, contracts, result)
    return narrow(con, verdict, plan, contracts, scope)


@contextmanager
def opened(
    store: Store, matches: Sequence[Part], further: Mapping[str, Sequence[Part]]
) -> Iterator["DuckDBPyConnection"]:
    """A session in which changes can be judged: seasons of the earlier release's matches, and further datasets whole."""
    con = duck.connect()
    try:
        rows = f"read_parquet({duck.files(store, matches)})" if matches else "(SELECT '' AS match_id, '' AS season_id)"
        con.execute(f"CREATE TABLE {MATCHES} AS SELECT match_id, season_id FROM {rows}")
        for dataset, parts in further.items():
            duck.view(con, store, dataset, parts, "")
        yield con
    finally:
        con.close()
