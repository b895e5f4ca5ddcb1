"""Runs the checks on one extractor: each once, after those that it needs, several at a time."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor

from fieldhouse.errors import ConfigurationError, FieldhouseError
from fieldhouse.kit import upstream
from fieldhouse.kit.checks import BY_NAME, CHECKS, Check
from fieldhouse.kit.lab import Lab, workplace
from fieldhouse.kit.subject import Subject
from fieldhouse.kit.verdicts import Failed, Report, Skipped, State, Verdict

#: A body that memory must not hold, in bytes.
LARGE = 1 << 30
_AT_ONCE = 4  # most checks wait for something
_IN_ORDER = ("declaration", "lands", "truth")
Show = Callable[[Verdict], None]


def check(subject: Subject, *, only: Collection[str] = (), large: int = LARGE, show: Show = lambda _: None) -> Report:
    """All checks on `subject`, or those called `only` and what they need; `show` is told of each as it is through.

    ConfigurationError for a check that does not exist, or a waiver for one.
    """
    chosen = _chosen(only)
    for name in subject.source.waivers:
        if name not in BY_NAME:
            raise ConfigurationError(
                f"{subject.source.name}: [waivers] {name}: there is no such check",
                hint=f"checks are {', '.join(BY_NAME)}",
            )
    with workplace() as work:
        try:
            lab = Lab(subject, upstream.of(subject.source, work / "declared"), work, large=large)
        except ConfigurationError as error:
            return refused(subject.shown, subject.source.name, error, chosen)
        verdicts = _all(lab, chosen, show)
    return Report(subject.shown, subject.source.name, verdicts)


def refused(shown: str, source: str, error: FieldhouseError, chosen: Collection[Check] = CHECKS) -> Report:
    """The report on an extractor whose declaration cannot be used: nothing else can be tried."""
    first, *others = chosen
    failed = _verdict(first, "failed", str(error))
    return Report(shown, source, (failed, *(_verdict(c, "blocked", "declaration failed") for c in others)))


def _chosen(only: Collection[str]) -> list[Check]:
    if unknown := [name for name in only if name not in BY_NAME]:
        raise ConfigurationError(f"there is no check {unknown[0]!r}", hint=f"checks are {', '.join(BY_NAME)}")
    wanted = {*only, *_IN_ORDER} if only else set(BY_NAME)
    while more := {need for name in wanted for need in BY_NAME[name].needs} - wanted:
        wanted |= more
    return [check for check in CHECKS if check.name in wanted]


def _all(lab: Lab, chosen: list[Check], show: Show) -> tuple[Verdict, ...]:
    found: dict[str, Future[Verdict]] = {}

    def one(check: Check) -> Verdict:
        verdict = _one(lab, check, [found[name].result() for name in check.needs])
        show(verdict)
        return verdict

    # What a check needs stands before it, so that whoever waits waits for one that runs already.
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        for check in chosen:
            found[check.name] = pool.submit(one, check)
            if check.name in _IN_ORDER:
                found[check.name].result()
    return tuple(found[check.name].result() for check in chosen)


def _one(lab: Lab, check: Check, needed: list[Verdict]) -> Verdict:
    if missing := [v.check for v in needed if v.state in ("failed", "blocked")]:
        return _verdict(check, "blocked", f"{missing[0]} failed")
    if reason := lab.source.waivers.get(check.name):
        return _verdict(check, "waived", reason)
    began, lab.last = time.monotonic(), None
    state, why = _outcome(lab, check)
    log = lab.last.last_lines if state == "failed" and lab.last else ()
    return _verdict(check, state, why, seconds=time.monotonic() - began, log=log)


def _outcome(lab: Lab, check: Check) -> tuple[State, str]:
    try:
        check.run(lab)
    except Failed as failure:
        return "failed", str(failure)
    except Skipped as reason:
        return "skipped", str(reason)
    return "passed", ""


def _verdict(check: Check, state: State, why: str, *, seconds: float = 0.0, log: tuple[str, ...] = ()) -> Verdict:
    return Verdict(check.name, check.level, check.proves, state, why, round(seconds, 3), log)
