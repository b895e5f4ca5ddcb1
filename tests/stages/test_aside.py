"""Refused attempts: what is kept of them, which can be landed after all, and by whom; races, damage and newer landings."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest

from fieldhouse import settings, sources
from fieldhouse.errors import DataError, StorageError, UsageError
from fieldhouse.extract.refusals import SealRefused
from fieldhouse.extract.request import write_request
from fieldhouse.extract.sealed import Seal, SealedFile, write_seal
from fieldhouse.lake import Store, aside, landings, objects, open_store
from fieldhouse.lake.verify import verify
from fieldhouse.stages import aside as stage
from fieldhouse.stages import attempt, extract, land, landing

DECLARATION = """
name = "leagues"
title = "Leagues"
homepage = "-"
licence = "CC0-1.0"
attribution = "-"
owner = "-"
schedule = "0 6 * * *"
rank = 1
[extractor]
language = "shell"
[limits]
{limits}
[feeds.season]
format = "json"
{feeds}
"""


@dataclass(frozen=True)
class Leagues:
    """A source whose attempts are sealed by hand."""

    home: Path
    store: Store

    def declare(self, limits: str = "max_vanished = 0.1", feeds: str = "") -> None:
        path = self.home / "containers" / "leagues" / "source.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DECLARATION.format(limits=limits, feeds=feeds), encoding="utf-8")
        sources.load_all.cache_clear()

    def seal(self, run: str, new: dict[str, str], gone: tuple[str, ...] = (), *, lie: bool = False) -> None:
        """An attempt with these new files and keys that are gone, ended with 0."""
        source = sources.find("leagues")
        made = attempt.begin(self.store, "leagues", run)
        write_request(made.inbox, source, run, made.number, known=extract._known(self.store, "leagues"), state=None)
        files = []
        for name, text in new.items():
            feed, key = name.split("/") if "/" in name else ("season", name)
            path = made.out / "files" / feed / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            sha256 = "0" * 64 if lie else objects.hash_file(path)
            files.append(SealedFile(feed, key, "new", path.stat().st_size, sha256))
        files += [SealedFile("season", key, "gone") for key in gone]
        write_seal(made.out, Seal(1, "leagues", run, made.number, tuple(files), state={"run": run}))
        made.write_exit(0)

    def land(self, run: str, new: dict[str, str], gone: tuple[str, ...] = (), *, lie: bool = False) -> None:
        self.seal(run, new, gone, lie=lie)
        land.run(self.store, "leagues", run)

    def refuse(self, run: str, new: dict[str, str], gone: tuple[str, ...] = (), *, lie: bool = False) -> aside.Refused:
        """An attempt that is refused."""
        with pytest.raises(SealRefused):
            self.land(run, new, gone, lie=lie)
        return next(refused for refused in aside.read_all(self.store) if refused.run == run)

    @property
    def keys(self) -> list[str]:
        """The keys of the newest snapshot."""
        last = max(landings.numbers(self.store, "leagues"), default=0)
        return sorted(key for _, key in landings.snapshot(self.store, "leagues", last))


@pytest.fixture
def leagues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leagues]:
    monkeypatch.setenv("FIELDHOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    (tmp_path / "home" / "datasets").mkdir(parents=True)
    made = Leagues(tmp_path / "home", open_store(str(tmp_path / "lake")))
    made.declare()
    assert settings.home() == made.home
    made.land("day-1", {"a": "1", "b": "2", "c": "3"})
    yield made
    sources.load_all.cache_clear()


def test_what_is_refused_is_kept_whole_with_every_reason(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    assert (refused.id, refused.base, refused.exit, refused.lies) == ("leagues/day-2-1", 1, 0, ())
    assert refused.over == (
        "2 of 3 known keys are gone, 66.7%; limits.max_vanished allows 10.0%, which is 0; the first is season/b",
    )
    assert {kept.path for kept in refused.files} == {
        *("in/known.ndjson", "in/request.json", "out/files/season/a", "out/manifest.json"),
    }
    assert refused.acceptable
    assert stage.state(leagues.store, refused) == stage.State("open")
    assert verify(leagues.store).clean


def test_an_accepted_attempt_lands_and_says_by_whom(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    landed, recorded = stage.accept(leagues.store, refused, "ann", "the league was dissolved")
    assert (landed.number, landed.partial, landed.state) == (2, False, {"run": "day-2"})
    assert leagues.keys == ["a"]
    assert (recorded.who, recorded.reason, recorded.over) == ("ann", "the league was dissolved", refused.over)
    assert recorded.report == aside.digest(leagues.store, refused)
    assert landings.read(leagues.store, "leagues", 2).accepted == "aside/leagues/day-2-1/accepted.json"
    assert stage.state(leagues.store, refused) == stage.State("landed", 2)
    assert verify(leagues.store).clean
    leagues.land("day-3", {"d": "4"})  # what is gone is known no more
    assert leagues.keys == ["a", "d"]


def test_accepting_again_changes_nothing_and_the_first_word_holds(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {}, gone=("b", "c"))
    first = stage.accept(leagues.store, refused, "ann", "dissolved")
    assert stage.accept(leagues.store, refused, "bob", "me too") == first
    assert stage.retry(leagues.store, refused) == first[0]
    assert landings.numbers(leagues.store, "leagues") == [1, 2]


def test_of_many_who_accept_at_once_one_is_recorded_and_it_lands_once(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    ready = Barrier(8)

    def accept(number: int) -> tuple[int, str]:
        ready.wait()
        landed, recorded = stage.accept(open_store(leagues.store.url), refused, f"p{number}", "right")
        return landed.number, recorded.who

    with ThreadPoolExecutor(8) as pool:
        ends = set(pool.map(accept, range(8)))
    assert len(ends) == 1
    assert landings.numbers(leagues.store, "leagues") == [1, 2]
    assert verify(leagues.store).clean


def test_an_acceptance_that_was_cut_short_is_finished_by_the_next(
    leagues: Leagues, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = leagues.refuse("day-2", {}, gone=("b", "c"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(landing, "land_after", killed)
        with pytest.raises(KeyboardInterrupt):
            stage.accept(leagues.store, refused, "ann", "dissolved")
    assert landings.numbers(leagues.store, "leagues") == [1]
    landed, recorded = stage.accept(leagues.store, refused, "bob", "later")
    assert (landed.number, recorded.who) == (2, "ann")


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("max_file_bytes = 3", "season/big has 6 bytes; limits.max_file_bytes is 3"),
        ("max_files = 1", "there are 2 files; limits.max_files is 1"),
        ("max_bytes = 3", "the files have 7 bytes; limits.max_bytes is 3"),
    ],
)
def test_every_limit_can_be_accepted(leagues: Leagues, limits: str, problem: str) -> None:
    leagues.declare(limits)
    refused = leagues.refuse("day-2", {"big": "999999", "d": "4"})
    assert problem in refused.over
    stage.accept(leagues.store, refused, "ann", "it has grown")
    assert leagues.keys == ["a", "b", "big", "c", "d"]


def test_a_seal_that_lies_can_never_be_accepted(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"), lie=True)
    assert (len(refused.lies), len(refused.over), refused.acceptable) == (1, 1, False)
    with pytest.raises(DataError, match=r"cannot be accepted: season/a has sha256") as caught:
        stage.accept(leagues.store, refused, "ann", "please")
    assert "untruths cannot" in caught.value.hint
    assert aside.accepted(leagues.store, refused) is None
    assert landings.numbers(leagues.store, "leagues") == [1]


def test_a_lie_under_a_limit_comes_out_when_it_is_accepted(leagues: Leagues) -> None:
    # What is over max_file_bytes was refused without being read.
    leagues.declare("max_file_bytes = 3")
    refused = leagues.refuse("day-2", {"big": "999999"}, lie=True)
    assert refused.lies == ()
    with pytest.raises(SealRefused, match="the seal says 0000"):
        stage.accept(leagues.store, refused, "ann", "it has grown")
    assert landings.numbers(leagues.store, "leagues") == [1]


def test_a_retry_lands_what_a_changed_limit_allows(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    with pytest.raises(SealRefused, match=r"66\.7%"):
        stage.retry(leagues.store, refused)
    leagues.declare("max_vanished = 0.7")
    assert stage.retry(leagues.store, refused).number == 2
    assert stage.retry(leagues.store, refused).number == 2
    assert landings.read(leagues.store, "leagues", 2).accepted is None


def test_a_retry_lands_what_a_changed_declaration_allows(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"table/t": "1"})
    assert refused.lies == ("there is no feed 'table'; leagues has season",)
    leagues.declare(feeds='[feeds.table]\nformat = "json"')
    assert stage.retry(leagues.store, refused).number == 2
    assert "t" in leagues.keys


@pytest.mark.parametrize("act", ["retry", "accept"])
def test_what_is_older_than_the_newest_landing_never_lands(leagues: Leagues, act: str) -> None:
    refused = leagues.refuse("day-2", {"a": "old"}, gone=("b", "c"))
    leagues.land("day-3", {"a": "new"})
    assert stage.state(leagues.store, refused) == stage.State("overtaken", 2)
    with pytest.raises(UsageError, match="was overtaken: the landing 2 of leagues is newer"):
        stage.retry(leagues.store, refused) if act == "retry" else stage.accept(leagues.store, refused, "ann", "x")
    assert aside.accepted(leagues.store, refused) is None
    assert leagues.keys == ["a", "b", "c"]


def test_what_is_overtaken_in_the_very_moment_does_not_land(leagues: Leagues, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = leagues.refuse("day-2", {"a": "old"}, gone=("b", "c"))
    leagues.seal("day-3", {"a": "new"})
    land_after = landing.land_after

    def late(*args: object) -> object:
        land.run(leagues.store, "leagues", "day-3")
        return land_after(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(landing, "land_after", late)
    with pytest.raises(UsageError, match="was overtaken"):
        stage.accept(leagues.store, refused, "ann", "dissolved")
    assert landings.numbers(leagues.store, "leagues") == [1, 2]
    assert leagues.keys == ["a", "b", "c"]


def test_what_is_not_kept_whole_cannot_land(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    leagues.store.delete([f"{refused.folder}/{refused.files[-1].sha256}"])
    assert stage.state(leagues.store, refused) == stage.State("cleared")
    for act in (lambda: stage.retry(leagues.store, refused), lambda: stage.accept(leagues.store, refused, "ann", "x")):
        with pytest.raises(UsageError, match="not all of its files are kept"):
            act()


def test_a_damaged_file_is_not_landed(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    kept = next(kept for kept in refused.files if kept.path.endswith("season/a"))
    (Path(leagues.store.url) / refused.folder / kept.sha256).write_text("12")
    with pytest.raises(StorageError, match="is damaged"):
        stage.accept(leagues.store, refused, "ann", "dissolved")
    assert landings.numbers(leagues.store, "leagues") == [1]


@pytest.mark.parametrize(("who", "reason"), [("", "right"), ("ann", " ")])
def test_who_accepts_says_who_and_why(leagues: Leagues, who: str, reason: str) -> None:
    refused = leagues.refuse("day-2", {}, gone=("b", "c"))
    with pytest.raises(UsageError, match="who accepts it, and for what reason"):
        stage.accept(leagues.store, refused, who, reason)


def test_the_first_report_of_an_attempt_holds(leagues: Leagues) -> None:
    refused = leagues.refuse("day-2", {"a": "11"}, gone=("b", "c"))
    (made,) = attempt.made(leagues.store, "leagues", "day-2")
    landing.set_aside(leagues.store, sources.find("leagues"), made, "again", over=("again",))
    assert aside.read_all(leagues.store) == [refused]


def test_a_lying_seal_is_kept_as_far_as_it_fits(leagues: Leagues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "KEPT_ASIDE", 1000)
    refused = leagues.refuse("day-2", {"a": "1" * 5000}, lie=True)
    assert "out/files/season/a" not in {kept.path for kept in refused.files}
    assert not refused.whole


def test_reports_of_the_first_version_can_be_looked_at(leagues: Leagues) -> None:
    old = b'{"format": 1, "source": "leagues", "run": "r", "attempt": 3, "why": "it lied", "files": []}'
    leagues.store.hint("aside/leagues/r-3/report.json", old)
    (refused,) = aside.read_all(leagues.store, "leagues")
    assert (refused.id, refused.lies, refused.acceptable) == ("leagues/r-3", ("it lied",), False)


def test_what_upstream_gave_instead_of_data_is_kept_for_a_look(
    leagues: Leagues, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leagues.home / "containers" / "leagues" / "source.toml"
    say = 'echo \'{"level": "error", "msg": "a page for a table"}\'; echo "<html>" > "$2/page"; exit 65'
    program = path.with_name("extract.sh")
    program.write_text(f"#!/bin/sh\n{say}\n")
    program.chmod(0o755)
    text = path.read_text().replace('language = "shell"', 'language = "shell"\ncommand = ["extract.sh"]')
    path.write_text(text)
    sources.load_all.cache_clear()
    with pytest.raises(DataError, match="a page for a table"):
        extract.run(leagues.store, "leagues", "day-2")
    (refused,) = aside.read_all(leagues.store)
    assert (refused.exit, refused.acceptable, "a page for a table" in refused.lies[0]) == (65, False, True)
    page = next(kept for kept in refused.files if kept.path == "out/page")
    assert leagues.store.get(f"{refused.folder}/{page.sha256}") == b"<html>\n"
