"""A source whose upstream fails keeps its last good landing in the release, and everybody is told how old that is."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldhouse import embedded, sources
from fieldhouse.errors import DataError, Exit
from fieldhouse.kit.faults import Status
from fieldhouse.lake import landings, open_store, releases, runs
from fieldhouse.lake.landings import Landed, Landing
from fieldhouse.stages import cut

FIRST, SECOND = "international_results", "other_results"
LATER = "1873-03-08,England,Scotland,4,2,Friendly,London,England,FALSE\n"
MATCHES = ("1872-11-30,Scotland,England,0,0,Friendly,Glasgow,Scotland,FALSE\n",)
DOWN = Status(503)
GONE = Status(404)


@pytest.mark.parametrize("how", [GONE, DOWN], ids=["gone", "down"])
def test_a_source_that_is_down_stays_as_it_landed_last_and_is_fresh_again_when_it_is_up(upstreams, how) -> None:
    upstreams.run()
    upstreams.age(FIRST, 9)
    upstreams.down(FIRST, how)
    upstreams.up(SECOND, *MATCHES, LATER)
    stale = upstreams.run()
    assert (list(stale.failed), stale.published, [age.source for age in stale.stale]) == ([FIRST], True, [FIRST])
    found = upstreams.input(FIRST)
    assert (found["landing"], found["stale"], found["limit_days"]) == (1, True, 2)
    assert 8.99 < found["age_days"] < 9.1
    assert not upstreams.input(SECOND)["stale"]
    assert releases.read(upstreams.store).stale == (FIRST,)

    upstreams.up(FIRST, *MATCHES, LATER)
    fresh = upstreams.run()
    assert (fresh.failed, fresh.stale, fresh.published) == ({}, [], True)
    assert upstreams.input(FIRST)["landing"] == landings.numbers(upstreams.store, FIRST)[-1]
    assert upstreams.input(FIRST)["age_days"] < 0.1
    assert releases.read(upstreams.store).stale == ()


def test_a_stale_source_is_a_warning_of_the_audit_and_stops_nothing(upstreams) -> None:
    upstreams.run()
    upstreams.age(FIRST, 3)
    upstreams.down(FIRST)
    before = releases.read(upstreams.store).audit["core"]["counts"]
    upstreams.up(SECOND, *MATCHES, LATER)
    upstreams.run()
    audit = releases.read(upstreams.store).audit["core"]
    (note,) = [note for note in audit["notes"] if note.get("rule") == "fresh"]
    assert (note["dataset"], note["severity"]) == (FIRST, "warning")
    assert note["doc"] == "Its landing 1 is 3.0 days old; from 2 days it is stale."
    assert audit["counts"]["warnings"] == before["warnings"] + 1
    assert audit["counts"]["checks"] > before["checks"]  # what changed is held against the release before, too


def test_a_refused_landing_is_no_landing(upstreams) -> None:
    upstreams.run()
    upstreams.declare(FIRST, rank=1, limits="max_file_bytes = 10\n")
    upstreams.up(SECOND, *MATCHES, LATER)
    outcome = upstreams.run()
    assert (list(outcome.failed), outcome.published) == ([FIRST], True)
    assert upstreams.input(FIRST)["landing"] == 1


def test_where_all_sources_fail_the_release_stays_what_it_is(upstreams) -> None:
    first = upstreams.run()
    for source in (FIRST, SECOND):
        upstreams.down(source)
        upstreams.age(source, 30)
    outcome = upstreams.run()
    assert (sorted(outcome.failed), outcome.release, outcome.published) == ([FIRST, SECOND], first.release, False)
    assert [age.source for age in outcome.stale] == [FIRST, SECOND]
    assert releases.numbers(upstreams.store) == [1]


def test_what_is_published_does_not_depend_on_how_old_its_sources_are(upstreams, tmp_path: Path) -> None:
    upstreams.run()
    content = releases.read(upstreams.store).content
    other = type(upstreams)(upstreams.home, open_store(str(tmp_path / "other")), upstreams.server)
    shutil.copytree(Path(upstreams.store.url) / "raw", tmp_path / "other" / "raw")
    shutil.copytree(Path(upstreams.store.url) / "landings", tmp_path / "other" / "landings")
    other.age(FIRST, 400)
    embedded.release(other.store, embedded.Outcome("other"))
    assert releases.read(other.store).stale == (FIRST,)
    assert releases.read(other.store).content == content


def test_a_source_may_declare_its_own_limit(upstreams) -> None:
    upstreams.declare(FIRST, rank=1, limits="max_age_days = 30\n")
    upstreams.declare(SECOND, rank=2, limits="max_age_days = 0\n")
    outcome = upstreams.run()
    assert sources.find(FIRST).max_age_days == 30
    assert [age.source for age in outcome.stale] in ([], [SECOND])  # by the second at which it landed
    for source in (FIRST, SECOND):
        upstreams.age(source, 29)
    embedded.release(upstreams.store, again := embedded.Outcome("again"))
    assert [age.source for age in again.stale] == [SECOND]


def test_the_command_line_says_so_in_a_line_with_what_to_do(upstreams, capsys: pytest.CaptureFixture[str]) -> None:
    from fieldhouse.cli.ending import end

    upstreams.run()
    upstreams.age(FIRST, 9)
    upstreams.down(FIRST)
    upstreams.up(SECOND, *MATCHES, LATER)
    lake = ("--lake", upstreams.store.url)
    capsys.readouterr()
    assert end(["run", *lake]) == Exit.UNAVAILABLE
    told = capsys.readouterr().out
    assert f"The source {FIRST} failed; the release keeps its landing 1, 9 days old." in told
    (line,) = [line for line in told.splitlines() if line.startswith("stale: ")]
    assert line.startswith(f"stale: {FIRST} landed 9 days ago; its limit is 2 days. `fieldhouse run {FIRST}`")

    assert end(["release", "ls", *lake]) == 0
    assert f"{FIRST} (stale), {SECOND}" in capsys.readouterr().out
    assert end(["release", "show", *lake]) == 0
    told = capsys.readouterr().out
    assert re.search(rf"{FIRST} .* 9 days, stale", told)
    assert f"{FIRST}: warning: Its landing 1 is 9.0 days old" in told
    assert end(["describe", "core.match", *lake]) == 0
    assert "9.0 days before the release; STALE, its limit is 2 days" in capsys.readouterr().out
    assert end(["source", "ls", "--json", *lake]) == 0
    listed = {s["name"]: s["stale"] for s in json.loads(capsys.readouterr().out)["sources"]}
    assert listed == {FIRST: True, SECOND: False}


def test_the_command_line_says_that_all_sources_failed(upstreams, capsys: pytest.CaptureFixture[str]) -> None:
    from fieldhouse.cli.ending import end

    upstreams.run()
    for source in (FIRST, SECOND):
        upstreams.down(source)
    capsys.readouterr()
    assert end(["run", "--lake", upstreams.store.url]) == Exit.UNAVAILABLE
    told = capsys.readouterr().out
    assert "Nothing new: release 1 holds all that has landed" in told
    assert "All sources failed" in told


def test_a_source_that_never_landed_is_said_to_be_left_out(upstreams, capsys: pytest.CaptureFixture[str]) -> None:
    from fieldhouse.cli.ending import end

    upstreams.down(SECOND)
    capsys.readouterr()
    assert end(["run", "--lake", upstreams.store.url]) == Exit.UNAVAILABLE
    assert (
        f"The source {SECOND} failed; it has never landed, and the release has nothing of it."
        in capsys.readouterr().out
    )
    assert list(releases.read(upstreams.store).inputs) == [FIRST]


@settings(max_examples=25)
@given(partial=st.lists(st.booleans(), max_size=8))
def test_a_release_is_made_from_the_newest_complete_landing_and_from_none_before_it(
    tmp_path_factory: pytest.TempPathFactory, partial: list[bool]
) -> None:
    store = open_store(str(tmp_path_factory.mktemp("lake")))
    for number, part in enumerate(partial, 1):
        file = Landed("results", f"{number}.csv", f"{number:064x}", 1)
        time = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)).isoformat()
        landings.record(store, Landing(FIRST, 0, f"r{number}", 1, time, (file,), (), part, None))
    complete = [number for number, part in enumerate(partial, 1) if not part]
    if not complete:
        with pytest.raises(DataError, match="nothing has landed"):
            cut.run(store, "run")
        return
    cut.run(store, "run")
    pinned = runs.read_inputs(store, "run").sources[FIRST]
    assert pinned.landing == complete[-1]
    assert pinned.time == landings.read(store, FIRST, complete[-1]).time


def test_a_source_that_landed_only_in_part_is_left_out_and_named(upstreams) -> None:
    upstreams.run()
    for number in landings.numbers(upstreams.store, SECOND):
        path = Path(upstreams.store.url) / landings.name(SECOND, number)
        path.write_text(path.read_text().replace('"partial": false', '"partial": true'))
    receipt = cut.run(upstreams.store, "later")
    assert list(runs.read_inputs(upstreams.store, "later").sources) == [FIRST]
    assert receipt.notes == ({"source": SECOND, "note": "has landed only in part and is left out"},)
