"""What a release has otherwise than the one before, through the whole pipeline: exactly what upstream changed, and why."""

import json

import pytest

from fieldhouse.cli.ending import end

EN_1 = "openfootball/football.json/2013-14/en.1.json"
GOALS = "international_results/international_results/goalscorers.csv"


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str]):
    """Calls `release diff` for JSON."""

    def call(lake, *args: str):
        capsys.readouterr()
        assert end(["release", "diff", *args, "--lake", lake.store.url, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return call


def test_a_corrected_score_is_told_with_all_that_follows_from_it(mirror, new_lake, diff):
    lake = new_lake()
    lake.run(mirror)
    changed = json.loads(mirror.get(EN_1))
    changed["rounds"][0]["matches"][0]["score1"] += 1
    mirror.put(EN_1, json.dumps(changed))
    lake.run(mirror)

    told = {item["dataset"]: item for item in diff(lake, "1", "2")["datasets"]}
    assert told["core.participation"]["reasons"] == {"upstream correction": told["core.participation"]["changed"]}
    assert {"football.match_wide", "football.standing"} <= set(told)
    assert set(told["football.match_wide"]["reasons"]) == {"derived"}
    assert not {"core.person", "core.team", "football.goal"} & set(told)
    rows = diff(lake, "1", "--dataset", "core.participation")["rows"]
    assert len({row["match_id"] for row in rows}) == 1
    assert {row["column"] for row in rows} >= {"score"}


def test_a_goal_that_comes_later_is_late_data(mirror, new_lake, diff):
    lake = new_lake()
    lake.run(mirror)
    mirror.put(GOALS, mirror.get(GOALS).rstrip("\n") + "\n2018-06-01,Russia,Turkey,Russia,Late Comer,89,FALSE,FALSE\n")
    lake.run(mirror)
    told = {item["dataset"]: item for item in diff(lake, "1")["datasets"]}
    assert (told["football.goal"]["added"], told["football.goal"]["reasons"]) == (1, {"late data": 1})
    assert told["core.person"]["reasons"] == {"late data": 1}


def test_equal_releases_say_so(mirror, new_lake, diff, capsys):
    lake = new_lake()
    lake.run(mirror)
    assert diff(lake, "1", "1") == {"from": 1, "to": 1, "datasets": []}
    assert end(["release", "diff", "1", "--lake", lake.store.url]) == 0
    assert "Their tables are equal." in capsys.readouterr().out
    assert end(["release", "diff", "1", "--limit", "3", "--lake", lake.store.url]) == 64
