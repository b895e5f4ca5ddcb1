"""Whatever is known only after a date changes nothing in the earlier rows of tables that models learn from."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import zip_longest

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fieldhouse import settings as product
from fieldhouse.stages.audit import limits
from fieldhouse.stages.audit.limits import Limit

FOLDER = "openfootball/football.json"
SAMPLE = ["2012-13/en.1.json", "2013-14/en.1.json"]
REAL = [
    *(
        f"{season}/{code}.json"
        for season in ("2018-19", "2019-20")
        for code in ("at.1", "be.1", "en.1", "en.2", "uefa.cl")
    ),
    *(f"2020-21/{code}.json" for code in ("at.1", "be.1", "en.1", "en.2")),
]
#: What a match says of its result, in all shapes that upstream has used.
RESULT = ("score", "score1", "score2", "status")
#: Rows as they were known on the evening of a day. Whether a table is the last of its season is known afterwards.
ROWS = {
    "football.standing": "SELECT * EXCLUDE (is_final, team) FROM football.standing WHERE date <= DATE '{day}' ORDER BY ALL",
    "football.team_match": "SELECT * FROM football.team_match WHERE date <= DATE '{day}' ORDER BY ALL",
    "football.match_wide": """
        SELECT * EXCLUDE (home_team, away_team) FROM football.match_wide
        WHERE date <= DATE '{day}' AND winner_team_id IS NOT NULL ORDER BY ALL
    """,
}


def _known(document: dict, day: str) -> dict:
    """The file as it was on the evening of `day`: what had begun has its fixtures, later results are open."""
    rounds = document.get("rounds") or [document]
    begun = min(match["date"] for r in rounds for match in r["matches"]) <= day
    for r in rounds:
        r["matches"] = [m if m["date"] <= day else _open(m) for m in r["matches"] if begun]
    return document


def _open(match: Mapping[str, object]) -> dict:
    return {key: value for key, value in match.items() if key not in RESULT}


@pytest.fixture(autouse=True)
def _half_may_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that loses most of its matches stops a release; here they are taken away on purpose."""
    monkeypatch.setattr(limits, "MOST_GONE", Limit(share=2.0, rows=0))


def _holds(mirror, new_lake, days, examples: int) -> None:
    lake = new_lake()
    files = {path: mirror.get(path) for path in _files(mirror)}
    lake.run(mirror, ["openfootball"])

    @settings(
        max_examples=examples, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.generate]
    )
    @given(days)
    def holds(day: date) -> None:
        for path, text in files.items():
            mirror.put(path, json.dumps(_known(json.loads(text), str(day))))
        cut = lake.run(mirror, ["openfootball"])
        assert not cut.failed
        for table, query in ROWS.items():
            then, now = (lake.sql(query.format(day=day), number) for number in (cut.release, 1))
            differing = [(a, b) for a, b in zip_longest(then, now) if a != b][:3]
            assert not differing, f"{table} up to {day} depends on what was known later"

    holds()


def _files(mirror) -> list[str]:
    return sorted(p.relative_to(mirror.folder).as_posix() for p in (mirror.folder / FOLDER).rglob("*.json"))


def _days(first: date, last: date) -> st.SearchStrategy[date]:
    return st.integers(0, (last - first).days).map(lambda n: first + timedelta(n))


def test_earlier_rows_of_the_sample_do_not_know_later_results(empty_mirror, new_lake):
    sample = product.home() / "containers" / "openfootball" / "sample"
    empty_mirror.take(sample, "openfootball", [f"football.json/{key}" for key in SAMPLE])
    _holds(empty_mirror, new_lake, _days(date(2012, 8, 20), date(2014, 5, 10)), 2)


@pytest.mark.feeds
def test_earlier_rows_of_real_seasons_do_not_know_later_results(feeds, empty_mirror, new_lake):
    empty_mirror.take(feeds / "openfootball", "openfootball", [f"football.json/{key}" for key in REAL])
    _holds(empty_mirror, new_lake, _days(date(2018, 8, 1), date(2021, 5, 20)), 3)
