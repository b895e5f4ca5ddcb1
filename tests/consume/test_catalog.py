"""fh.datasets, fh.describe, fh.releases: lists that print, pages that read."""

import json
from datetime import UTC, datetime

import pytest

import fieldhouse as fh
from fieldhouse.consume import described


def test_datasets_are_listed_by_name_with_rows_and_grain() -> None:
    found = fh.datasets()
    assert [(d.name, d.rows, d.layer) for d in found] == [
        ("core.team", 2, "normalized"),
        ("football.goal", 0, "normalized"),
        ("football.match_wide", 5, "denormalized"),
        ("football.standing", 8, "denormalized"),
    ]
    assert found[3].grain == ("competition", "season", "date", "team_id")
    assert [d.name for d in fh.datasets(release=1)] == ["football.standing"]


def test_a_list_prints_as_a_table_and_fills_a_frame() -> None:
    import pandas as pd

    found = fh.datasets()
    lines = str(found).splitlines()
    assert lines[0].split() == ["name", "title", "layer", "grain", "rows", "version"]
    assert lines[1].split() == ["core.team", "Teams", "normalized", "team_id", "2", "1.0.0"]
    assert found._repr_html_().count("<tr>") == 5
    assert list(pd.DataFrame(found)["rows"]) == [2, 0, 5, 8]


def test_releases_are_listed_oldest_first(tmp_path) -> None:
    found = fh.releases()
    assert [(r.number, r.time, r.rows) for r in found] == [
        (1, "2020-01-01T06:00:00+00:00", 2),
        (2, "2020-01-02T06:00:00+00:00", 15),
    ]
    assert found[0].content != found[1].content
    (tmp_path / "landings").mkdir()
    assert str(fh.releases(lake=tmp_path)) == "(none)"


def test_a_description_has_all_that_a_reader_asks() -> None:
    found = fh.describe("football.match_wide").to_dict()
    assert (found["rows"], found["release"], found["grain"]) == (5, 2, ("match_id",))
    goals = next(column for column in found["columns"] if column["name"] == "home_goals")
    assert (goals["type"], goals["unit"], goals["null"]) == ("int32", "goals", True)
    assert found["licences"]["openfootball"]["licence"] == "CC0-1.0"
    json.dumps(found)


def test_a_description_prints_as_a_page() -> None:
    page = described.page(fh.describe("core.team"), datetime(2020, 1, 5, 7, tzinfo=UTC)).splitlines()
    assert page[0] == "core.team 1.0.0 · Teams"
    assert "release   2, 3 days old (2020-01-02T06:00:00+00:00)" in page
    assert "a row is  team_id" in page
    assert "source    openfootball: CC0-1.0, openfootball" in page
    assert any(line.startswith("country  string?  ") for line in page)
    assert max(map(len, page)) <= 110
    assert repr(fh.describe("core.team")).splitlines()[0] == page[0]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, "just made"), (0.5, "30 minutes old"), (1, "1 hour old"), (47, "1 day old"), (48, "2 days old")],
)
def test_age_is_told_in_the_largest_unit(hours: float, expected: str) -> None:
    from datetime import timedelta

    time = "2020-01-01T00:00:00+00:00"
    assert described.age(time, datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)) == expected


def test_describing_what_is_not_there_names_the_nearest() -> None:
    with pytest.raises(fh.NotFound, match=r"the nearest is 'core\.team'"):
        fh.describe("core.teams")
