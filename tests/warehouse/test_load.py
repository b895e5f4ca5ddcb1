"""What a load makes: schemas, tables with keys and comments, views; what it sends, and what it copies."""

import datetime
from dataclasses import replace

import pytest
from warehouse_lakes import Said

from fieldhouse.errors import ConfigurationError, DataError, NotFound


def test_views_show_the_rows_of_the_release(database, shelf, teams, standing):
    shelf.publish(core__team=teams, football__standing=standing)
    receipt = shelf.load()

    assert database.sql("SELECT team_id, name, names FROM core.team ORDER BY 1") == [
        ("a", "Ajax", ["Ajax", 'the "A"']), ("b", "Brøndby, IF", []), ("c", "", None),
    ]  # fmt: skip
    assert database.one("SELECT sum(points) FROM football.standing") == 26
    assert database.one("SELECT date FROM r1.football_standing WHERE points = 7") == datetime.date(2001, 5, 1)
    assert database.one("SELECT number FROM fieldhouse.current_release") == 1
    assert dict(receipt.counts) == {"release": 1, "sent": 9, "copied": 0, "switched": 1, "pruned": 0, "tries": 1}


def test_every_type_comes_through(database, shelf, teams, changed):
    moment = datetime.datetime(2001, 2, 3, 4, 5, 6, 789012, tzinfo=datetime.UTC)
    text = 'a "b", \\c\\. {NULL}\r\n\té%s %(x)s'
    row = (text, True, -32768, -(2**31), 2**63 - 1, 0.1 + 0.2, datetime.date(1, 1, 1), moment, [text, "", None, "NULL"])
    types = ["string", "bool", "int16", "int32", "int64", "float64", "date", "timestamp", "list<string>"]
    names = {f"c{n}": f"{kind}?" for n, kind in enumerate(types)}
    every = changed(teams, rows=[("k", *row), ("n", *[None] * 9)], columns={"key": "string", **names}, grain=["key"])
    shelf.publish(core__every=every)
    shelf.load()

    assert database.sql("SELECT * FROM core.every ORDER BY key") == [("k", *row), ("n", *[None] * 9)]
    wanted = [
        "text",
        "boolean",
        "smallint",
        "integer",
        "bigint",
        "double precision",
        "date",
        "timestamp with time zone",
    ]
    found = database.sql(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'r1.core_every'::regclass AND attnum > 1 "
        "ORDER BY attnum"
    )
    assert [kind for (kind,) in found] == [*wanted, "text[]"]


def test_tables_have_keys_not_nulls_and_comments(database, shelf, teams, standing):
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.load()

    keys = database.sql(
        "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
        "WHERE connamespace = 'r1'::regnamespace ORDER BY conrelid::regclass::text, contype DESC"
    )
    assert keys == [
        ("core_team_pkey", "PRIMARY KEY (team_id)", True),
        ("football_standing_pkey", "PRIMARY KEY (season, team_id)", True),
        ("fk_team_id", "FOREIGN KEY (team_id) REFERENCES r1.core_team(team_id) NOT VALID", False),
    ]
    nullable = database.sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'r1.football_standing'::regclass AND attnum > 0 AND NOT attnotnull"
    )
    assert nullable == [("date",)]
    for table in ("r1.football_standing", "football.standing"):
        said = database.one(f"SELECT obj_description('{table}'::regclass, 'pg_class')")
        assert said == "Football.Standing. All of football.standing. One row: season, team_id. Version 1.0.0."
        assert database.one(f"SELECT col_description('{table}'::regclass, 3)") == "The points. Unit: goals."


def test_a_table_has_the_indexes_that_its_contract_declares(database, shelf):
    columns = {"match_id": "string", "team_id": "string", "date": "date"}
    rows = {"2010": [("m", "a", datetime.date(2010, 1, 1))]}
    shelf.publish(football__team_match=Said(columns, ["match_id", "team_id"], rows))
    shelf.load()

    found = database.sql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'r1' ORDER BY indexname")
    assert [index.partition("USING ")[2] for (index,) in found] == [
        "btree (team_id, date)",
        "btree (match_id, team_id)",
    ]


def test_a_reference_that_the_audit_found_broken_is_no_key_and_is_told(database, shelf, teams, standing, changed):
    broken = changed(standing, "1990", [("1998-99", "nobody", 3, None)])
    note = {"dataset": "football.standing", "column": "team_id", "unexpected": 1}
    shelf.publish({"football": {"notes": [note]}}, core__team=teams, football__standing=broken)
    receipt = shelf.load()

    assert {
        "note": "football.standing: team_id has failures that were accepted: no foreign key to core.team"
    } in receipt.notes
    assert (
        database.sql("SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = 'r1'::regnamespace")
        == []
    )


def test_keys_that_the_audit_has_proved_the_server_can_prove_too(database, shelf, teams, standing):
    for number in (1, 2):
        shelf.publish(core__team=teams, football__standing=standing)
        shelf.load()
        database.sql(f"ALTER TABLE r{number}.football_standing VALIDATE CONSTRAINT fk_team_id")


def test_only_parts_that_are_new_are_sent(database, shelf, teams, standing, changed):
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.publish(core__team=teams, football__standing=changed(standing, "2000", [("2000-01", "a", 8, None)]))
    shelf.load(1)
    receipt = shelf.load(2)

    assert (receipt.counts["sent"], receipt.counts["copied"]) == (1, 8)
    assert database.sql("SELECT season, points FROM football.standing ORDER BY 1, 2") == [
        ("1998-99", 3), ("1999-00", 1), ("2000-01", 8), ("2010-11", 9), ("2011-12", 2), ("2011-12", 4),
    ]  # fmt: skip
    assert database.one("SELECT points FROM r1.football_standing WHERE season = '2000-01'") == 7


def test_what_cannot_be_told_apart_is_sent_whole(database, shelf, teams, standing, changed):
    # core.team has no partition: one part more of it cannot be copied without the others.
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.publish(core__team=changed(teams, "x", [("d", "D", None)]), football__standing=standing)
    shelf.publish(core__team=changed(teams, "x", [("e", "E", None)]), football__standing=standing)
    shelf.load(1)
    assert (shelf.load(2).counts["sent"], shelf.load(3).counts["sent"]) == (1, 4)
    assert database.sql("SELECT team_id FROM core.team ORDER BY 1") == [("a",), ("b",), ("c",), ("e",)]


def test_rows_that_somebody_has_tampered_with_are_not_copied(database, shelf, teams, standing, changed):
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.publish(core__team=teams, football__standing=changed(standing, "2000", [("2000-01", "a", 8, None)]))
    shelf.load(1)
    database.sql("DELETE FROM r1.football_standing WHERE season = '1998-99'")
    assert shelf.load(2).counts["sent"] == 6
    assert database.one("SELECT count(*) FROM football.standing") == 6


def test_a_release_that_is_shown_is_looked_at_and_left(database, shelf, teams):
    shelf.publish(core__team=teams)
    shelf.load()
    receipt = shelf.load()
    assert receipt.remembered
    assert receipt.counts["switched"] == receipt.counts["sent"] == 0


def test_going_back_to_a_release_that_is_still_there_sends_nothing(database, shelf, teams, standing):
    shelf.publish(core__team=teams)
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.load(1)
    shelf.load(2)
    receipt = shelf.load(1)
    assert receipt.counts["sent"] == receipt.counts["copied"] == 0
    assert database.one("SELECT number FROM fieldhouse.current_release") == 1
    assert shelf.load(2).counts["sent"] == 0


def test_a_dataset_without_rows_is_an_empty_table(database, shelf, teams):
    shelf.publish(core__team=replace(teams, rows={}))
    shelf.load()
    assert database.sql("SELECT * FROM core.team") == []


def test_another_lakes_release_of_the_same_number_is_refused(database, shelf, teams):
    shelf.publish(core__team=teams)
    shelf.load()
    database.sql("UPDATE fieldhouse.release SET content = 'other'")
    with pytest.raises(DataError, match="holds another release 1"):
        shelf.load()


def test_what_postgres_cannot_hold_is_refused_and_nothing_is_shown(database, shelf, teams, changed):
    shelf.publish(core__team=teams)
    shelf.load()
    shelf.publish(core__team=changed(teams, "x", [("d", "zero \0 byte", None)]))
    with pytest.raises(DataError, match="invalid byte sequence"):
        shelf.load()
    assert database.one("SELECT number FROM fieldhouse.current_release") == 1
    assert database.sql("SELECT to_regclass('r2.core_team') IS NULL") == [(True,)]


def test_a_release_that_is_none_is_not_found(database, shelf, teams):
    shelf.publish(core__team=teams)
    with pytest.raises(NotFound, match="no release 7"):
        shelf.load(7)


def test_a_receipt_stays_in_the_run_that_asked(database, shelf, teams):
    from fieldhouse.lake import runs

    shelf.publish(core__team=teams)
    receipt = shelf.load(run="today")
    assert runs.receipt(shelf.store, "today", "warehouse").digest == receipt.digest
    shelf.load()
    assert shelf.store.names("runs") == ["runs/today/warehouse/0001.json"]


@pytest.mark.parametrize("domain", ["fieldhouse", "r12", "public", "pg_x"])
def test_a_domain_cannot_be_called_like_a_schema_of_the_loader(database, shelf, teams, domain):
    shelf.publish(**{f"{domain}__team": teams})
    with pytest.raises(ConfigurationError, match=f"cannot be called {domain}"):
        shelf.load()
