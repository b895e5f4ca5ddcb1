"""Judging a suite: one scan of its table for all checks of rows, one query for each other; what fails is looked at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, assert_never

from fieldhouse.contracts import Contract
from fieldhouse.lake.duck import name
from fieldhouse.stages.audit import compiling, evidence, native, session
from fieldhouse.stages.audit.checks import Expectation
from fieldhouse.stages.audit.compiling import ROWS, Counted, Mapped, Plan, Queried, Settled
from fieldhouse.stages.audit.narrowing import Scope, narrow
from fieldhouse.stages.audit.suites import Suite
from fieldhouse.stages.audit.verdicts import Judged, Verdict

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Counts = Mapping[str, int]


def judge(
    con: "DuckDBPyConnection", suite: Suite, contracts: Mapping[str, Contract], scope: Scope | None = None
) -> Judged:
    """What became of the suite's checks, over the session's views of datasets. Never raises for what a check does.

    A check is made on all rows; `scope` says which of the wrong ones count.
    """
    contract = contracts[suite.dataset]
    types = session.types(con, suite.dataset)
    plans = [_planned(e, types) for e in suite.expectations]
    counts = _scan(con, suite.dataset, [p for p in plans if isinstance(p, Counted | Mapped)])
    verdicts: dict[int, Verdict] = {}
    natively = []
    for number, (expectation, plan) in enumerate(zip(suite.expectations, plans, strict=True)):
        if plan is None:
            natively.append(number)
        else:
            verdicts[number] = _verdict(con, expectation, plan, counts, contracts)
    if natively:
        found = native.judge(con, contract, [suite.expectations[n] for n in natively])
        verdicts.update(zip(natively, found, strict=True))
    ordered = [verdicts[n] for n in sorted(verdicts)]
    if scope is None:
        return Judged(suite, tuple(ordered))
    known = [None if isinstance(plan, Verdict) else plan for plan in plans]
    return Judged(suite, tuple(narrow(con, v, p, contracts, scope) for v, p in zip(ordered, known, strict=True)))


def _planned(expectation: Expectation, types: Mapping[str, str]) -> "Plan | Verdict | None":
    try:
        return compiling.compile_(expectation, types)
    except LookupError as error:
        return Verdict(expectation, "error", message=str(error.args[0]))


def _scan(con: "DuckDBPyConnection", dataset: str, plans: Sequence[Counted | Mapped]) -> Counts:
    """The values of all aggregates that the plans need, in one scan; those that fail are left out."""
    import duckdb

    wanted = list(dict.fromkeys((ROWS, *(a for plan in plans for a in _aggregates(plan)))))
    try:
        (found,) = con.execute(f"SELECT {', '.join(wanted)} FROM {name(dataset)}").fetchall()
    except duckdb.Error:
        return {a: row[0] for a in wanted for row in _alone(con, dataset, a)}
    return dict(zip(wanted, found, strict=True))


def _alone(con: "DuckDBPyConnection", dataset: str, aggregate: str) -> Iterator[tuple[int]]:
    # One aggregate that cannot be computed must not take the others with it.
    import duckdb

    try:
        yield from con.execute(f"SELECT {aggregate} FROM {name(dataset)}").fetchall()
    except duckdb.Error:
        return


def _aggregates(plan: Counted | Mapped) -> tuple[str, ...]:
    return (ROWS,) if isinstance(plan, Counted) else (ROWS, plan.considered, plan.wrong)


def _values(
    con: "DuckDBPyConnection", expectation: Expectation, plan: Counted | Mapped, counts: Counts
) -> tuple[int, ...]:
    for aggregate in _aggregates(plan):
        if aggregate not in counts:  # it failed in the scan: ask again, for the error itself
            con.execute(f"SELECT {aggregate} FROM {name(expectation.dataset)}")
    return tuple(counts[a] for a in _aggregates(plan))


def _verdict(
    con: "DuckDBPyConnection",
    expectation: Expectation,
    plan: "Plan | Verdict",
    counts: Counts,
    contracts: Mapping[str, Contract],
) -> Verdict:
    import duckdb

    try:
        match plan:
            case Verdict():
                return plan
            case Settled():
                return Verdict(expectation, "passed" if plan.success else "failed", plan.result)
            case Counted():
                return _counted(con, expectation, plan, counts)
            case Mapped():
                return _mapped(con, expectation, plan, counts, contracts)
            case Queried():
                return _queried(con, expectation, plan, contracts)
            case _:
                assert_never(plan)
    except duckdb.Error as error:
        return Verdict(expectation, "error", message=_first(error))


def _first(error: Exception) -> str:
    # What follows the first paragraph shows the place in the SQL, over several lines.
    return " ".join(f"{type(error).__name__}: {error}".split("\n\n")[0].split())


def _counted(con: "DuckDBPyConnection", expectation: Expectation, plan: Counted, counts: Counts) -> Verdict:
    (rows,) = _values(con, expectation, plan, counts)
    fits = (plan.low is None or rows >= plan.low) and (plan.high is None or rows <= plan.high)
    return Verdict(expectation, "passed" if fits else "failed", {"observed_value": rows})


def _mapped(
    con: "DuckDBPyConnection",
    expectation: Expectation,
    plan: Mapped,
    counts: Counts,
    contracts: Mapping[str, Contract],
) -> Verdict:
    total, considered, wrong = _values(con, expectation, plan, counts)
    if wrong and plan.exact:
        wrong = con.execute(plan.exact).fetchall()[0][0]
    # The unrounded share of what is considered; where nothing is, nothing is wrong.
    success = considered == 0 or (considered - wrong) / considered >= plan.mostly
    result = _figures(total, considered, wrong, skips=plan.skips)
    if not wrong:
        return Verdict(expectation, "passed", result)
    contract = contracts[expectation.dataset]
    found = evidence.rows(con, plan, contract)
    traces = evidence.trace(found, contract, contracts)
    return Verdict(
        expectation,
        "passed" if success else "failed",
        {**result, **evidence.shown(found, plan, contract)},
        keys=tuple(found[:3]),
        trace=traces,
    )


def _figures(total: int, considered: int, wrong: int, *, skips: bool) -> dict[str, object]:
    of_considered = wrong / considered * 100 if considered else None
    figures: dict[str, object] = {
        "element_count": total,
        "unexpected_count": wrong,
        "unexpected_percent": of_considered,
    }
    if not skips:
        return figures
    missing = total - considered
    return figures | {
        "missing_count": missing,
        "missing_percent": missing / total * 100 if total else None,
        "unexpected_percent_total": wrong / total * 100 if total else None,
        "unexpected_percent_nonmissing": of_considered,
    }


def _queried(
    con: "DuckDBPyConnection", expectation: Expectation, plan: Queried, contracts: Mapping[str, Contract]
) -> Verdict:
    wrong = con.execute(f"SELECT count(*) FROM ({plan.query})").fetchall()[0][0]
    if not wrong:
        return Verdict(expectation, "passed", {"observed_value": 0})
    found = evidence.rows(con, plan, contracts[expectation.dataset])
    result = {"observed_value": wrong, "details": {"unexpected_rows": found}}
    traces = evidence.trace(found, contracts[expectation.dataset], contracts)
    return Verdict(expectation, "failed", result, keys=tuple(found[:3]), trace=traces)
