"""docs/examples/table.exs: a program in Elixir reads a league table from the warehouse, by a driver that Debian has."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import postgres_server
import pytest
from postgres_server import Server

import fieldhouse as fh
from fieldhouse import settings
from fieldhouse.lake import open_store
from fieldhouse.stages import warehouse

EXAMPLE = settings.home() / "docs" / "examples" / "table.exs"
PASSWORD = "with a 'quote"


def driver() -> bool:
    """Whether this machine has Elixir, and the driver that the example needs."""
    if not shutil.which("elixir"):
        return False
    asked = ["elixir", "-e", "System.halt(if Code.ensure_loaded?(:pgsql), do: 0, else: 1)"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def loaded(sample_lake: Path) -> Iterator[Server]:
    """A server that listens, with the sample's release in it, and somebody who may read."""
    if postgres_server.binaries() is None:
        pytest.skip(postgres_server.WHY_NOT)
    if not driver():
        pytest.skip("needs Elixir and a driver: `apt-get install elixir erlang-p1-pgsql`")
    import psycopg

    with postgres_server.running(tcp=True) as server, pytest.MonkeyPatch.context() as patch:
        with psycopg.connect(server.url(), autocommit=True) as con:
            con.execute(warehouse.ROLES.encode())
            quoted = PASSWORD.replace("'", "''")
            con.execute(f"CREATE ROLE reads LOGIN PASSWORD '{quoted}' IN ROLE fieldhouse_reader".encode())
        patch.setenv("FIELDHOUSE_WAREHOUSE", server.url())
        warehouse.run(open_store(str(sample_lake)))
        yield server


@pytest.fixture
def read(loaded: Server) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs the example as its page says."""

    def run(*arguments: str, password: str = PASSWORD) -> "subprocess.CompletedProcess[str]":
        given = {"PGHOST": "127.0.0.1", "PGPORT": str(loaded.port), "PGDATABASE": "postgres"}
        env = {**os.environ, **given, "PGUSER": "reads", "PGPASSWORD": password, "LC_ALL": "C.UTF-8"}
        words = ["elixir", str(EXAMPLE), *arguments]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    return run


def test_it_prints_the_table_that_the_release_has(read, sample_lake: Path) -> None:
    done = read("en.1", "2013-14")
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = done.stdout.splitlines()
    final = "competition = 'en.1' AND season = '2013-14' AND is_final"
    query = f"SELECT position_official, team, points_official FROM football.standing WHERE {final} ORDER BY ALL"
    wanted = fh.sql(query, lake=sample_lake).itertuples(index=False)
    assert head == "en.1 2013-14, release 1"
    assert lines == ["\t".join(map(str, row)) for row in wanted]
    assert len(lines) == 20


def test_it_says_what_is_wrong(read) -> None:
    for done, said in (
        (read("en.1", "1900-01"), "no table of en.1 in 1900-01"),
        (read("en.1', '2013-14"), "usage"),
        (read("en.1", "2013-14", password="another"), "the database does not let us in"),
        (read("en.1'; DROP TABLE x; --", "2013-14"), "no table of en.1'; DROP TABLE x; -- in 2013-14"),
    ):
        assert done.returncode == 1
        assert said in done.stderr
