"""After `release prune` and `lake gc`: kept releases are read and traced as before, and a run makes again what it needs."""

import json
import os
import threading
import time
from datetime import timedelta

import pytest

from fieldhouse import explain
from fieldhouse.errors import NotFound
from fieldhouse.lake import documents, gc, pruning, releases, tags
from fieldhouse.lake.gc import collect, plan_collect
from fieldhouse.lake.verify import verify

SOURCES = ("openfootball",)
EN_1 = "openfootball/football.json/2013-14/en.1.json"
COUNT = "SELECT count(*), sum(home_goals) FROM football.match_wide"
DAY = 86400.0


def with_more_goals(text: str, goals: int) -> str:
    season = json.loads(text)
    season["rounds"][0]["matches"][0]["score1"] += goals
    return json.dumps(season)


@pytest.fixture
def forgetful(mirror, new_lake):
    """A lake whose second of three releases is forgotten, and a mirror that has what that was made from."""
    lake = new_lake()
    first = mirror.get(EN_1)
    for goals in (0, 1, 2):
        mirror.put(EN_1, with_more_goals(first, goals))
        assert lake.run(mirror, SOURCES).published
    told = {number: lake.sql(COUNT, number) for number in (1, 2, 3)}
    content = lake.release(2).content
    tags.give(lake.store, "paper", 1)
    done = pruning.prune(lake.store, pruning.plan_prune(lake.store, keep=1, keep_days=0))
    assert done.forget == (2,)
    mirror.put(EN_1, with_more_goals(first, 1))
    return lake, mirror, told, content


def keeps_its_word(lake, told) -> None:
    assert verify(lake.store).clean
    for number in (1, 3):
        assert lake.sql(COUNT, number) == told[number]
        ((match,),) = lake.sql("SELECT match_id FROM football.match_wide ORDER BY date, match_id LIMIT 1", number)
        assert explain.trace(lake.store, "football.match_wide", match, number).records
    with pytest.raises(NotFound, match="no release 2"):
        releases.read(lake.store, 2)


def test_what_only_a_forgotten_release_had_goes_and_comes_again_when_it_is_needed(forgetful) -> None:
    lake, mirror, told, content = forgetful
    parts = set(lake.store.names("parts"))
    for day in (10, 20):
        collect(lake.store, plan_collect(lake.store, now=time.time() + day * DAY))
    gone = parts - set(lake.store.names("parts"))
    assert gone
    keeps_its_word(lake, told)
    assert lake.run(mirror, SOURCES).release == 4
    assert lake.release(4).content == content
    assert lake.sql(COUNT, 4) == told[2]
    keeps_its_word(lake, told)


def test_collecting_beside_a_run_that_needs_what_is_collected_harms_neither(forgetful) -> None:
    lake, mirror, told, content = forgetful
    collect(lake.store, plan_collect(lake.store, now=time.time() + 10 * DAY))  # what was remembered is forgotten
    for folder, _, files in os.walk(lake.folder):
        for name in files:
            os.utime(os.path.join(folder, name), (0, 0))
    everything = [name for folder in gc.CONTENT for name in lake.store.names(folder)]
    lake.store.hint(gc.MARKER, documents.dump({"since": dict.fromkeys(everything, 0.0)}))
    over = threading.Event()
    collected: list[str] = []

    def keep_collecting() -> None:
        while not over.is_set():
            collected.extend(collect(lake.store, plan_collect(lake.store, timedelta(hours=1))).content)

    beside = threading.Thread(target=keep_collecting)
    beside.start()
    try:
        outcome = lake.run(mirror, SOURCES)
    finally:
        over.set()
        beside.join()
    assert (outcome.failed, outcome.release) == ({}, 4)
    assert lake.release(4).content == content
    assert collected
    keeps_its_word(lake, told)
