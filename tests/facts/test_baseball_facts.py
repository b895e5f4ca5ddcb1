"""Facts about baseball, asked of a release in which Retrosheet's games have joined the sources that were there before."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import retrosheet_reader
from landed import land_files

from fieldhouse import embedded
from fieldhouse.lake import duck, open_store, releases

pytestmark = [pytest.mark.feeds, pytest.mark.xdist_group("facts of baseball")]  # one lake, made by one worker
FACTS = ("FACTS-BASEBALL.json", "FACTS-BASEBALL-PLAYS.json")
FEEDS = {"TEAM": "team", ".ROS": "roster", "GL": "game_log", ".TXT": "schedule", "": "event"}


def feed_of(name: str) -> str:
    return next(feed for mark, feed in FEEDS.items() if name.startswith(mark) or name.endswith(mark))


@pytest.fixture(scope="module")
def lake(real_lake, feeds, tmp_path_factory):
    """A copy of the lake of the first sources, with one more release."""
    folder = tmp_path_factory.mktemp("baseball")
    shutil.copytree(real_lake, folder / "lake")
    own = feeds / "retrosheet"
    files = {
        (feed_of(path.name), path.relative_to(own).as_posix()): path
        for path in own.rglob("*")
        if path.is_file() and path.name != "MANIFEST.csv"
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("fieldhouse.extract.program.find_reader", retrosheet_reader.find)
        patched.setenv("FIELDHOUSE_SCRATCH", str(folder / "scratch"))
        store = open_store(str(folder / "lake"))
        land_files(store, "retrosheet", files)
        outcome = embedded.Outcome("facts")
        embedded.release(store, outcome)
    return folder / "lake"


def test_all_facts_hold(lake, shared_feeds):
    folder = next(f for f in (shared_feeds, shared_feeds / "feeds") if (f / "check-facts").is_file())
    paths = [str(folder / name) for name in FACTS]
    count = sum(len(json.loads((folder / name).read_text(encoding="utf-8"))) for name in FACTS)
    asked = subprocess.run(
        [sys.executable, str(folder / "check-facts"), str(lake), *paths],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert asked.stdout.splitlines()[-1:] == [f"{count} passed, 0 failed"], asked.stdout + asked.stderr


@pytest.fixture(scope="module")
def sql(lake):
    store, con = open_store(str(lake)), duck.connect()
    datasets = releases.read(store).datasets
    for name in ("core.account", "core.crosswalk"):
        duck.view(con, store, name, datasets[name].parts, "")
    return lambda query: con.execute(query).fetchall()


def test_every_record_is_accounted_for(sql, feeds):
    """Counted by the first word of each line of the event files."""
    told = dict(
        sql("""
            SELECT coalesce(nullif(rule, ''), records), sum(count)::INT FROM core.account
            WHERE source = 'retrosheet' AND feed = 'event' GROUP BY 1
        """)
    )
    words: dict[str, int] = {}
    for path in (feeds / "retrosheet").rglob("*.E*"):
        for line in path.read_text(encoding="latin-1").splitlines():
            word = "NP" if line.startswith("play,") and line.endswith(",NP") else line.split(",")[0]
            words[word] = words.get(word, 0) + 1
    notes = sum(words[word] for word in ("com", "data", "badj", "padj", "radj"))
    assert told == {
        "game": words["id"],
        "play": words["play"],
        "no play": words["NP"],
        "entry": words["start"] + words["sub"],
        "comments, earned runs and adjustments": notes,
    }


def test_all_teams_people_and_parks_are_known_elsewhere_but_all_star_teams(sql):
    alone = sql("""
        SELECT kind, source_id FROM core.crosswalk AS c
        WHERE source = 'retrosheet' AND kind IN ('team', 'person', 'venue') AND NOT EXISTS (
          FROM core.crosswalk AS o WHERE o.kind = c.kind AND o.entity_id = c.entity_id AND o.source <> 'retrosheet'
        ) ORDER BY ALL
    """)
    assert alone == [("team", "ALS"), ("team", "NLS")]
