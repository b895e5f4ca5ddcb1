"""The conformance kit: an extractor without a flaw is gold, and each check fails for the flaw that it is there for."""

import os
import sys
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.extract.program import Native
from fieldhouse.kit import conformance
from fieldhouse.kit.checks import CHECKS
from fieldhouse.kit.subject import Subject
from fieldhouse.kit.verdicts import Report

BROKEN = Path(__file__).with_name("broken")
LARGE = 128 << 20  # 1 GiB takes long; a quarter of it, the memory allowed, is still more than Python's own
#: Checks whose flaw cannot be played by an extractor: the declaration is read before one runs.
NOT_PLAYED = ("declaration",)
#: Flaws that are played in every run of the tests; the others only in full ones (FIELDHOUSE_TEST_FULL).
ALWAYS = ("lands", "truth", "known", "html", "sigterm", "max_file_bytes")


def check(flaw: str = "", **options: object) -> Report:
    command = (sys.executable, "-S", "-E", str(BROKEN / "extractor.py"), *(["--flaw", flaw] if flaw else []))
    subject = Subject(sources.read(BROKEN / "source.toml"), Native(command))
    return conformance.check(subject, large=LARGE, **options)  # type: ignore[arg-type]


def test_without_a_flaw_it_is_gold() -> None:
    report = check()
    assert [(v.check, v.why, v.log) for v in report.verdicts if v.state != "passed"] == []
    assert report.level == "gold"


FLAWS = [
    pytest.param(
        check.name,
        marks=[]
        if check.name in ALWAYS
        else pytest.mark.skipif(not os.environ.get("FIELDHOUSE_TEST_FULL"), reason="FIELDHOUSE_TEST_FULL is not set"),
    )
    for check in CHECKS
    if check.name not in NOT_PLAYED
]


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_fails_its_check_and_no_other(flaw: str) -> None:
    report = check(flaw)
    verdicts = {verdict.check: verdict for verdict in report.verdicts}
    if verdicts[flaw].state == "skipped":
        pytest.skip(verdicts[flaw].why)
    assert {(v.check, v.why) for v in report.of("failed")} == {(flaw, verdicts[flaw].why)}
    assert verdicts[flaw].why
    needing = {c.name for c in CHECKS if flaw in c.needs}
    blocked = {v.check for v in report.of("blocked")}
    assert needing <= blocked
    assert not {v.check for v in report.of("skipped")}
