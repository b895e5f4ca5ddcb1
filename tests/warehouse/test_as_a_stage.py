"""The stage in a run: it follows publish where a warehouse is configured, and leaves its receipt beside the others."""

import json
from pathlib import Path

import pytest

from fieldhouse import embedded, plan
from fieldhouse import sources as declared
from fieldhouse.cli.ending import end
from fieldhouse.contracts import load_all
from fieldhouse.errors import RefusedError
from fieldhouse.lake import open_store, releases, runs


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A few matches of one source."""
    folder = tmp_path / "mirror" / "international_results" / "international_results"
    folder.mkdir(parents=True)
    head = "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n"
    row = "1872-11-30,Scotland,England,0,0,Friendly,Glasgow,Scotland,FALSE\n"
    (folder / "results.csv").write_text(head + row, encoding="utf-8")
    (folder / "goalscorers.csv").write_text("date,home_team,away_team,team,scorer,minute,own_goal,penalty\n")
    (folder / "shootouts.csv").write_text("date,home_team,away_team,winner,first_shooter\n")
    (folder / "former_names.csv").write_text("current,former,start_date,end_date\n")
    return tmp_path / "mirror"


def run(tmp_path: Path, mirror: Path, **otherwise: bool) -> embedded.Outcome:
    return embedded.run(open_store(str(tmp_path / "lake")), ["international_results"], mirror=mirror, **otherwise)


def test_a_run_does_the_tasks_of_the_plan_with_a_warehouse(database, tmp_path, mirror):
    outcome = run(tmp_path, mirror)
    tasks = plan.graph([declared.find("international_results")], load_all(), warehouse=True)
    wanted = {task.id for task in (*tasks.sources["international_results"], *tasks.release)}
    assert {receipt.task for receipt in outcome.receipts} == wanted
    assert (outcome.release, outcome.published) == (1, True)

    store = open_store(str(tmp_path / "lake"))
    counts = runs.receipt(store, outcome.run, "warehouse").counts
    assert counts["sent"] == sum(table.rows for table in releases.read(store).datasets.values())
    assert database.one("SELECT count(*) FROM core.match") == 1
    assert run(tmp_path, mirror).receipts[-1].remembered


def test_without_a_warehouse_a_run_ends_with_publish(tmp_path, mirror):
    assert run(tmp_path, mirror).receipts[-1].task == "publish"


def test_a_warehouse_that_refuses_does_not_undo_the_release(server, database, monkeypatch, tmp_path, mirror):
    monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", server.url(database.name, "nobody"))
    with pytest.raises(RefusedError, match='role "nobody" does not exist'):
        run(tmp_path, mirror)
    assert releases.newest(open_store(str(tmp_path / "lake"))) == 1


def test_a_sample_is_not_loaded(database, tmp_path, capfd):
    assert end(["demo", "openfootball", "--lake", str(tmp_path / "lake")]) == 0
    assert database.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'r1'") == []


def test_the_verbs_print_what_is_there(database, shelf, teams, standing, capfd):
    shelf.publish(core__team=teams, football__standing=standing)
    shelf.publish(core__team=teams)
    lake = ["--lake", shelf.store.url]

    def told(*words: str) -> str:
        capfd.readouterr()
        assert end([*words]) == 0
        return capfd.readouterr().out

    assert "release 1 shown: 9 rows sent" in told("warehouse", *lake, "--release", "1")
    assert "release 2 shown: 0 rows sent, 3 copied within the server" in told("warehouse", *lake)
    said = told("warehouse", "status")
    assert "shows release 2." in said
    assert "football.standing is retired: it shows release 1 since " in said
    assert json.loads(told("warehouse", "--json", "status"))["release"] == 2
    assert told("warehouse", "prune", "--dry-run", "--keep", "1").splitlines() == [
        "Would drop nothing.", "release 1 stays: football.standing shows it",
    ]  # fmt: skip
    assert "CREATE ROLE fieldhouse_reader" in told("warehouse", "roles")


@pytest.mark.parametrize("words", [["--release", "1", "status"], ["--run", "r1", "status"]], ids=" ".join)
def test_options_of_a_load_are_refused_before_another_verb(database, words, capfd):
    assert end(["warehouse", *words]) == 64
