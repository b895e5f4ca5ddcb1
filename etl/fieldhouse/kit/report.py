"""A report as text for people, JSON for programs, and JUnit's XML for continuous integration."""

from dataclasses import asdict
from xml.sax.saxutils import escape, quoteattr

from fieldhouse.kit.verdicts import LEVELS, Report, Verdict

_MARKS = {"passed": "ok", "failed": "FAILED", "blocked": "blocked", "skipped": "skipped", "waived": "waived"}


def line(verdict: Verdict) -> str:
    """One verdict in a line, and of a failure what the extractor said last."""
    why = f"  {verdict.why}" if verdict.why else ""
    log = "".join(f"\n             | {text}" for text in verdict.log)
    return f"{_MARKS[verdict.state]:<8} {verdict.level:<6} {verdict.check:<17}{why or '  ' + verdict.proves}{log}"


def text(report: Report) -> str:
    """The outcome in a few lines: how many of each state, which level, and what the next one lacks."""
    counts = [f"{len(report.of(state))} {state}" for state in _MARKS if report.of(state)]  # type: ignore[arg-type]
    lines = [f"{report.source} ({report.subject}): {', '.join(counts)}"]
    lines.append(f"level: {report.level or 'none'}")
    following = next((level for level in LEVELS if LEVELS.index(level) > _reached(report)), None)
    if following:
        lacks = [v.check for v in report.verdicts if v.level == following and v.state in ("failed", "blocked")]
        lines.append(f"{following} lacks {', '.join(lacks)}")
    return "\n".join(lines)


def document(report: Report) -> dict[str, object]:
    """The report as it stands in JSON."""
    return {
        "format": 1,
        "subject": report.subject,
        "source": report.source,
        "level": report.level,
        "checks": [asdict(verdict) for verdict in report.verdicts],
    }


def junit(report: Report) -> str:
    """The report as JUnit's XML: a check that is blocked counts as failed, a waived one as skipped."""
    failed, blocked = len(report.of("failed")), len(report.of("blocked"))
    skipped = len(report.of("skipped")) + len(report.of("waived"))
    seconds = sum(verdict.seconds for verdict in report.verdicts)
    head = (
        f'<testsuite name={quoteattr(f"{report.source}: {report.subject}")} tests="{len(report.verdicts)}" '
        f'failures="{failed + blocked}" errors="0" skipped="{skipped}" time="{seconds:.3f}">'
    )
    cases = "\n".join(_case(report, verdict) for verdict in report.verdicts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{cases}\n</testsuite>\n'


def _case(report: Report, verdict: Verdict) -> str:
    inner = ""
    if verdict.state in ("failed", "blocked"):
        log = escape("\n".join(verdict.log))
        inner = f"<failure type={quoteattr(verdict.state)} message={quoteattr(verdict.why)}>{log}</failure>"
    elif verdict.state != "passed":
        inner = f"<skipped message={quoteattr(f'{verdict.state}: {verdict.why}')}/>"
    name = f"classname={quoteattr(f'{report.source}.{verdict.level}')} name={quoteattr(verdict.check)}"
    return f'  <testcase {name} time="{verdict.seconds:.3f}">{inner}</testcase>'


def _reached(report: Report) -> int:
    return LEVELS.index(report.level) if report.level else -1
