"""audit: what contracts and `quality/` promise is checked before anything is published.

The checks are suites of Great Expectations, compiled to one DuckDB scan a table; what became of them is stored as its
own result documents, content-addressed under `audits/`, and told by the receipt.
"""

import hashlib
import importlib.metadata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldhouse import contracts as declared
from fieldhouse import settings
from fieldhouse.contracts import Contract
from fieldhouse.lake import documents, memo, runs
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import freshness, judging, quality, session, suites, verdicts
from fieldhouse.stages.audit.refusal import refusal
from fieldhouse.stages.audit.suites import Suite

#: Raised when a change of this stage's code changes what it makes of the same inputs.
REVISION = 1


@dataclass(frozen=True)
class Audit:
    """What is audited: the suites of a domain, and the parts (by readable name) of all that they read."""

    domain: str
    contracts: Mapping[str, Contract]
    suites: tuple[Suite, ...]
    found: Mapping[str, tuple[Part, ...]]

    @property
    def wanted(self) -> set[str]:
        """Every dataset and sidecar that a check reads."""
        return set().union(*(suite.reads for suite in self.suites))

    @property
    def parts(self) -> dict[str, list[str]]:
        """The hashes of the parts that the verdicts are about."""
        return {n: [p.sha256 for p in self.found.get(n, ())] for n in sorted(self.wanted)}

    @property
    def key(self) -> str:
        """The memo key: equal only if all checks and all that they read are."""
        versions = [_version(n) for n in ("duckdb", "great-expectations")]
        grains = [[n, c.grain] for n, c in sorted(self.contracts.items())]
        checks = [suite.document() for suite in self.suites]
        return documents.digest(["audit", REVISION, versions, self.domain, checks, grains, self.parts])


def run(store: Store, domain: str, run_id: str) -> Receipt:
    """Check the datasets of a domain that `conform` and `denormalize` left in this run.

    The receipt counts checks, passed, failed (critical ones), warnings and errors; each that did not pass has a note.
    The audit of `core` also says which of the run's sources are stale.
    Raises DataError, with the receipt left, where a critical check failed or one could not be run; ConfigurationError
    for a check that nothing knows.
    """
    meter = Meter()
    audit = plan(store, domain, run_id)
    key = audit.key
    result = memo.find(store, key)
    remembered = result is not None and all(store.size(path) is not None for path in _documents(result.notes))
    if result is None or not remembered:
        result = conduct(store, audit)
        if not result.counts["errors"]:  # what could not be run may be possible next time
            memo.remember(store, key, result)
    if domain == freshness.DOMAIN:
        result = freshness.added(result, runs.read_inputs(store, run_id))
    receipt = Receipt(
        run_id, f"audit.{domain}", 1, remembered=remembered, counts=result.counts, notes=result.notes, inputs=(key,)
    )
    receipt = runs.leave(store, meter.stamp(receipt))
    if receipt.counts["failed"] or receipt.counts["errors"]:
        raise refusal(domain, receipt.counts, receipt.notes)
    return receipt


def plan(store: Store, domain: str, run_id: str) -> Audit:
    """What the audit of a domain checks in this run, from the receipts of the stages before it."""
    contracts = declared.load_all()
    tasks = ["conform"]
    if any(c.domain == domain and c.layer == "denormalized" for c in contracts.values()):
        tasks.append(f"denormalize.{domain}")
    made = [part for task in tasks for part in runs.receipt(store, run_id, task).outputs]
    normalized = {
        source: runs.receipt(store, run_id, f"normalize.{source}").outputs
        for source in runs.read_inputs(store, run_id).sources
    }
    return work_on(domain, made, said(normalized))


def work_on(domain: str, made: Sequence[Part], said: set[str]) -> Audit:
    """The audit of a domain over these parts; `said` are the datasets that any source has rows for."""
    contracts = declared.load_all()
    found: dict[str, list[Part]] = defaultdict(list)
    for part in made:
        found[session.readable(part.dataset)].append(part)
    stated = quality.load(settings.home(), domain)
    assembled = tuple(suites.assemble(domain, contracts, stated, said))
    return Audit(domain, contracts, assembled, {n: tuple(items) for n, items in found.items()})


def said(normalized: Mapping[str, Sequence[Part]]) -> set[str]:
    """The datasets that any source has rows for, of what `normalize` made per source."""
    return {p.dataset.removeprefix(f"{source}/") for source, made in normalized.items() for p in made if p.rows}


def conduct(store: Store, audit: Audit) -> memo.Result:
    """Run the checks and store the document of verdicts; what is returned can be remembered."""
    with session.opened(store, audit.wanted, audit.found, audit.contracts) as con:
        judged = [judging.judge(con, suite, audit.contracts) for suite in audit.suites]
    data = verdicts.document(audit.domain, judged, audit.parts)
    path = _name(hashlib.sha256(data).hexdigest())
    store.put(path, data)
    failed = [v for j in judged for v in j.verdicts if v.state != "passed"]
    return memo.Result((), verdicts.counts(judged), (*(v.note() for v in failed), {"document": path}))


def _name(sha256: str) -> str:
    return f"audits/{sha256[:2]}/{sha256}.json"


def _documents(notes: Sequence[Mapping[str, object]]) -> list[str]:
    return [str(note["document"]) for note in notes if "document" in note]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # only checks that are not compiled need the library
        return ""
