"""The work of an audit: the suites of a domain over parts, judged once and remembered by all that they rest on."""

import hashlib
import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

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
    def accepted(self) -> tuple[Acceptance, ...]:
        """What is accepted on the day of the audit."""
        return tuple(a for a in self.stated if a.active(self.day))

    def document(self, found: Sequence[Judged]) -> bytes:
        """What became of the checks, as it is stored."""
        return verdicts.document(self.domain, found, self.parts)

    @property
    def parts(self) -> dict[str, list[str]]:
        """The hashes of the parts that the verdicts are about."""
        return {n: [p.sha256 for p in self.found.get(n, ())] for n in sorted(self.wanted)}


def work_on(domain: str, about: Basis) -> Audit:
    """The audit of a domain on this basis; ConfigurationError for a check that nothing knows."""
    contracts = declared.load_all()
    home = settings.home()
    assembled = tuple(suites.assemble(domain, contracts, quality.load(home, domain), about.said))
    checks = [(e.dataset, e.rule, e.about) for suite in assembled for e in suite.expectations]
    standing = [a for a in acceptances.load(home) if a.check not in changes.RULES]
    stated = acceptances.of_domain(standing, domain, contracts, checks)
    return Audit(domain, contracts, assembled, about.readable, stated, about.day)


def key(audit: Audit, revision: int) -> str:
    """The memo key: equal only if all checks, all that they read and all that is accepted are."""
    grains = [[n, c.grain] for n, c in sorted(audit.contracts.items())]
    checks = [suite.document() for suite in audit.suites]
    return documents.digest(
        ["audit", revision, versions(), audit.domain, checks, grains, accepted(audit.accepted), audit.parts]
    )


def versions() -> list[str]:
    """The versions of the engines that decide verdicts."""
    return [_version(n) for n in ("duckdb", "great-expectations")]


def accepted(found: Sequence[Acceptance]) -> list[dict[str, object]]:
    """Acceptances as they stand in a memo key."""
    return [asdict(acceptance) for acceptance in found]


def judged(store: Store, audit: Audit, season: str = "") -> list[Judged]:
    """What became of each check; of a season's rows alone, where one is given."""
    scope = Scope(season, audit.accepted)
    further = {n for n in seasons.READS if season and n in audit.contracts}
    with session.opened(store, audit.wanted | further, audit.found, audit.contracts) as con:
        return [judging.judge(con, suite, audit.contracts, scope) for suite in audit.suites]


def remembered(
    store: Store, key: str, judge: Callable[[], Sequence[Judged]], document: Callable[[Sequence[Judged]], bytes]
) -> tuple[memo.Result, bool]:
    """What an audit found, and whether that was remembered; else it is made, and its document stored."""
    result = memo.find(store, key)
    if result is not None and all(store.size(path) is not None for path in documents.named(result.notes)):
        return result, True
    found = judge()
    data = document(found)
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
