"""`trace` of rows whose season is a year: to the raw rows of that player or team in that year, and to no others."""

from collections import Counter

import pytest


@pytest.fixture
def traced(lake, fieldhouse):
    """Traces the only row that a query's columns name: per feed the raw records, as texts."""

    def trace(dataset: str, query: str) -> tuple[Counter, list[str]]:
        (row,) = fieldhouse("sql", query, "--lake", lake, "--json").json["rows"]
        key = "|".join(map(str, row.values()))
        records = fieldhouse("trace", dataset, key, "--lake", lake, "--json").json["records"]
        return Counter(record["feed"] for record in records), [record["raw"] for record in records]

    return trace


def test_a_season_of_a_player_leads_to_all_stints_awards_and_pay_of_that_year(traced) -> None:
    feeds, texts = traced(
        "baseball.player_season",
        "SELECT person_id, season FROM baseball.player_season WHERE player = 'Barry Bonds' AND season = 2001",
    )
    assert feeds == {"person": 1, "batting": 1, "fielding": 1, "salary": 1, "award": 11}
    assert all("bondsba01" in text for text in texts)
    assert sum('"HR":73' in text.replace(" ", "") for text in texts) == 1


def test_a_career_leads_to_every_season_of_it(traced) -> None:
    feeds, texts = traced(
        "baseball.player_career", "SELECT person_id FROM baseball.player_career WHERE player = 'Barry Bonds'"
    )
    assert feeds == {"person": 1, "batting": 4, "fielding": 4, "hall_of_fame": 11}
    assert all("bondsba01" in text for text in texts)


def test_a_season_of_a_team_leads_to_its_own_rows_and_its_players(traced) -> None:
    feeds, texts = traced(
        "baseball.team_season_wide",
        "SELECT team_id, season FROM baseball.team_season WHERE team = 'Seattle Mariners' AND season = 2001",
    )
    assert feeds == {"team": 1, "batting": 35, "pitching": 15, "fielding": 50, "salary": 28, "person": 37}
    of_year = [text.replace(" ", "") for text in texts if "birthYear" not in text]
    assert all('"yearID":2001' in text and '"teamID":"SEA"' in text for text in of_year)
