"""`quality run|report|new`: checks as a question, their results as files, a new one that fails until it is filled."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fieldhouse import contracts, settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The declarations, to be changed."""
    for folder in ("containers", "datasets", "quality"):
        shutil.copytree(settings.home() / folder, tmp_path / "home" / folder)
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path / "home"))
    contracts.load_all.cache_clear()
    yield tmp_path / "home"
    contracts.load_all.cache_clear()


def test_run_makes_the_checks_of_a_release_and_says_what_became_of_them(lake, fieldhouse):
    ended = fieldhouse("quality", "run", "--lake", lake, "--release", 1, "--json")
    assert ended.code == 0
    assert ended.json["of"] == "release 1"
    assert ended.json["counts"]["checks"] > 1000
    assert {audit["domain"] for audit in ended.json["audits"]} >= {"core", "football"}


def test_report_finds_what_a_release_was_published_with(lake, fieldhouse):
    kept = fieldhouse("quality", "report", "--lake", lake, "--release", 1, "--json").json
    made = fieldhouse("quality", "run", "--lake", lake, "--json").json
    assert kept["counts"] == made["counts"]
    assert kept["audits"] == made["audits"]


def test_one_dataset_or_domain_is_enough(lake, fieldhouse):
    ended = fieldhouse("quality", "run", "--lake", lake, "--dataset", "football.standing", "--json")
    assert [s["name"] for a in ended.json["audits"] for s in a["suites"]] == ["football.standing"]
    ended = fieldhouse("quality", "run", "--lake", lake, "--dataset", "racing", "--json")
    assert {s["name"].split(".")[0] for a in ended.json["audits"] for s in a["suites"]} == {"racing"}


def test_a_name_that_nothing_has_is_told_with_the_nearest(lake, fieldhouse):
    ended = fieldhouse("quality", "run", "--lake", lake, "--dataset", "football.standings")
    assert ended.code == 64
    assert "the nearest is 'football.standing'" in ended.err
    assert fieldhouse("quality", "run", "--lake", lake, "--run", "none").code == 64
    assert fieldhouse("quality", "run", "--lake", lake, "--run", "none", "--release", 1).code == 64


def test_a_new_check_runs_at_once_and_fails_until_it_is_filled(lake, home, fieldhouse, tmp_path):
    made = fieldhouse("quality", "new", "football", "no_goal_is_lost", "--dataset", "football.goal", "--json")
    assert made.code == 0
    path = Path(made.json["file"])
    assert path == home / "quality" / "football" / "no_goal_is_lost.py"
    junit = tmp_path / "junit.xml"
    ended = fieldhouse("quality", "run", "--lake", lake, "--dataset", "football.goal", "--junit", junit)
    assert ended.code == 65
    assert "failed   football.goal, no_goal_is_lost" in ended.out
    (failure,) = ET.parse(junit).getroot().iter("failure")
    assert "write what must not be" in str(failure.text)
    path.write_text(path.read_text().replace(">= 0", "< 0").replace("It is not said yet what", "What"))
    assert fieldhouse("quality", "run", "--lake", lake, "--dataset", "football.goal").code == 0


def test_a_check_is_not_begun_twice_nor_of_nothing(home, fieldhouse):
    assert fieldhouse("quality", "new", "football", "no_goal_is_lost").code == 0
    assert fieldhouse("quality", "new", "football", "no_goal_is_lost").code == 64
    assert fieldhouse("quality", "new", "football", "No Goal").code == 64
    assert fieldhouse("quality", "new", "soccer", "no_goal_is_lost").code == 64
    assert fieldhouse("quality", "new", "football", "some", "--dataset", "football.goals").code == 64


ACCEPTED = """
[[accept]]
dataset = "football.standing"
check = "nobody_wins_the_league"
reason = "Somebody does."
who = "steward"
expires = 2999-01-01
"""


def test_what_is_accepted_is_told_and_does_not_end_with_65(lake, home, fieldhouse):
    (home / "quality" / "football").mkdir()
    (home / "quality" / "football" / "wrong.py").write_text(ALL_WRONG)
    (home / "quality" / "acceptances.toml").write_text(ACCEPTED)
    ended = fieldhouse("quality", "run", "--lake", lake, "--dataset", "football.standing")
    assert ended.code == 0
    assert "accepted football.standing, nobody_wins_the_league: Nobody is first." in ended.out
    assert "accepted by steward until 2999-01-01: Somebody does." in ended.out


def test_notes_and_counts_of_a_receipt_say_what_is_accepted():
    from fieldhouse.cli import progress
    from fieldhouse.consume import notes

    note = {"dataset": "a.b", "column": "c", "severity": "critical", "doc": "It holds.", "unexpected": 2}
    assert notes.line({**note, "accepted": [{"who": "x"}], "left": 0}) == "a.b.c: accepted: It holds. (2 rows)"
    assert notes.line({**note, "accepted": [{"who": "x"}], "left": 1}) == "a.b.c: critical: It holds. (2 rows)"
    assert progress.audited({"checks": 3, "accepted": 1}) == "3 checks: 1 accepted"


ALL_WRONG = '''
from fieldhouse.stages.audit.checks import check, no_rows


@check("football.standing")
def nobody_wins_the_league():
    """Nobody is first."""
    yield no_rows("SELECT competition, season, date, team_id, position FROM {batch} WHERE position = 1 AND is_final")
'''


def test_of_a_season_only_its_own_wrong_rows_count(lake, home, fieldhouse):
    (home / "quality" / "football").mkdir()
    (home / "quality" / "football" / "wrong.py").write_text(ALL_WRONG)
    ask = ("quality", "run", "--lake", lake, "--dataset", "football.standing", "--json")
    seasons = fieldhouse("sql", "SELECT DISTINCT season FROM football.standing ORDER BY 1", "--lake", lake, "--json")
    first = seasons.json["rows"][0]["season"]
    everywhere, there, nowhere = (fieldhouse(*ask, *args) for args in ((), ("--season", first), ("--season", "1800")))
    assert [ended.code for ended in (everywhere, there, nowhere)] == [65, 65, 64]
    assert "has no season '1800'" in nowhere.err
    (wrong,) = [r for a in there.json["audits"] for s in a["results"] for r in s["results"] if not r["success"]]
    assert {row["season"] for row in wrong["result"]["details"]["unexpected_rows"]} == {first}


@pytest.mark.filterwarnings("ignore")
def test_pages_are_written_a_folder_a_domain(lake, fieldhouse, tmp_path):
    ended = fieldhouse("quality", "report", "--lake", lake, "--docs", tmp_path / "pages")
    assert ended.code == 0
    assert (tmp_path / "pages" / "football" / "index.html").is_file()
