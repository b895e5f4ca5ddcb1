"""What pages say of checks: all that the audits' documents hold, and as much as possible where one is lost."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fieldhouse.consume.opened import open_release
from fieldhouse.site.checks import Check, checks, counts


def found(lake: Path) -> dict[str, Check]:
    return {f"{check.dataset}.{check.rule}": check for check in checks(open_release(None, lake))}


@pytest.fixture
def changed(lake: Path, tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], Path]:
    """Copies the lake, with the notes of the failed check of salaries changed."""

    def change(edit: Callable[[dict[str, Any]], None]) -> Path:
        shutil.copytree(lake, tmp_path / "lake")
        manifest = tmp_path / "lake" / "releases" / "00000001.json"
        release = json.loads(manifest.read_bytes())
        for audit in release["audit"].values():
            for note in audit["notes"]:
                if note.get("rule") == "work_is_paid":
                    edit(note)
        manifest.write_text(json.dumps(release))
        return tmp_path / "lake"

    return change


def test_all_checks_of_all_audits_are_there(lake: Path) -> None:
    opened = open_release(None, lake)
    known = checks(opened)
    told = [audit["counts"] for audit in opened.release.audit.values()]  # type: ignore[index]
    assert counts(known)["warning"] == sum(c["warnings"] for c in told) > 0
    assert set(counts(known)) == {"warning", "passed"}
    results = 0
    for path in opened.release.verdicts:
        for suite in json.loads(opened.store.get(path))["results"]:
            results += len(suite["results"])
    assert len(known) >= results > 1000
    assert len({(c.dataset, c.rule, c.column) for c in known}) == len(known)


def test_the_key_of_a_wrong_row_stands_first(lake: Path) -> None:
    check = found(lake)["baseball.fielding_season.fielding_adds_up"]
    assert check.heads[:4] == ("person_id", "season", "stint", "position")
    assert check.wrong == len(check.rows) == 7


def test_a_lost_document_leaves_what_the_release_says_itself(lake: Path, tmp_path: Path) -> None:
    shutil.copytree(lake, tmp_path / "lake")
    shutil.rmtree(tmp_path / "lake" / "audits")
    left = found(tmp_path / "lake")
    assert set(left) == {name for name, check in found(lake).items() if check.state != "passed"}
    assert "salary 0" in str(left["baseball.salary.work_is_paid"].rows[0][0])
    assert left["baseball.salary.work_is_paid"].trace


def test_a_critical_failure_and_an_error_are_told_apart(changed: Callable[..., Path]) -> None:
    lake = changed(lambda note: note.update(state="error", message="the column is gone"))
    check = found(lake)["baseball.salary.work_is_paid"]
    assert (check.state, check.reasons) == ("error", ("the column is gone",))


def test_what_a_steward_accepts_says_who_and_until_when(changed: Callable[..., Path]) -> None:
    accepted = {"of": "baseball.salary, work_is_paid", "reason": "as recorded", "who": "kim", "expires": "2027-01-01"}
    lake = changed(lambda note: note.update(accepted=[accepted], left=0))
    check = found(lake)["baseball.salary.work_is_paid"]
    assert check.state == "accepted"
    assert check.reasons == ("Accepted by kim until 2027-01-01: as recorded (baseball.salary, work_is_paid)",)


def test_a_failure_that_is_accepted_for_some_rows_only_stays_a_failure(changed: Callable[..., Path]) -> None:
    accepted = {"of": "baseball.salary, work_is_paid, season 1999", "reason": "r", "who": "w", "expires": "2027-01-01"}
    lake = changed(lambda note: note.update(accepted=[accepted], left=1, severity="critical"))
    assert found(lake)["baseball.salary.work_is_paid"].state == "failed"
