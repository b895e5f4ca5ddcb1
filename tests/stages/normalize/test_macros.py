"""What mappings may use: slugs, and names that mean another team within a scope."""

import pytest

from fieldhouse.errors import ConfigurationError
from fieldhouse.lake import duck
from fieldhouse.stages.normalize import macros


@pytest.fixture(scope="module")
def con():
    with duck.connect() as con:
        con.execute(macros.GENERAL)
        yield con


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Friendly", "friendly"),
        ("UEFA Euro", "uefa-euro"),
        ("Prime Minister's Cup", "prime-ministers-cup"),
        ("CONMEBOL–UEFA Cup of Champions", "conmebol-uefa-cup-of-champions"),
        ("  Copa América ", "copa-america"),
    ],
)
def test_kebab(con, text, slug):
    assert con.execute("SELECT kebab(?)", [text]).fetchone() == (slug,)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        ("en.3/2025-26", ["en.3"]),
        ("1994-", ["1994", "1998", "en.2", "en.3"]),
        ("-1994", ["1990", "1994"]),
        ("1994-1996", ["1994"]),
    ],
)
def test_a_scope_is_a_season_of_a_competition_or_years_of_the_match_both_inclusive(con, scope, holds):
    con.execute(
        """
        CREATE OR REPLACE TABLE said AS FROM (VALUES
          ('en.3', 'en.3', '2025-26', DATE '2025-08-01'), ('en.2', 'en.2', '2025-26', DATE '2025-08-01'),
          ('1990', 'c', '1990', DATE '1990-06-01'), ('1994', 'c', '1994', DATE '1994-12-31'),
          ('1998', 'c', '1998', DATE '1998-06-01')) AS t(id, competition, season, date)
        """
    )
    rows = con.execute(f"SELECT id FROM said WHERE {macros.condition(scope)} ORDER BY id").fetchall()
    assert [id_ for (id_,) in rows] == holds


@pytest.mark.parametrize("scope", ["", "-", "en.3", "en.3/", "/2025-26", "94-", "1994"])
def test_another_scope_is_an_error_that_says_what_is_expected(scope):
    with pytest.raises(ConfigurationError, match="competition/season, or years"):
        macros.condition(scope)


def test_a_scoped_name_is_said_with_its_scope_and_others_as_they_are(con):
    con.execute(macros.team_ref([("team", "O'Higgins", "1994-"), ("person", "Someone", "1994-")]))
    ask = "SELECT team_ref(?, 'cl.1', '1998', DATE '1998-01-01'), team_ref(?, 'cl.1', '1990', DATE '1990-01-01')"
    assert con.execute(ask, ["O'Higgins"] * 2).fetchone() == ("O'Higgins@1994-", "O'Higgins")
    assert con.execute(ask, ["Someone"] * 2).fetchone() == ("Someone", "Someone")
    con.execute(macros.team_ref([]))
    assert con.execute(ask, ["O'Higgins"] * 2).fetchone() == ("O'Higgins", "O'Higgins")
