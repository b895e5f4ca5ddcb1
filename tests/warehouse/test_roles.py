"""Who may do what: the loader's role suffices for loading, the readers' for reading and nothing else."""

import psycopg
import pytest

from fieldhouse.errors import RefusedError
from fieldhouse.stages import warehouse


@pytest.fixture
def loaded(roles, shelf, teams, standing, monkeypatch):
    """Two releases, loaded by somebody who is in the loader's role and in no other."""
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", roles.server.url(roles.name, "loads"))
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.publish(core__team=teams)
    shelf.load(1)
    shelf.load(2)
    return roles


def test_the_roles_of_the_documents_suffice_to_load_and_prune(loaded, shelf, teams):
    shelf.publish(core__team=teams)
    receipt = shelf.load()
    assert (receipt.counts["pruned"], receipt.notes) == (0, ({"note": "release 1 stays: football.standing shows it"},))
    owners = loaded.sql(
        "SELECT DISTINCT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname ~ '^(r[0-9]+|core)$'"
    )
    assert owners == [("fieldhouse_loader",)]


@pytest.mark.parametrize("what", ["core.team", "football.standing", "r2.core_team", "fieldhouse.current_release"])
def test_readers_read_views_and_releases(loaded, what):
    assert loaded.one(f"SELECT count(*) > 0 FROM {what}", "reads") is True


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM fieldhouse.release",
        "SELECT * FROM fieldhouse.view",
        "DELETE FROM r2.core_team",
        "INSERT INTO core.team VALUES ('x')",
        "DROP VIEW core.team",
        "CREATE TABLE core.own (n int)",
        "CREATE TABLE r2.own (n int)",
        "CREATE SCHEMA own",
        "SET ROLE fieldhouse_loader",
    ],
)
def test_readers_do_nothing_else(loaded, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        loaded.sql(statement, "reads")


def test_what_readers_can_see_is_all_that_is_meant_for_them(loaded):
    """Asked of the server's own books: every relation and schema beyond the server's on which the role has a right."""
    seen = loaded.sql(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relkind IN ('r', 'v') "
        "AND has_schema_privilege('reads', n.oid, 'USAGE') AND has_table_privilege('reads', c.oid, 'SELECT') ORDER BY 1"
    )
    assert [name for (name,) in seen] == [
        "core.team", "fieldhouse.current_release", "football.standing", "r1.core_team", "r1.football_standing", "r2.core_team",
    ]  # fmt: skip
    writes = "has_table_privilege('reads', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    assert loaded.sql(f"SELECT c.oid FROM pg_class c WHERE {writes} AND c.oid > 16384") == []


def test_the_loader_can_do_nothing_with_what_is_not_its_own(loaded):
    loaded.sql("CREATE SCHEMA ann CREATE TABLE mine (n int)")
    for statement in (
        "SELECT * FROM ann.mine",
        "DROP SCHEMA ann CASCADE",
        "CREATE TABLE public.x (n int)",
        "CREATE ROLE x",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            loaded.sql(statement, "loads")


def test_somebody_without_the_role_is_refused_with_a_hint(roles, shelf, teams, monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", roles.server.url(roles.name, "reads"))
    shelf.publish(core__team=teams)
    with pytest.raises(RefusedError, match="permission denied for database") as refused:
        shelf.load()
    assert "docs/warehouse.md" in refused.value.hint


def test_readers_whose_role_is_made_later_are_let_in_by_the_next_load(database, shelf, teams):
    shelf.publish(core__team=teams)
    note = {"note": "there is no role fieldhouse_reader: nobody was let at the release"}
    assert note in shelf.load().notes
    database.sql("CREATE ROLE fieldhouse_reader NOLOGIN")
    database.sql("CREATE ROLE late LOGIN IN ROLE fieldhouse_reader")
    try:
        assert note not in shelf.load().notes
        assert [database.one(f"SELECT count(*) FROM {view}", "late") for view in ("core.team", "r1.core_team")] == [
            3,
            3,
        ]
    finally:
        database.sql("DROP OWNED BY fieldhouse_reader")
        database.sql("DROP ROLE late")
        database.sql("DROP ROLE fieldhouse_reader")


def test_the_roles_can_be_made_again(roles):
    with psycopg.connect(roles.url, autocommit=True) as con:
        con.execute(warehouse.ROLES.encode())
