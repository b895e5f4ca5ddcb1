"""Datasets whose seasons are years: numbers, texts of numbers, and only the parts of their decade."""

import pytest

import fieldhouse as fh

ROWS = [
    {"person_id": person, "season": season, "stint": 1, "team_id": "t", "league": "AL", "home_runs": season % 100}
    for person in ("p1", "p2")
    for season in (1998, 1999, 2001, 2012)
]


@pytest.fixture(autouse=True)
def _baseball(publish_rows, tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_LAKE", publish_rows(tmp_path / "years", {"baseball.batting_season": ROWS}))


@pytest.mark.parametrize("seasons", [2001, "2001", [2001], ["2001"], (2001, 2001)])
def test_a_year_is_given_as_a_number_or_as_its_text(seasons):
    found = fh.load("baseball.batting_season", seasons=seasons, columns=["season", "person_id"], engine="arrow")
    assert found.to_pylist() == [{"season": 2001, "person_id": "p1"}, {"season": 2001, "person_id": "p2"}]


def test_only_the_parts_of_the_years_decades_are_read(read_parts):
    found = fh.load("baseball.batting_season", seasons=[1998, 1999])
    assert sorted(found["season"].unique()) == [1998, 1999]
    assert len(set(read_parts)) == 1


@pytest.mark.parametrize(("asked", "nearest"), [(2024, 2012), (1871, 1998), (2000, 1999)])
def test_a_year_that_is_not_there_is_told_with_the_nearest(asked, nearest):
    with pytest.raises(fh.NotFound, match=f"has no season {asked}; the nearest is {nearest}$"):
        fh.load("baseball.batting_season", seasons=[asked])


@pytest.mark.parametrize("wrong", ["2001-02", 2001.5, True])
def test_what_is_no_year_is_told(wrong):
    with pytest.raises(fh.UsageError, match="season is int32: a whole number is expected"):
        fh.load("baseball.batting_season", seasons=wrong)


def test_the_column_is_a_number_for_queries():
    found = fh.sql("SELECT max(season) - min(season) AS years FROM baseball.batting_season", engine="arrow")
    assert found.to_pylist() == [{"years": 14}]
