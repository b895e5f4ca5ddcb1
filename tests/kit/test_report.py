"""What the kit says: levels, text, JSON, JUnit."""

import json
import xml.etree.ElementTree as ET

import pytest

from fieldhouse.kit import report
from fieldhouse.kit.verdicts import Level, Report, State, Verdict


def said(*verdicts: tuple[str, Level, State]) -> Report:
    made = tuple(
        Verdict(name, level, f"{name} holds", state, "a <reason>" * (state != "passed"))
        for name, level, state in verdicts
    )
    return Report("image leagues:1", "leagues", made)


@pytest.mark.parametrize(
    ("verdicts", "level"),
    [
        ([("a", "bronze", "passed"), ("b", "silver", "passed"), ("c", "gold", "passed")], "gold"),
        ([("a", "bronze", "passed"), ("b", "silver", "passed"), ("c", "gold", "failed")], "silver"),
        ([("a", "bronze", "passed"), ("b", "silver", "blocked"), ("c", "gold", "passed")], "bronze"),
        ([("a", "bronze", "failed"), ("b", "silver", "passed"), ("c", "gold", "passed")], None),
        ([("a", "bronze", "waived"), ("b", "silver", "skipped"), ("c", "gold", "passed")], "gold"),
    ],
)
def test_a_level_needs_all_checks_of_it_and_below(verdicts: list, level: Level | None) -> None:
    assert said(*verdicts).level == level


def test_text_names_what_the_next_level_lacks() -> None:
    found = report.text(said(("a", "bronze", "passed"), ("b", "silver", "failed"), ("c", "gold", "passed")))
    assert "level: bronze" in found
    assert "silver lacks b" in found


def test_a_line_says_why_and_what_the_extractor_said() -> None:
    verdict = Verdict("html", "silver", "…", "failed", "it ended with 0", log=("info: sealed",))
    assert report.line(verdict).splitlines() == [
        "FAILED   silver html               it ended with 0",
        "             | info: sealed",
    ]


def test_json_has_all_of_it() -> None:
    found = json.loads(json.dumps(report.document(said(("a", "bronze", "waived")))))
    assert (found["format"], found["source"], found["level"]) == (1, "leagues", "gold")
    assert found["checks"][0] | {"check": "a", "state": "waived", "why": "a <reason>"} == found["checks"][0]


def test_junit_counts_what_is_blocked_as_failed_and_what_is_waived_as_skipped() -> None:
    made = said(("a", "bronze", "passed"), ("b", "silver", "failed"), ("c", "gold", "blocked"), ("d", "gold", "waived"))
    suite = ET.fromstring(report.junit(made))
    assert {name: suite.attrib[name] for name in ("tests", "failures", "skipped")} == {
        "tests": "4",
        "failures": "2",
        "skipped": "1",
    }
    assert [case.attrib["name"] for case in suite] == ["a", "b", "c", "d"]
    assert suite[1][0].attrib["message"] == "a <reason>"
