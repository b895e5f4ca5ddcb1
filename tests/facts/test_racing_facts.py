"""Facts about racing, asked of a release of the real feed, landed under the keys that its extractor gives."""

import csv
import json
import os
import re
import subprocess
import sys

import pytest
from landed import land_files

from fieldhouse import embedded, sources
from fieldhouse.lake import duck, open_store, releases

pytestmark = [pytest.mark.feeds, pytest.mark.xdist_group("facts of racing")]  # one lake, made by one worker


def feed_of(key: str) -> str:
    """The first feed that declares the key."""
    return next(name for name, feed in sources.find("f1db").feeds.items() if re.search(str(feed.raw["match"]), key))


@pytest.fixture(scope="module")
def lake(feeds, tmp_path_factory):
    """A lake with one release of racing alone."""
    folder = tmp_path_factory.mktemp("racing")
    own = feeds / "f1db"
    with (own / "MANIFEST.csv").open(encoding="utf-8") as file:
        keys = [row["path"] for row in csv.DictReader(file)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FIELDHOUSE_SCRATCH", str(folder / "scratch"))
        store = open_store(str(folder / "lake"))
        land_files(store, "f1db", {(feed_of(key), key): own / key for key in keys})
        embedded.release(store, embedded.Outcome("facts"))
    return folder / "lake"


def test_all_facts_hold(lake, shared_feeds):
    folder = next(f for f in (shared_feeds, shared_feeds / "feeds") if (f / "check-facts").is_file())
    facts = json.loads((folder / "FACTS-RACING.json").read_text(encoding="utf-8"))
    asked = subprocess.run(
        [sys.executable, str(folder / "check-facts"), str(lake), str(folder / "FACTS-RACING.json")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert asked.stdout.splitlines()[-1:] == [f"{len(facts)} passed, 0 failed"], asked.stdout + asked.stderr


def test_every_record_is_used(lake, feeds):
    store, con = open_store(str(lake)), duck.connect()
    duck.view(con, store, "core.account", releases.read(store).datasets["core.account"].parts, "")
    told = con.execute("SELECT records, outcome, sum(count)::INT FROM core.account GROUP BY ALL").fetchall()
    # Every record of these files begins with a dash in the first column, or is the file.
    lists = {"race_result": "race-results", "fastest_lap": "fastest-laps", "sprint_race_result": "sprint-race-results"}
    seasons = feeds / "f1db" / "src" / "data" / "seasons"
    counted = {
        records: sum(len(re.findall(r"^- ", p.read_text(encoding="utf-8"), re.M)) for p in seasons.rglob(f"{name}.yml"))
        for records, name in lists.items()
    }
    counted["race"] = len(list(seasons.rglob("race.yml")))
    counted["driver"] = len(list((feeds / "f1db" / "src" / "data" / "drivers").iterdir()))
    assert {(records, outcome): n for records, outcome, n in told if records in counted} == {
        (records, "used"): n for records, n in counted.items()
    }
    assert {outcome for _, outcome, _ in told} == {"used"}


def test_nothing_of_racing_is_left_unlinked(lake):
    store, con = open_store(str(lake)), duck.connect()
    duck.view(con, store, "core.unlinked", releases.read(store).datasets["core.unlinked"].parts, "")
    assert con.execute("SELECT * FROM core.unlinked WHERE source = 'f1db'").fetchall() == []
