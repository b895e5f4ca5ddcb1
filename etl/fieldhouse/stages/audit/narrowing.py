"""Of what a check finds wrong, what counts: rows of the season that is asked for, and those that nobody has accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fieldhouse.contracts import Contract
from fieldhouse.stages.audit import evidence, seasons
from fieldhouse.stages.audit.acceptances import Acceptance
from fieldhouse.stages.audit.compiling import Mapped, Plan, Queried
from fieldhouse.stages.audit.verdicts import Verdict

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Scope:
    """Which wrong rows count: those of a season (empty: of all), but for the accepted ones."""

    season: str = ""
    accepted: tuple[Acceptance, ...] = ()


def narrow(
    con: "DuckDBPyConnection", verdict: Verdict, plan: Plan | None, contracts: Mapping[str, Contract], scope: Scope
) -> Verdict:
    """The verdict as far as the scope goes. Rows that do not tell their season are of every season."""
    if verdict.state != "failed":
        return verdict
    ours = [a for a in scope.accepted if a.is_of(verdict.expectation)]
    if isinstance(plan, Mapped | Queried) and (scope.season or ours):
        return _of_rows(con, verdict, plan, contracts, scope.season, ours)
    whole = tuple(a for a in ours if not a.key)
    return replace(verdict, accepted=whole, left=0) if whole else verdict


def _of_rows(
    con: "DuckDBPyConnection",
    verdict: Verdict,
    plan: Mapped | Queried,
    contracts: Mapping[str, Contract],
    season: str,
    ours: Sequence[Acceptance],
) -> Verdict:
    wrong = plan.rows if isinstance(plan, Mapped) else plan.query
    columns = [row[0] for row in con.execute(f"DESCRIBE ({wrong})").fetchall()]
    within = seasons.within(columns, season) if season else ""
    if within:
        wrong = f"SELECT * FROM ({wrong}) WHERE {within}"
        if not _count(con, wrong):
            return Verdict(verdict.expectation, "passed", {"observed_value": 0})
    holding = [(a, condition) for a in ours if (condition := a.condition(columns))]
    used = [(a, c) for a, c in holding if _count(con, f"SELECT * FROM ({wrong}) WHERE {c}")]
    if used:
        wrong = f"SELECT * FROM ({wrong}) WHERE NOT coalesce({' OR '.join(f'({c})' for _, c in used)}, false)"
    left = _count(con, wrong)
    found = verdict if not left or not (within or used) else _shown(con, verdict, _like(plan, wrong), left, contracts)
    return replace(found, accepted=tuple(a for a, _ in used), left=left)


def _count(con: "DuckDBPyConnection", query: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])


def _like(plan: Mapped | Queried, wrong: str) -> Mapped | Queried:
    return replace(plan, rows=wrong) if isinstance(plan, Mapped) else Queried(wrong)


def _shown(
    con: "DuckDBPyConnection",
    verdict: Verdict,
    plan: Mapped | Queried,
    left: int,
    contracts: Mapping[str, Contract],
) -> Verdict:
    """The verdict with the rows that count, instead of all wrong ones."""
    contract = contracts[verdict.expectation.dataset]
    found = evidence.rows(con, plan, contract)
    if isinstance(plan, Mapped):
        shown: dict[str, object] = {"unexpected_count": left, **evidence.shown(found, plan, contract)}
    else:
        shown = {"observed_value": left, "details": {"unexpected_rows": found}}
    traces = evidence.trace(found, contract, contracts)
    return replace(verdict, result={**verdict.result, **shown}, keys=tuple(found[:3]), trace=traces)
