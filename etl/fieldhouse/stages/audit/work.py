"""The work of an audit: the suites of a domain over parts, judged once and remembered by all that they rest on."""

import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.contracts import Contract
from fieldhouse.lake import documents, memo
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import acceptances, changes, judging, quality, seasons, session, suites, verdicts
from fieldhouse.stages.audit.acceptances import Acceptance
from fieldhouse.stages.audit.basis import Basis
from fieldhouse.stages.audit.narrowing import Scope
from fieldhouse.stages.audit.suites import Suite
from fieldhouse.stages.audit.verdicts import Judged

#: Rules of the other kinds of suite, which are not known before there is something to compare.
OTHERS = (*changes.RULES, "sources_agree", "sources_mostly_agree", "matches_agree")


class Work(Protocol):
    """A piece of a domain's audit: what contracts and people say, what changed, or what sources tell."""

    @property
    def due(self) -> bool:
        """Whether there is anything to check."""

    @property
    def stated(self) -> tuple[Acceptance, ...]:
        """What is accepted of its checks, also what is not any more."""

    def key(self, revision: int) -> str:
        """The memo key of its result."""

    def only(self, datasets: Mapping[str, bool]) -> "Work":
        """The same of some datasets alone."""

    def judged(self, store: Store, season: str = "") -> list[Judged]:
        """What became of each check; of a season's rows alone, where one is given."""

    def document(self, found: list[Judged]) -> bytes:
        """What became of the checks, as it is stored."""


@dataclass(frozen=True)
class Audit:
    """What is audited: the suites of a domain, and the parts (by readable name) of all that they read.

    `stated`: what stewards accept of the domain's datasets, and `day` the one of the audit.
    """

    domain: str
    contracts: Mapping[str, Contract]
    suites: tuple[Suite, ...]
    found: Mapping[str, tuple[Part, ...]]
    stated: tuple[Acceptance, ...] = ()
    day: str = ""

    @property
    def wanted(self) -> set[str]:
        """Every dataset and sidecar that a check reads."""
        return set().union(*(suite.reads for suite in self.suites))

    @property
    def due(self) -> bool:
        """Whether there is anything to check."""
        return bool(self.suites)

    def document(self, found: list[Judged]) -> bytes:
        """What became of the checks, as it is stored."""
        return verdicts.document(self.domain, found, self.parts)

    @property
    def parts(self) -> dict[str, list[str]]:
        """The hashes of the parts that the verdicts are about."""
        return {n: [p.sha256 for p in self.found.get(n, ())] for n in sorted(self.wanted)}

    def key(self, revision: int) -> str:
        """The memo key: equal only if all checks, all that they read and all that is accepted are."""
        grains = [[n, c.grain] for n, c in sorted(self.contracts.items())]
        checks = [suite.document() for suite in self.suites]
        taken = accepted(acceptances.active(self.stated, self.day))
        return documents.digest(["audit", revision, versions(), self.domain, checks, grains, taken, self.parts])

    def only(self, datasets: Mapping[str, bool]) -> "Audit":
        """The audit of those datasets alone that are asked for."""
        return replace(self, suites=tuple(s for s in self.suites if datasets[s.dataset]))

    def judged(self, store: Store, season: str = "") -> list[Judged]:
        """What became of each check; of a season's rows alone, where one is given."""
        scope = Scope(season, acceptances.active(self.stated, self.day))
        further = {n for n in seasons.READS if season and n in self.contracts}
        with session.opened(store, self.wanted | further, self.found, self.contracts) as con:
            return [judging.judge(con, suite, self.contracts, scope) for suite in self.suites]


def work_on(domain: str, about: Basis) -> Audit:
    """The audit of a domain on this basis; ConfigurationError for a check that nothing knows."""
    contracts = declared.load_all()
    home = settings.home()
    assembled = tuple(suites.assemble(domain, contracts, quality.load(home, domain), about.said))
    checks = [(e.dataset, e.rule, e.about) for suite in assembled for e in suite.expectations]
    stated = acceptances.of_domain(acceptances.load(home), domain, contracts, checks, OTHERS)
    return Audit(domain, contracts, assembled, about.readable, stated, about.day)


def versions() -> list[str]:
    """The versions of the engines that decide verdicts."""
    return [_version(n) for n in ("duckdb", "great-expectations")]


def accepted(found: Sequence[Acceptance]) -> list[dict[str, object]]:
    """Acceptances as they stand in a memo key."""
    return [asdict(acceptance) for acceptance in found]


def remembered(store: Store, audit: Work, revision: int) -> tuple[memo.Result, bool]:
    """What an audit found, and whether that was remembered; else it is made, and its document stored."""
    key = audit.key(revision)
    result = memo.find(store, key)
    if result is not None and all(store.size(path) is not None for path in documents.named(result.notes)):
        return result, True
    found = audit.judged(store)
    data = audit.document(found)
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"audits/{sha256[:2]}/{sha256}.json"
    store.put(path, data)
    failed = (v.note() for j in found for v in j.verdicts if v.state != "passed")
    result = memo.Result((), verdicts.counts(found), (*failed, {"document": path}))
    if not result.counts["errors"]:  # what could not be run may be possible next time
        memo.remember(store, key, result)
    return result, False


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # only checks that are not compiled need the library
        return ""
