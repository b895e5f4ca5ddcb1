"""What a run builds when little or nothing has changed, and what it does without a source that fails."""

import json

from fieldhouse.errors import UnavailableError
from fieldhouse.lake import landings
from fieldhouse.stages.conform import merge

EN_1 = "openfootball/football.json/2013-14/en.1.json"
GOALS = "international_results/international_results/goalscorers.csv"
RESULTS = "international_results/international_results/results.csv"
REMEMBERED = ("normalize.", "conform", "denormalize.")


def _receipts(outcome) -> dict:
    return {receipt.task: receipt for receipt in outcome.receipts}


def test_the_same_again_makes_nothing_new(mirror, new_lake):
    lake = new_lake()
    assert lake.run(mirror).published
    before = lake.entries("raw", "parts", "memo", "releases")
    again = lake.run(mirror)
    assert (again.release, again.published) == (1, False)
    assert lake.entries("raw", "parts", "memo", "releases") == before
    built = [r.task for r in again.receipts if r.task.startswith(REMEMBERED) and not r.remembered]
    assert built == []


def test_of_one_changed_file_only_what_depends_on_it_is_built(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    first, before = lake.release(), lake.entries("raw", "parts")
    changed = json.loads(mirror.get(EN_1))
    match = changed["rounds"][0]["matches"][0]
    match["score1"] += 1
    mirror.put(EN_1, json.dumps(changed))
    done = _receipts(lake.run(mirror))

    assert done["land.openfootball"].counts["changed"] == 1
    assert done["normalize.openfootball"].counts["buckets built"] == 1
    assert done["normalize.international_results"].remembered
    new = set(lake.entries("raw", "parts")) - set(before)
    assert len([name for name in new if name.startswith("raw/")]) == 1
    assert {name.split("/")[2] for name in new if name.startswith("parts/openfootball/")} <= {
        "core.match",  # its score is what matches are linked by
        "core.participation",
        "core.account",
        *_with_place(),
    }
    changed_tables = {n for n, table in lake.release().datasets.items() if table.parts != first.datasets[n].parts}
    assert {"core.participation", "football.match_wide", "football.standing"} <= changed_tables
    assert not changed_tables & {"football.goal", "football.scorer", "core.person", "core.team", "core.crosswalk"}


def _with_place() -> set[str]:
    """Rows of normalized parts name the object that they come from, so all of a changed file's parts are new."""
    return {"core.competition", "core.phase", "core.season", "core.team"}


def test_of_one_changed_file_only_the_datasets_it_feeds_are_merged_anew(mirror, new_lake, monkeypatch):
    lake = new_lake()
    lake.run(mirror)
    merged, really = [], merge.merge
    monkeypatch.setattr(merge, "merge", lambda con, contract: (merged.append(contract.name), really(con, contract)))
    changed = json.loads(mirror.get(EN_1))
    changed["rounds"][0]["matches"][0]["score1"] += 1
    mirror.put(EN_1, json.dumps(changed))
    lake.run(mirror)
    fed = {"core.competition", "core.match", "core.participation", "core.phase", "core.season", "core.team"}
    assert {"core.match", "core.participation"} <= set(merged) <= fed


def test_what_is_merged_bit_by_bit_is_what_is_merged_at_once(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    # One change makes sources disagree and names a match that nobody describes; the next is about something else.
    results = mirror.get(RESULTS)
    mirror.put(RESULTS, results.replace("2018-06-14,Russia,Saudi Arabia,5,0", "2018-06-14,Russia,Saudi Arabia,5,1"))
    mirror.put(GOALS, mirror.get(GOALS).rstrip("\n") + "\n2018-06-14,Russia,Brazil,Russia,Nobody,10,FALSE,FALSE\n")
    lake.run(mirror)
    changed = json.loads(mirror.get(EN_1))
    changed["rounds"][0]["matches"][0]["score1"] += 1
    mirror.put(EN_1, json.dumps(changed))
    lake.run(mirror)

    at_once = new_lake()
    at_once.run(mirror)
    assert lake.release().datasets["core.disagreement"].rows
    assert lake.release().datasets["core.unlinked"].rows
    assert lake.release().content == at_once.release().content


def test_what_was_changed_back_is_remembered(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    first = mirror.get(RESULTS)
    mirror.put(RESULTS, first.replace("2018-06-01,Russia,Turkey,1,1", "2018-06-01,Russia,Turkey,1,2"))
    lake.run(mirror)
    assert lake.release().content != lake.release(1).content
    mirror.put(RESULTS, first)
    done = _receipts(lake.run(mirror))
    assert lake.release(3).content == lake.release(1).content
    assert all(receipt.remembered for task, receipt in done.items() if task.startswith(REMEMBERED))


def test_a_source_that_fails_stays_in_the_release_as_it_landed_last(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    (mirror.folder / RESULTS).unlink()
    changed = json.loads(mirror.get(EN_1))
    changed["rounds"][0]["matches"][0]["score1"] += 1
    mirror.put(EN_1, json.dumps(changed))
    outcome = lake.run(mirror)

    assert list(outcome.failed) == ["international_results"]
    assert isinstance(outcome.failed["international_results"], UnavailableError)
    assert outcome.published
    assert lake.release().inputs["international_results"]["landing"] == 1
    assert lake.release().inputs["openfootball"]["landing"] == 2
    assert lake.sql(
        "SELECT count(*) FROM football.match_wide WHERE list_contains(sources, 'international_results')"
    ) == [(3,)]


def test_a_source_that_never_landed_is_left_out_and_comes_in_later(mirror, new_lake):
    lake = new_lake()
    results = mirror.get(RESULTS)
    (mirror.folder / RESULTS).unlink()
    outcome = lake.run(mirror)
    assert list(outcome.failed) == ["international_results"]
    assert list(lake.release().inputs) == ["openfootball"]
    assert landings.numbers(lake.store, "international_results") == []
    mirror.put(RESULTS, results)
    assert not lake.run(mirror).failed
    both = lake.sql("SELECT sources FROM football.match_wide WHERE competition = 'worldcup' ORDER BY date")
    assert both == [(["international_results", "openfootball"],)] * 2


def test_one_file_of_three_may_not_vanish(mirror, new_lake):
    lake = new_lake()
    lake.run(mirror)
    (mirror.folder / "openfootball/worldcup.json/2018/worldcup.json").unlink()
    outcome = lake.run(mirror)
    assert list(outcome.failed) == ["openfootball"]
    assert "2018/worldcup.json" in str(outcome.failed["openfootball"])
    assert (outcome.release, outcome.published) == (1, False)
