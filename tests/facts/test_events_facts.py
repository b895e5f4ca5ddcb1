"""Facts about football's events, asked of a release of three sources' real feeds: matches that several know are one."""

import csv
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest
from landed import land_files

from fieldhouse import embedded, sources
from fieldhouse.lake import duck, open_store, releases

pytestmark = [pytest.mark.feeds, pytest.mark.xdist_group("facts of events")]  # one lake, made by one worker
FACTS = ("FACTS-FOOTBALL.json", "FACTS-FOOTBALL-EVENTS.json")


def wanted(path: str) -> tuple[str, str] | None:
    """The feed and key of a file of the frozen feeds, as the declaration has them."""
    source = sources.find("wyscout")
    for name, feed in source.feeds.items():
        folder = f"{source.bases[str(feed.raw['base'])]['mirror']}/"
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(str(feed.raw["key"])))
        if path.startswith(folder) and re.fullmatch(pattern, path.removeprefix(folder)):
            return name, path.removeprefix(folder)
    return None


@pytest.fixture(scope="module")
def lake(feeds, tmp_path_factory):
    """A lake with one release of openfootball, international_results and Wyscout."""
    folder, own = tmp_path_factory.mktemp("events"), feeds / "wyscout"
    with (own / "MANIFEST.csv").open(encoding="utf-8") as file:
        found = {wanted(row["path"]): own / row["path"] for row in csv.DictReader(file)}
    assert None not in found
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FIELDHOUSE_SCRATCH", str(folder / "scratch"))
        store = open_store(str(folder / "lake"))
        land_files(store, "wyscout", found)
        outcome = embedded.run(store, ("openfootball", "international_results"), mirror=feeds)
        assert not outcome.failed
    return folder / "lake"


@pytest.mark.parametrize("name", FACTS)
def test_all_facts_hold(name, lake, shared_feeds):
    folder = next(f for f in (shared_feeds, shared_feeds / "feeds") if (f / "check-facts").is_file())
    facts = json.loads((folder / name).read_text(encoding="utf-8"))
    asked = subprocess.run(
        [sys.executable, str(folder / "check-facts"), str(lake), str(folder / name)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert asked.stdout.splitlines()[-1:] == [f"{len(facts)} passed, 0 failed"], asked.stdout + asked.stderr


def test_every_record_is_used_as_often_as_plain_python_counts(lake, feeds):
    store, con = open_store(str(lake)), duck.connect()
    duck.view(con, store, "core.account", releases.read(store).datasets["core.account"].parts, "")
    own = "SELECT records, outcome, sum(count)::INT FROM core.account WHERE source = 'wyscout' GROUP BY ALL"
    told = {records: (outcome, count) for records, outcome, count in con.execute(own).fetchall()}
    folder = feeds / "wyscout" / "wyscout-soccer-match-event-dataset"
    with zipfile.ZipFile(folder / "raw_data" / "matches.zip") as archive:
        matches = [match for name in archive.namelist() for match in json.loads(archive.read(name))]
    formations = [side["formation"] for match in matches for side in match["teamsData"].values()]
    counted = {
        "match": len(matches),
        "side": 2 * len(matches),
        "squad_player": sum(len(one["lineup"]) + len(one["bench"]) for one in formations),
        "substitution": sum(len(one["substitutions"]) for one in formations if one["substitutions"] != "null"),
        "event": sum(
            len(json.loads(path.read_bytes())["events"]) for path in (folder / "processed-v2").glob("files/*")
        ),
        "player": len(json.loads((folder / "raw_data" / "players.json").read_bytes())),
        "team": len(json.loads((folder / "raw_data" / "teams.json").read_bytes())),
        "competition": 7,
    }
    assert told == {records: ("used", count) for records, count in counted.items()}
