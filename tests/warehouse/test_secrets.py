"""The URL's password goes to the server, and appears in no message, log, receipt or traceback."""

import json

import pytest

from fieldhouse.cli.ending import end
from fieldhouse.errors import ConfigurationError
from fieldhouse.stages.warehouse import address

PASSWORD = "pa%2Fss:w%40rd-Zq"  # as a URL writes pa/ss:w@rd-Zq
PLAIN = "pa/ss:w@rd-Zq"
LEAKS = (PASSWORD, PLAIN, "w%40rd", "w@rd")


def leaks(*texts: str) -> list[str]:
    return [leak for leak in LEAKS for text in texts if leak in text]


@pytest.fixture
def locked(server, database, monkeypatch):
    """The warehouse, as a user who has to know a password."""
    server.sql(f"CREATE ROLE locked LOGIN SUPERUSER PASSWORD '{PLAIN}'")
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", server.url(database.name, "locked", PASSWORD))
    yield database
    server.sql(f"DROP DATABASE {database.name} WITH (FORCE)")
    server.sql(f"CREATE DATABASE {database.name}")
    server.sql("DROP ROLE locked")


def test_a_load_works_and_says_nothing_of_the_password(locked, shelf, teams, capfd):
    shelf.publish(core__team=teams)
    words = ["--lake", shelf.store.url]
    assert end(["warehouse", "--run", "r1", *words]) == 0
    assert end(["warehouse", "status", "--json"]) == 0
    assert end(["warehouse", "prune"]) == 0
    end(["doctor", *words])
    receipt = shelf.store.get("runs/r1/warehouse/0001.json").decode()
    printed = capfd.readouterr()
    assert leaks(printed.out, printed.err, receipt) == []
    assert f"/{locked.name}" in printed.out


@pytest.mark.parametrize("flags", [[], ["--json"], ["--debug"]], ids=str)
@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://locked:{PASSWORD}-wrong@/{{name}}?host={{folder}}",
        f"postgresql://locked@/{{name}}?host={{folder}}&password={PASSWORD}",
        f"postgresql://locked:{PASSWORD}@/{{name}}?host={{folder}}&nonsense={PASSWORD}",
        f"postgresql://locked:{PASSWORD}@/{{name}}?host={{folder}}/nowhere",
        f"postgresql://locked:{PASSWORD}@/nowhere?host={{folder}}",
        f"postgresql://locked:{PASSWORD}@127.0.0.1:1/{{name}}",
        f"postgresql://locked:{PASSWORD}@host:port/{{name}}",
        f"mysql://locked:{PASSWORD}@host/{{name}}",
        f"postgresql://locked:{PASSWORD}@host",
        f"locked:{PASSWORD}@host",
    ],
    ids=["wrong", "query", "option", "socket", "database", "port", "no-port", "driver", "no-database", "no-url"],
)
def test_no_failure_repeats_it(locked, shelf, teams, monkeypatch, capfd, url, flags):
    shelf.publish(core__team=teams)
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", url.format(name=locked.name, folder=locked.server.folder))
    code = end(["warehouse", "--lake", shelf.store.url, *flags])
    if not flags:
        end(["doctor", "--lake", shelf.store.url])
    printed = capfd.readouterr()
    assert code in ((0,) if "password=" in url else (75, 77, 78))
    assert leaks(printed.out, printed.err) == []


def test_an_address_does_not_show_it(monkeypatch):
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", f"postgresql://ann:{PASSWORD}@db.example:5433/sports?sslmode=require")
    found = address.read()
    assert (found.shown, leaks(repr(found), str(found))) == ("postgresql://db.example:5433/sports", [])
    assert found.scrub(f'FATAL: "{PLAIN}" or {PASSWORD}') == 'FATAL: "***" or ***'


def test_the_url_may_stand_in_a_file(database, shelf, teams, monkeypatch, tmp_path):
    file = tmp_path / "url"
    file.write_text(database.url + "\n", encoding="utf-8")
    monkeypatch.delenv("FIELDHOUSE_WAREHOUSE")
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE_FILE", str(file))
    shelf.publish(core__team=teams)
    assert shelf.load().counts["switched"] == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no warehouse is configured"),
        ({"FIELDHOUSE_WAREHOUSE": "duckdb:///x", "FIELDHOUSE_WAREHOUSE_FILE": "y"}, "are both set"),
        ({"FIELDHOUSE_WAREHOUSE_FILE": "/nowhere/url"}, "/nowhere/url cannot be read: No such file"),
        ({"FIELDHOUSE_WAREHOUSE": "duckdb://"}, "names no file"),
    ],
    ids=["none", "both", "no-file", "no-database"],
)
def test_what_names_no_warehouse_is_refused(monkeypatch, settings, said):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=said):
        address.read()


def test_the_termination_message_of_a_pod_does_not_hold_it(locked, shelf, teams, monkeypatch, tmp_path):
    said = tmp_path / "termination"
    monkeypatch.setenv("FIELDHOUSE_TERMINATION_LOG", str(said))
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", locked.server.url(locked.name, "locked", PASSWORD + "x"))
    shelf.publish(core__team=teams)
    assert end(["warehouse", "--lake", shelf.store.url]) == 77
    told = said.read_text(encoding="utf-8")
    assert json.loads(told)["class"] == "RefusedError"
    assert leaks(told) == []
