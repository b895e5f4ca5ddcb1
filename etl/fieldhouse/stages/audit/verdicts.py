"""What became of checks, and their documents as Great Expectations writes them (its Data Docs render them)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fieldhouse.lake import documents
from fieldhouse.stages.audit.acceptances import Acceptance
from fieldhouse.stages.audit.checks import Expectation
from fieldhouse.stages.audit.suites import Suite

State = Literal["passed", "failed", "error"]


@dataclass(frozen=True)
class Verdict:
    """What became of one check. An error is neither a pass nor a failure: nothing is known of the data.

    `result` is Great Expectations' own; `keys`: the first things that are wrong; `trace`: commands that lead to records;
    `accepted`: acceptances that hold for wrong rows, and `left` how many rows none of them holds for.
    """

    expectation: Expectation
    state: State
    result: Mapping[str, object] = field(default_factory=dict)
    message: str = ""
    keys: tuple[Mapping[str, object], ...] = ()
    trace: tuple[str, ...] = ()
    accepted: tuple[Acceptance, ...] = ()
    left: int | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether all that it finds wrong is accepted."""
        return bool(self.accepted) and not self.left

    @property
    def wrong(self) -> int:
        """How many rows are wrong, as far as the check counts any; accepted ones do not count where others are left."""
        if self.left:
            return self.left
        counted = self.result.get("unexpected_count")
        if counted is None and self.expectation.query:
            counted = self.result.get("observed_value")
        return counted if isinstance(counted, int) else 0

    @property
    def stops(self) -> bool:
        """Whether nothing may be published."""
        failed = self.state == "failed" and not self.is_accepted
        return self.state == "error" or (failed and self.expectation.severity == "critical")

    def document(self) -> dict[str, object]:
        """As Great Expectations writes a validation result."""
        raised = self.state == "error"
        told = {
            "exception_traceback": None,
            "exception_message": self.message if raised else None,
            "raised_exception": raised,
        }
        meta: dict[str, object] = {"trace": list(self.trace)} if self.trace else {}
        if self.accepted:
            meta |= {"accepted": [a.doc() for a in self.accepted], "left": self.left or 0}
        return {
            "success": self.state == "passed",
            "expectation_config": self.expectation.document(),
            "result": dict(self.result),
            "meta": meta,
            "exception_info": told,
        }

    def note(self) -> dict[str, object]:
        """As it stands in a receipt, where it did not pass."""
        own = self.expectation
        accepted = {"accepted": [a.doc() for a in self.accepted], "left": self.left or 0} if self.accepted else {}
        return {
            **accepted,
            "dataset": own.dataset,
            "column": own.about,
            "rule": own.rule,
            "severity": own.severity,
            "state": self.state,
            "doc": own.doc,
            "unexpected": self.wrong,
            "keys": [", ".join(f"{n} {'null' if v is None else v}" for n, v in key.items()) for key in self.keys],
            "trace": list(self.trace),
            "message": self.message,
        }


@dataclass(frozen=True)
class Judged:
    """A suite and what became of each of its checks, in the suite's order."""

    suite: Suite
    verdicts: tuple[Verdict, ...]

    def document(self) -> dict[str, object]:
        """As Great Expectations writes the validation result of a suite."""
        passed = sum(v.state == "passed" for v in self.verdicts)
        statistics = {
            "evaluated_expectations": len(self.verdicts),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(self.verdicts) - passed,
            "success_percent": passed / len(self.verdicts) * 100,
        }
        asset = {"datasource_name": "fieldhouse", "data_connector_name": "lake", "batch_identifiers": {}}
        return {
            "success": passed == len(self.verdicts),
            "suite_name": self.suite.dataset,
            "suite_parameters": {},
            "statistics": statistics,
            "meta": {"active_batch_definition": {**asset, "data_asset_name": self.suite.dataset}},
            "results": [v.document() for v in self.verdicts],
            "id": None,
        }


def document(domain: str, judged: Sequence[Judged], parts: Mapping[str, Sequence[str]], about: str = "") -> bytes:
    """The audit of a domain as it is stored: suites, results, and the hashes of the parts that they are about.

    `about`: `change`, where it is about what differs from the release before.
    """
    return documents.dump(
        ({"about": about} if about else {})
        | {
            "domain": domain,
            "parts": {dataset: list(hashes) for dataset, hashes in sorted(parts.items())},
            "suites": [j.suite.document() for j in judged],
            "results": [j.document() for j in judged],
        }
    )


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """How many checks there were and what became of them; `failed` are critical ones, `warnings` the other failed ones.

    Failed ones that are accepted are neither; they are counted as `accepted` where there are any.
    """
    found = [v for j in judged for v in j.verdicts]
    accepted = sum(v.is_accepted for v in found)
    return ({"accepted": accepted} if accepted else {}) | {
        "checks": len(found),
        "passed": sum(v.state == "passed" for v in found),
        "failed": sum(v.state == "failed" and v.stops for v in found),
        "warnings": sum(v.state == "failed" and not v.stops and not v.is_accepted for v in found),
        "errors": sum(v.state == "error" for v in found),
    }
