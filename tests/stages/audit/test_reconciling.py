"""How far sources agree: the rates are told, and too little agreement is a warning, hardly any a critical failure."""

import pytest

from fieldhouse import contracts
from fieldhouse.lake import duck
from fieldhouse.stages.audit import reconciling
from fieldhouse.stages.audit.narrowing import Scope

TEAMS = 400


@pytest.fixture
def rates():
    """Tells (rule, agreement, state) of a column, where sources say so many names of teams otherwise."""

    def told(
        otherwise: int, column: str = "sport", teams: int = TEAMS, said: str = "sport"
    ) -> dict[str, tuple[float, str]]:
        contract = contracts.load_all()["core.team"]
        columns = ", ".join(f"'x' AS {c.name}" for c in contract.columns if c.name != "team_id")
        with duck.connect() as con:
            con.execute(f"""
                CREATE SCHEMA core;
                CREATE TABLE core.team AS SELECT 't' || i AS team_id, {columns} FROM range({teams + 50}) AS t(i);
                CREATE TABLE core.team_origin AS
                  SELECT 't' || i AS team_id, 'one' AS source FROM range({teams + 50}) AS t(i)
                  UNION ALL SELECT 't' || i, 'two' FROM range({teams}) AS t(i);
                CREATE TABLE core.disagreement AS
                  SELECT 'core.team' AS dataset, 't' || i AS key, '{said}' AS "column", 'two' AS source, 'y' AS value,
                    'one' AS chosen_source, 'x' AS chosen_value
                  FROM range({otherwise}) AS t(i);
            """)
            found = list(reconciling._verdicts(con, contracts.load_all(), contract, Scope()))
        assert [v.message for v in found if v.state == "error"] == []
        return {
            v.expectation.rule: (v.result["details"]["agreement"], v.state)
            for v in found
            if v.expectation.about == column
        }

    return told


def test_rates_are_published_whether_or_not_they_are_good(rates):
    assert rates(0) == {"sources_agree": (1.0, "passed"), "sources_mostly_agree": (1.0, "passed")}
    assert rates(20) == {"sources_agree": (0.95, "passed"), "sources_mostly_agree": (0.95, "passed")}


def test_too_little_agreement_is_a_warning_and_hardly_any_stops(rates):
    assert rates(100) == {"sources_agree": (0.75, "failed"), "sources_mostly_agree": (0.75, "passed")}
    assert rates(300) == {"sources_agree": (0.25, "failed"), "sources_mostly_agree": (0.25, "failed")}


def test_only_the_column_that_differs_is_named(rates):
    assert rates(300, "gender") == {"sources_agree": (1.0, "passed"), "sources_mostly_agree": (1.0, "passed")}


def test_what_sources_spell_as_they_like_never_stops(rates):
    assert rates(300, "name", said="name") == {"sources_agree": (0.25, "failed")}


def test_of_few_rows_nothing_is_concluded(rates):
    assert rates(30, teams=40) == {"sources_agree": (0.25, "passed"), "sources_mostly_agree": (0.25, "passed")}


def test_what_only_one_source_knows_has_no_rate(rates):
    assert rates(0, teams=0) == {}
