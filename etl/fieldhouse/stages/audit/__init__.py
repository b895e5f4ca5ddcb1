"""audit: what contracts and `quality/` promise is checked before anything is published.

The checks are suites of Great Expectations, compiled to one DuckDB scan a table; what became of them is stored as its
own result documents, content-addressed under `audits/`, and told by the receipt. `fieldhouse quality` asks the same of
any release or run.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from fieldhouse.lake import memo, runs
from fieldhouse.lake.parts import Part
from fieldhouse.lake.runs import Meter, Receipt
from fieldhouse.lake.store import Store
from fieldhouse.stages.audit import acceptances, basis, changing, freshness, reconciling, work
from fieldhouse.stages.audit.basis import Basis
from fieldhouse.stages.audit.refusal import refusal
from fieldhouse.stages.audit.work import Work

__all__ = ["REVISION", "keys", "run", "works"]

#: Raised when a change of this stage's code changes what it makes of the same inputs.
REVISION = 3


def run(store: Store, domain: str, run_id: str) -> Receipt:
    """Check the datasets of a domain that `conform` and `denormalize` left in this run.

    The receipt counts checks, passed, failed (critical ones), warnings, errors and what is accepted; each check that did
    not pass has a note. The audit of `core` also says which of the run's sources are stale.
    Raises DataError, with the receipt left, where a critical check failed or one could not be run; ConfigurationError
    for a check that nothing knows.
    """
    meter = Meter()
    about = basis.of_run(store, run_id, (domain,))
    audits = works(domain, about)
    found = [work.remembered(store, audit, REVISION) for audit in audits]
    result = folded([result for result, _ in found])
    result = acceptances.added(result, [a for audit in audits for a in audit.stated], about.day)
    if domain == freshness.DOMAIN:
        result = freshness.added(result, runs.read_inputs(store, run_id))
    receipt = Receipt(
        run_id,
        f"audit.{domain}",
        1,
        remembered=all(remembered for _, remembered in found),
        counts=result.counts,
        notes=result.notes,
        inputs=tuple(audit.key(REVISION) for audit in audits),
    )
    receipt = runs.leave(store, meter.stamp(receipt))
    if receipt.counts["failed"] or receipt.counts["errors"]:
        raise refusal(domain, receipt.counts, receipt.notes)
    return receipt


def works(domain: str, about: Basis) -> list[Work]:
    """What there is to check of a domain: its tables, what changed of them, and how far sources agree."""
    found: tuple[Work, ...] = tuple(on(domain, about) for on in (work.work_on, changing.work_on, reconciling.work_on))
    return [audit for audit in found if audit.due]


def folded(results: Sequence[memo.Result]) -> memo.Result:
    """Several audits of a domain as one."""
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.counts)
    return memo.Result((), dict(counts), tuple(note for result in results for note in result.notes))


def keys(store: Store, domain: str, made: Sequence[Part], normalized: Mapping[str, Sequence[Part]]) -> tuple[str, ...]:
    """The memo keys of the audit that a run of today would make of these parts."""
    return tuple(audit.key(REVISION) for audit in works(domain, basis.of_next_run(store, made, normalized)))
