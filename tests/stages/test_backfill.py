"""A backfill asks for an interval, lands what it gets, and leaves the extractor's state alone."""

import json
from pathlib import Path

import pytest

from fieldhouse import interval, sources
from fieldhouse.errors import UsageError
from fieldhouse.extract.mirror import Mirror
from fieldhouse.lake import landings, open_store
from fieldhouse.lake.landings import Landing
from fieldhouse.lake.store import Store
from fieldhouse.stages import extract, land

SOURCE = "openfootball"
YEAR = interval.between("2015-01-01", "2016-01-01")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("FIELDHOUSE_SCRATCH", str(tmp_path / "scratch"))
    return open_store(str(tmp_path / "lake"))


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Upstream, with one file of each of three seasons and a World Cup."""
    for name in ("football.json/2010-11/en.1", "football.json/2015-16/en.1", "football.json/2018/br.1",
                 "worldcup.json/2014/worldcup"):  # fmt: skip
        path = tmp_path / "mirror" / SOURCE / f"{name}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"name": name, "matches": []}))
    return tmp_path / "mirror"


def landed(store: Store, run: str, mirror: Path, asked: interval.Interval | None) -> Landing:
    with Mirror(mirror) as served:
        extract.run(store, SOURCE, run, interval=asked, mirror=served.url)
    return landings.read(store, SOURCE, land.run(store, SOURCE, run).counts["landing"])


def before(store: Store, *, partial: bool = False) -> None:
    time = "2026-01-01T00:00:00+00:00"
    landings.record(store, Landing(SOURCE, 0, "before", 1, time, (), (), partial=partial, state={"seen": 7}))


def test_only_what_is_dated_within_lands_and_state_stays(store: Store, mirror: Path) -> None:
    before(store)
    found = landed(store, "back", mirror, YEAR)
    assert [file.key for file in found.changed] == ["2015-16/en.1.json"]
    assert (found.state, found.partial) == ({"seen": 7}, False)


def test_the_daily_run_asks_for_everything_and_moves_state_on(store: Store, mirror: Path) -> None:
    before(store)
    found = landed(store, "daily", mirror, None)
    assert len(found.changed) == 4
    assert found.state is None  # the generic extractor's


def test_what_lies_outside_stays_as_it_was(store: Store, mirror: Path) -> None:
    landed(store, "daily", mirror, None)
    (mirror / SOURCE / "football.json/2015-16/en.1.json").write_text('{"name": "changed", "matches": []}')
    (mirror / SOURCE / "football.json/2018/br.1.json").write_text('{"name": "changed, too", "matches": []}')
    found = landed(store, "back", mirror, YEAR)
    assert [file.key for file in found.changed] == ["2015-16/en.1.json"]
    assert len(landings.snapshot(store, SOURCE, found.number)) == 4


def test_a_backfill_makes_nothing_whole_that_was_partial(store: Store, mirror: Path) -> None:
    before(store, partial=True)
    assert landed(store, "back", mirror, YEAR).partial


def test_a_request_for_a_pod_has_the_interval_and_no_state(store: Store) -> None:
    before(store)
    folder = extract.prepare(store, SOURCE, "r", 1, inbox=Path("/in"), interval=YEAR)
    request = json.loads((folder / "in" / "request.json").read_text())
    assert request["interval"] == {"start": "2015-01-01T00:00:00Z", "end": "2016-01-01T00:00:00Z"}
    assert request["state"] is None
    assert set(request["feeds"]) == set(sources.find(SOURCE).feeds)


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: extract.run(store, "international_results", "r", interval=YEAR),
        lambda store: extract.prepare(store, "international_results", "r", 1, inbox=Path("/in"), interval=YEAR),
    ],
    ids=["extract", "request"],
)
def test_a_source_that_cannot_be_backfilled_is_named_before_anything_is_made(store: Store, ask) -> None:
    with pytest.raises(UsageError, match="international_results cannot be backfilled: the keys of none") as raised:
        ask(store)
    assert "`fieldhouse extract international_results` without an interval" in raised.value.hint
    assert store.names("landings/international_results") == []


def test_the_verbs_take_an_interval(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from fieldhouse.cli.ending import end

    args = ["request", SOURCE, "--run", "r", "--attempt", "1", "--inbox", "/in", "--lake", store.url, "--json"]
    assert end([*args, "--from", "2015-01-01", "--to", "2016-01-01"]) == 0
    folder = Path(json.loads(capsys.readouterr().out)["folder"])
    assert json.loads((folder / "in" / "request.json").read_text())["interval"]["end"] == "2016-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--from", "2015-01-01"], "--from and --to go together"),
        (["--to", "2015-01-01"], "--from and --to go together"),
        (["--from", "2015-01-01", "--to", "2014-01-01"], "in order"),
        (["--from", "soon", "--to", "2014-01-01"], "'soon' is no time"),
    ],
)
def test_half_an_interval_is_a_usage_error(store: Store, given: list[str], said: str, capsys) -> None:
    from fieldhouse.cli.ending import end

    assert end(["extract", SOURCE, "--lake", store.url, *given]) == 64
    assert said in capsys.readouterr().err
