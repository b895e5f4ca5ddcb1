"""The suites of reconciliation: how far sources agree about what several of them know, column by column and match by match.

What sources say otherwise stands in `core.disagreement`; of how many rows several sources speak, the sidecars of origins
tell. The rates are published in the audit's documents (`details.agreement` of each check).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.contracts import Column, Contract
from fieldhouse.lake import documents
from fieldhouse.lake.duck import name, text
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import acceptances, seasons, session, verdicts, work
from fieldhouse.stages.audit.acceptances import Acceptance
from fieldhouse.stages.audit.basis import Basis
from fieldhouse.stages.audit.checks import QUERY, Expectation, Severity
from fieldhouse.stages.audit.compiling import Queried
from fieldhouse.stages.audit.evidence import seen
from fieldhouse.stages.audit.narrowing import Scope, narrow
from fieldhouse.stages.audit.suites import ORIGIN, Suite
from fieldhouse.stages.audit.verdicts import Judged, Verdict

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAID = "core.disagreement"
RULES = ("sources_agree", "sources_mostly_agree", "matches_agree")
#: Of so many values that several sources know, at least this share is told alike by them.
BOUNDS: tuple[tuple[str, Severity, float, int], ...] = (
    ("sources_agree", "warning", 0.8, 50),
    ("sources_mostly_agree", "critical", 1 / 3, 200),
)
#: Of so many matches of several sources this share has nothing that they tell otherwise.
MATCHES, SHARE = 50, 0.2


@dataclass(frozen=True)
class SourcesAudit:
    """The datasets of a domain that sources feed, and the parts (by readable name) that tell how far they agree."""

    domain: str
    contracts: Mapping[str, Contract]
    datasets: tuple[str, ...]
    found: Mapping[str, tuple[Part, ...]]
    stated: tuple[Acceptance, ...]
    day: str

    @property
    def due(self) -> bool:
        """Whether sources say anything otherwise."""
        return bool(self.datasets) and any(part.rows for part in self.found.get(SAID, ()))

    @property
    def wanted(self) -> set[str]:
        """Every dataset and sidecar that is read."""
        return {SAID, *self.datasets, *(n + ORIGIN for n in self.datasets)}

    @property
    def parts(self) -> dict[str, list[str]]:
        """The hashes of the parts that the verdicts are about."""
        return {n: [p.sha256 for p in self.found.get(n, ())] for n in sorted(self.wanted)}

    def key(self, revision: int) -> str:
        """The memo key: equal only if all that is read, the contracts and all that is accepted are."""
        declarations = [repr((n, self.contracts[n].grain, self.contracts[n].names)) for n in self.datasets]
        accepted = work.accepted(acceptances.active(self.stated, self.day))
        return documents.digest(
            ["audit.sources", revision, work.versions(), self.domain, declarations, accepted, self.parts]
        )

    def only(self, datasets: Mapping[str, bool]) -> "SourcesAudit":
        """The audit of those datasets alone that are asked for."""
        wanted = tuple(n for n in self.datasets if datasets[n])
        return SourcesAudit(self.domain, self.contracts, wanted, self.found, self.stated, self.day)

    def document(self, found: list[Judged]) -> bytes:
        """What became of the checks, as it is stored."""
        return verdicts.document(self.domain, found, self.parts, "sources")

    def judged(self, store: Store, season: str = "") -> list[Judged]:
        """What became of each check; no suite for a dataset of which no row is known to several sources."""
        scope = Scope(season, acceptances.active(self.stated, self.day))
        further = {n for n in seasons.READS if season and n in self.contracts}
        with session.opened(store, self.wanted | further, self.found, self.contracts) as con:
            suites = (_suite(con, self.contracts, self.contracts[n], scope) for n in self.datasets)
            return [suite for suite in suites if suite.verdicts]


def work_on(domain: str, about: Basis) -> SourcesAudit:
    """What sources tell of a domain's datasets."""
    contracts, found = declared.load_all(), about.readable
    fed = (c.name for c in contracts.values() if c.domain == domain and c.filled_by == "sources")
    stated = acceptances.of_rules(acceptances.load(settings.home()), RULES, domain, contracts)
    return SourcesAudit(domain, contracts, tuple(n for n in fed if found.get(n + ORIGIN)), found, stated, about.day)


def _suite(con: "DuckDBPyConnection", contracts: Mapping[str, Contract], contract: Contract, scope: Scope) -> Judged:
    found = list(_verdicts(con, contracts, contract, scope))
    return Judged(Suite(f"{contract.name}.sources", tuple(v.expectation for v in found)), tuple(found))


def _verdicts(
    con: "DuckDBPyConnection", contracts: Mapping[str, Contract], contract: Contract, scope: Scope
) -> Iterator[Verdict]:
    keys = ", ".join(map(name, contract.grain))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE several AS SELECT {keys} FROM {name(contract.name + ORIGIN)}"
        f" GROUP BY ALL HAVING min(source) <> max(source)"
    )
    rest = [c for c in contract.names if c not in contract.grain]
    counts = ", ".join(["count(*)", *(f"count({name(c)})" for c in rest)])
    (rows, *known) = con.execute(
        f"SELECT {counts} FROM {name(contract.name)} SEMI JOIN several USING ({keys})"
    ).fetchall()[0]
    if not rows:
        return
    said = dict(
        con.execute(
            f'SELECT "column", count(DISTINCT key) FROM {SAID} WHERE dataset = {text(contract.name)} GROUP BY 1'
        ).fetchall()
    )
    for column, of in zip(rest, known, strict=True):
        for rule, severity, share, least in BOUNDS if of else ():
            if severity == "critical" and _spelled(contract.column(column)):
                continue
            otherwise = min(said.get(column, 0), of)
            failed = of >= least and of - otherwise < share * of
            yield _judged(con, contracts, _column(contract, column, rule, severity), of, otherwise, failed, scope)
    if contract.grain == ("match_id",):
        yield _matches(con, contracts, contract, rows, scope)


def _spelled(column: Column) -> bool:
    """Whether it is free text: two sources rarely spell that alike, and both are right."""
    return column.type == "string" and not (column.references or column.values)


def _judged(
    con: "DuckDBPyConnection",
    contracts: Mapping[str, Contract],
    expectation: Expectation,
    of: int,
    otherwise: int,
    failed: bool,
    scope: Scope,
) -> Verdict:
    rate = round((of - otherwise) / of, 6)
    said = f"sources agree in {rate:.1%} of {of:,}"
    details = {"of": of, "agreement": rate, "said": said}
    if not failed:
        return Verdict(expectation, "passed", {"observed_value": otherwise, "details": details})
    plan = Queried(expectation.query)
    verdict = seen(con, expectation, plan, contracts, {"observed_value": otherwise, "details": details})
    return narrow(con, verdict, plan, contracts, scope)


def _column(contract: Contract, column: str, rule: str, severity: Severity) -> Expectation:
    key = f"concat_ws('|', {', '.join(f'r.{name(c)}::VARCHAR' for c in contract.grain)})"
    keys = ", ".join(f"r.{name(c)}" for c in contract.grain)
    query = (
        f"SELECT {keys}, d.source, d.value, d.chosen_source, d.chosen_value"
        f" FROM {SAID} AS d JOIN {contract.name} AS r ON d.key = {key}"  # one row a key
        f' WHERE d.dataset = {text(contract.name)} AND d."column" = {text(column)}'
    )
    doc = (
        "Sources that know it mostly tell it alike."
        if severity == "critical"
        else "Sources that know it tell it alike."
    )
    return Expectation(contract.name, rule, QUERY, {"unexpected_rows_query": query}, severity, doc, {"column": column})


def _matches(
    con: "DuckDBPyConnection", contracts: Mapping[str, Contract], contract: Contract, rows: int, scope: Scope
) -> Verdict:
    """Per match that several sources know in how many values they differ, whatever dataset these stand in."""
    query = (
        "SELECT split_part(d.key, '|', 1) AS match_id, count(*) AS otherwise,"
        """ string_agg(DISTINCT d.dataset || '.' || d."column", ', ' ORDER BY d.dataset || '.' || d."column") AS columns"""
        f" FROM {SAID} AS d"
        f" SEMI JOIN {contract.name} AS r ON r.match_id = split_part(d.key, '|', 1)"
        " GROUP BY 1"
    )
    doc = "Of matches that several sources know, some at least are told alike in everything."
    expectation = Expectation(contract.name, "matches_agree", QUERY, {"unexpected_rows_query": query}, "warning", doc)
    ((otherwise,),) = con.execute(f"SELECT count(*) FROM ({query}) SEMI JOIN several USING (match_id)").fetchall()
    failed = rows >= MATCHES and rows - otherwise < SHARE * rows
    return _judged(con, contracts, expectation, rows, otherwise, failed, scope)
