"""audit: what contracts and `quality/` promise is checked before anything is published.

The checks are suites of Great Expectations, compiled to one DuckDB scan a table; what became of them is stored as its
own result documents, content-addressed under `audits/`, and told by the receipt. `fieldhouse quality` asks the same of
any release or run.
"""

from collections.abc import Mapping, Sequence

from fieldhouse.lake import runs
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import acceptances, basis, freshness, work
from fieldhouse.stages.audit.basis import Basis
from fieldhouse.stages.audit.refusal import refusal
from fieldhouse.stages.audit.work import Audit, work_on

__all__ = ["REVISION", "Audit", "Basis", "keys", "plan", "run", "work_on"]

#: Raised when a change of this stage's code changes what it makes of the same inputs.
REVISION = 2


def run(store: Store, domain: str, run_id: str) -> Receipt:
    """Check the datasets of a domain that `conform` and `denormalize` left in this run.

    The receipt counts checks, passed, failed (critical ones), warnings, errors and what is accepted; each check that did
    not pass has a note. The audit of `core` also says which of the run's sources are stale.
    Raises DataError, with the receipt left, where a critical check failed or one could not be run; ConfigurationError
    for a check that nothing knows.
    """
    meter = Meter()
    audit = plan(store, domain, run_id)
    key = work.key(audit, REVISION)
    result, remembered = work.remembered(store, audit, key)
    result = acceptances.added(result, audit.stated, audit.day)
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
    return work_on(domain, basis.of_run(store, run_id, (domain,)))


def keys(store: Store, domain: str, made: Sequence[Part], normalized: Mapping[str, Sequence[Part]]) -> tuple[str, ...]:
    """The memo keys of the audit that a run of today would make of these parts."""
    return (work.key(work_on(domain, basis.of_next_run(store, made, normalized)), REVISION),)
