"""The work of an audit: the suites of a domain over parts, judged once and remembered by all that they rest on."""

import hashlib
import importlib.metadata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.contracts import Contract
from fieldhouse.lake import documents, memo
from fieldhouse.lake.parts import Part
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import acceptances, judging, quality, seasons, session, suites, verdicts
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

    @property
    def parts(self) -> dict[str, list[str]]:
        """The hashes of the parts that the verdicts are about."""
        return {n: [p.sha256 for p in self.found.get(n, ())] for n in sorted(self.wanted)}


def work_on(domain: str, about: Basis) -> Audit:
    """The audit of a domain on this basis; ConfigurationError for a check that nothing knows."""
    contracts = declared.load_all()
    found: dict[str, list[Part]] = defaultdict(list)
    for part in about.made:
        found[session.readable(part.dataset)].append(part)
    home = settings.home()
    assembled = tuple(suites.assemble(domain, contracts, quality.load(home, domain), about.said))
    checks = [(e.dataset, e.rule, e.about) for suite in assembled for e in suite.expectations]
    stated = acceptances.of_domain(acceptances.load(home), domain, contracts, checks)
    return Audit(domain, contracts, assembled, {n: tuple(p) for n, p in found.items()}, stated, about.day)


def key(audit: Audit, revision: int) -> str:
    """The memo key: equal only if all checks, all that they read and all that is accepted are."""
    versions = [_version(n) for n in ("duckdb", "great-expectations")]
    grains = [[n, c.grain] for n, c in sorted(audit.contracts.items())]
    checks = [suite.document() for suite in audit.suites]
    accepted = [asdict(acceptance) for acceptance in audit.accepted]
    return documents.digest(["audit", revision, versions, audit.domain, checks, grains, accepted, audit.parts])


def remembered(store: Store, audit: Audit, key: str) -> tuple[memo.Result, bool]:
    """What became of the checks, and whether that was remembered."""
    result = memo.find(store, key)
    if result is not None and all(store.size(path) is not None for path in documents.named(result.notes)):
        return result, True
    result = _kept(store, audit, judged(store, audit))
    if not result.counts["errors"]:  # what could not be run may be possible next time
        memo.remember(store, key, result)
    return result, False


def judged(store: Store, audit: Audit, season: str = "") -> list[Judged]:
    """What became of each check; of a season's rows alone, where one is given."""
    scope = Scope(season, audit.accepted)
    further = {n for n in seasons.READS if season and n in audit.contracts}
    with session.opened(store, audit.wanted | further, audit.found, audit.contracts) as con:
        return [judging.judge(con, suite, audit.contracts, scope) for suite in audit.suites]


def _kept(store: Store, audit: Audit, found: Sequence[Judged]) -> memo.Result:
    """The result that can be remembered; its notes name the document of verdicts, which is stored."""
    data = verdicts.document(audit.domain, found, audit.parts)
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"audits/{sha256[:2]}/{sha256}.json"
    store.put(path, data)
    failed = [v for j in found for v in j.verdicts if v.state != "passed"]
    return memo.Result((), verdicts.counts(found), (*(v.note() for v in failed), {"document": path}))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # only checks that are not compiled need the library
        return ""
