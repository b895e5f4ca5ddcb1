"""Public views over time: new columns come last, none goes, and a breaking change stands beside what it would break."""

import datetime

import pytest
from warehouse_lakes import Said

from fieldhouse.errors import ConfigurationError

ROWS = {"": [("a", 1), ("b", 2)]}


def table(columns: dict[str, str], rows, version: str = "1.0.0") -> Said:
    return Said(columns, [next(iter(columns))], {"": rows}, version)


ONE = table({"team_id": "string", "won": "int32"}, [("a", 1), ("b", 2)])
WIDER = table({"team_id": "string", "lost": "int32?", "won": "int32"}, [("a", None, 1), ("b", 7, 2)], "1.1.0")
OTHER = table({"team_id": "string", "won": "float64"}, [("a", 0.5)], "2.0.0")


def columns(database, view: str) -> list[str]:
    query = f"SELECT attname FROM pg_attribute WHERE attrelid = '{view}'::regclass AND attnum > 0 ORDER BY attnum"
    return [name for (name,) in database.sql(query)]


def test_new_columns_come_last_and_views_of_users_live_on(database, shelf):
    shelf.publish(core__team=ONE)
    shelf.publish(core__team=WIDER)
    shelf.load(1)
    database.sql("CREATE SCHEMA ann")
    database.sql("CREATE VIEW ann.winners AS SELECT * FROM core.team WHERE won > 1")
    shelf.load(2)

    assert columns(database, "core.team") == ["team_id", "won", "lost"]
    assert columns(database, "r2.core_team") == ["team_id", "lost", "won"]
    assert database.sql("SELECT * FROM ann.winners") == [("b", 2)]
    assert database.sql("SELECT lost FROM core.team ORDER BY team_id") == [(None,), (7,)]


def test_what_an_older_release_lacks_is_null_after_going_back(database, shelf):
    shelf.publish(core__team=ONE)
    shelf.publish(core__team=WIDER)
    shelf.load(1)
    shelf.load(2)
    shelf.load(1)
    assert database.sql("SELECT * FROM core.team ORDER BY 1") == [("a", 1, None), ("b", 2, None)]


def test_a_breaking_change_is_a_view_beside_the_old_one(database, shelf):
    shelf.publish(core__team=ONE)
    shelf.publish(core__team=OTHER)
    shelf.load(1)
    shelf.load(2)

    assert database.sql("SELECT * FROM core.team ORDER BY 1") == [("a", 1), ("b", 2)]
    assert database.sql("SELECT * FROM core.team_v2") == [("a", 0.5)]
    said = database.one("SELECT obj_description('core.team'::regclass, 'pg_class')")
    ends = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=90)
    assert said == f"RETIRED: shows release 1 and none after it; goes after {ends}. Read core.team_v2 instead."


def test_a_retired_view_keeps_its_release_until_its_time_is_over(database, shelf, monkeypatch):
    for version in (ONE, OTHER, OTHER, OTHER):
        shelf.publish(core__team=version)
    shelf.load(1)
    shelf.load(2)
    shelf.load(3)
    receipt = shelf.load(4)
    assert {"note": "release 1 stays: core.team shows it"} in receipt.notes
    assert database.sql("SELECT number FROM fieldhouse.release ORDER BY 1") == [(1,), (3,), (4,)]

    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE_OLD_DAYS", "0.000001")
    shelf.load(3)
    assert database.one("SELECT to_regclass('core.team')") is None
    assert database.sql("SELECT number FROM fieldhouse.release ORDER BY 1") == [(3,), (4,)]


def test_a_dataset_that_is_gone_stays_readable_as_it_was(database, shelf):
    shelf.publish(core__team=ONE, core__venue=ONE)
    shelf.publish(core__team=ONE)
    shelf.load(1)
    shelf.load(2)
    assert database.one("SELECT count(*) FROM core.venue") == 2
    assert database.sql("SELECT release, retired IS NOT NULL FROM fieldhouse.view WHERE name = 'core.venue'") == [
        (1, True)
    ]


def test_a_retired_view_that_is_shown_again_is_no_longer_retired(database, shelf):
    shelf.publish(core__team=ONE)
    shelf.publish(core__team=OTHER)
    for number in (1, 2, 1):
        shelf.load(number)
    found = database.sql("SELECT name, release, retired IS NULL FROM fieldhouse.view ORDER BY name")
    assert found == [("core.team", 1, True), ("core.team_v2", 2, False)]


def test_another_type_within_one_major_version_is_refused_and_shows_nothing_new(database, shelf):
    shelf.publish(core__team=ONE)
    shelf.publish(core__team=table({"team_id": "string", "won": "float64"}, [("a", 0.5)], "1.2.0"))
    shelf.load(1)
    with pytest.raises(ConfigurationError, match=r"core\.team: won was integer and is DOUBLE PRECISION"):
        shelf.load(2)
    assert database.one("SELECT number FROM fieldhouse.current_release") == 1


def test_a_view_and_a_dataset_of_the_same_name_are_refused(database, shelf):
    shelf.publish(core__team=OTHER, core__team_v2=ONE)
    with pytest.raises(ConfigurationError, match=r"would both be core\.team_v2"):
        shelf.load()


def test_prepared_statements_outlive_a_switch(database, shelf):
    import psycopg

    shelf.publish(core__team=ONE)
    shelf.publish(core__team=WIDER)
    shelf.load(1)
    with psycopg.connect(database.url, autocommit=True) as con:
        query = "SELECT team_id, won FROM core.team ORDER BY 1"
        before = con.execute(query, prepare=True).fetchall()
        shelf.load(2)
        assert con.execute(query, prepare=True).fetchall() == before
