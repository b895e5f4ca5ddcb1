"""The match day in a round's name, in the words that the files of several countries use."""

import pytest

from fieldhouse import settings
from fieldhouse.lake import duck


@pytest.fixture(scope="module")
def con():
    con = duck.connect(threads=1)
    con.execute((settings.home() / "containers/openfootball/normalize/macros.sql").read_text(encoding="utf-8"))
    yield con
    con.close()


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Matchday 5", 5),
        ("5. Round", 5),
        ("Jornada 38", 38),
        ("1^ Giornata", 1),
        ("12ª Jornada", 12),
        ("34. Spieltag", 34),
        ("Round of 16", None),
        ("Quarter-finals", None),
        ("13.-16. Platz Playoffs", None),
        ("Group A", None),
        ("Play-Off um 1 Premierleague-Platz:", None),
    ],
)
def test_a_match_day_is_read_whatever_it_is_called(con, said, day):
    assert con.execute("SELECT matchday(?)", [said]).fetchone() == (day,)


def test_a_match_day_has_one_spelling(con):
    assert con.execute("SELECT round_name('5. Round'), round_name('Jornada 5')").fetchone() == ("Matchday 5",) * 2
