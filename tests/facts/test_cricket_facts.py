"""Facts about cricket, asked of a release of the real feed, landed under the keys that its extractor gives."""

import json
import os
import subprocess
import sys

import pytest
from landed import land_files

from fieldhouse import embedded
from fieldhouse.lake import duck, open_store, releases

pytestmark = [pytest.mark.feeds, pytest.mark.xdist_group("facts of cricket")]  # one lake, made by one worker


@pytest.fixture(scope="module")
def lake(feeds, tmp_path_factory):
    """A lake with one release of cricket alone."""
    folder = tmp_path_factory.mktemp("cricket")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FIELDHOUSE_SCRATCH", str(folder / "scratch"))
        store = open_store(str(folder / "lake"))
        own = feeds / "cricsheet"
        files = {("match", path.relative_to(own).as_posix()): path for path in own.rglob("*.json")}
        land_files(store, "cricsheet", {**files, ("people", "people.csv"): own / "people.csv"})
        outcome = embedded.Outcome("facts")
        embedded.release(store, outcome)
    return folder / "lake"


def test_all_facts_hold(lake, shared_feeds):
    folder = next(f for f in (shared_feeds, shared_feeds / "feeds") if (f / "check-facts").is_file())
    facts = json.loads((folder / "FACTS-CRICKET.json").read_text(encoding="utf-8"))
    asked = subprocess.run(
        [sys.executable, str(folder / "check-facts"), str(lake), str(folder / "FACTS-CRICKET.json")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert asked.stdout.splitlines()[-1:] == [f"{len(facts)} passed, 0 failed"], asked.stdout + asked.stderr


def test_every_record_is_used_as_often_as_plain_python_counts(lake, feeds):
    store, con = open_store(str(lake)), duck.connect()
    duck.view(con, store, "core.account", releases.read(store).datasets["core.account"].parts, "")
    told = dict(
        con.execute("SELECT records, sum(count)::INT FROM core.account WHERE outcome = 'used' GROUP BY 1").fetchall()
    )
    documents = [json.loads(path.read_bytes()) for path in (feeds / "cricsheet").rglob("*.json")]
    innings = [one for document in documents for one in document["innings"]]
    counted = {
        "match": len(documents),
        "innings": len(innings),
        "delivery": sum(len(over["deliveries"]) for one in innings for over in one["overs"]),
        "person": (feeds / "cricsheet" / "people.csv").read_text(encoding="utf-8").count("\n") - 1,
    }
    assert told == counted
    assert con.execute("SELECT count(*) FROM core.account WHERE outcome <> 'used'").fetchall() == [(0,)]
