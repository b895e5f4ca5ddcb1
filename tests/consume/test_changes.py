"""fh.changes: exactly the keys that differ, column by column, with the reason; and nothing else is read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fieldhouse as fh
from fieldhouse.consume.changes import compare
from fieldhouse.consume.opened import open_release
from fieldhouse.lake import landings, open_store, parts, releases
from fieldhouse.lake.landings import Landed, Landing
from fieldhouse.lake.releases import Release

Rows = list[dict[str, object]]
TEAMS: Rows = [{"team_id": f"t{n}", "name": f"Team {n}", "sport": "football"} for n in range(3)]


@pytest.fixture
def two(tmp_path: Path, publish_rows: Callable[..., str]) -> Callable[..., str]:
    """Makes a lake with two releases of these rows per dataset."""

    def made(before: Mapping[str, Rows], after: Mapping[str, Rows]) -> str:
        folder = tmp_path / f"lake-{len(list(tmp_path.glob('lake-*')))}"
        return publish_rows(folder, before, after)

    return made


def told(lake: str, dataset: str, *key: str) -> list[tuple]:
    found = fh.changes(dataset, since=1, engine="arrow", lake=lake).to_pylist()
    return [(*(row[c] for c in key), row["change"], row["column"], row["before"], row["after"]) for row in found]


def test_a_row_that_differs_is_told_with_each_column(two) -> None:
    after = [TEAMS[0], {**TEAMS[1], "name": "Renamed", "country": "England"}, {**TEAMS[2], "team_id": "t9"}]
    lake = two({"core.team": TEAMS}, {"core.team": after})
    assert told(lake, "core.team", "team_id") == [
        ("t1", "changed", "country", None, "England"),
        ("t1", "changed", "name", "Team 1", "Renamed"),
        ("t2", "removed", None, None, None),
        ("t9", "added", None, None, None),
    ]


def test_equal_datasets_are_left_out_and_not_opened(two, read_parts) -> None:
    wide = [{"match_id": "m1", "date": "2010-01-01"}]
    lake = two({"core.team": TEAMS, "football.match_wide": wide}, {"core.team": TEAMS[:1], "football.match_wide": wide})
    read_parts.clear()
    (found,) = compare(open_release(1, lake), open_release(2, lake))
    assert (found.dataset, found.added, found.removed, found.changed) == ("core.team", 0, 2, 0)
    assert {name.split("/")[1] for name in read_parts} == {"core.team"}


def test_of_a_dataset_only_the_parts_that_differ_are_read(two, read_parts) -> None:
    def matches(goals: int) -> Rows:
        dates = ["1985-05-01", "1995-05-01", "2005-05-01"]
        return [{"match_id": d, "date": d, "home_goals": goals if d.startswith("1995") else 1} for d in dates]

    lake = two({"football.match_wide": matches(1)}, {"football.match_wide": matches(2)})
    read_parts.clear()
    assert told(lake, "football.match_wide", "match_id") == [("1995-05-01", "changed", "home_goals", "1", "2")]
    assert len(read_parts) == 2


names = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.text("xy", max_size=1), st.none() | st.just("z")))


@settings(max_examples=40)
@given(before=names, after=names)
def test_the_keys_are_those_that_plain_python_finds(before, after, tmp_path_factory, publish_rows) -> None:
    def rows(given: Mapping[str, tuple[str, str | None]]) -> Rows:
        return [{"team_id": k, "name": name, "country": country} for k, (name, country) in given.items()]

    lake = publish_rows(
        tmp_path_factory.mktemp("two") / "lake", {"core.team": rows(before)}, {"core.team": rows(after)}
    )
    found = {(row[0], row[1]) for row in told(lake, "core.team", "team_id")}
    assert found == {
        *((k, "added") for k in after.keys() - before.keys()),
        *((k, "removed") for k in before.keys() - after.keys()),
        *((k, "changed") for k in before.keys() & after.keys() if before[k] != after[k]),
    }


def test_engines_give_the_same(two) -> None:
    lake = two({"core.team": TEAMS}, {"core.team": TEAMS[:2]})
    frame, table = fh.changes("core.team", 1, lake=lake), fh.changes("core.team", 1, engine="arrow", lake=lake)
    assert list(frame.columns) == table.column_names == ["team_id", "change", "reason", "column", "before", "after"]
    assert frame["team_id"].tolist() == table["team_id"].to_pylist() == ["t2"]


@pytest.mark.parametrize(("since", "release"), [(2, 2), (2, 1)])
def test_since_is_an_earlier_release(two, since: int, release: int) -> None:
    lake = two({"core.team": TEAMS}, {"core.team": TEAMS[:2]})
    with pytest.raises(fh.UsageError, match="an earlier one is expected"):
        fh.changes("core.team", since, release, lake=lake)


def test_what_cannot_be_compared_says_why(two) -> None:
    lake = two({"core.team": TEAMS}, {"core.team": TEAMS, "core.venue": [{"venue_id": "v", "name": "Ground"}]})
    with pytest.raises(fh.UsageError, match=r"core\.venue cannot be compared with release 1: it is new"):
        fh.changes("core.venue", since=1, lake=lake)
    (new,) = compare(open_release(1, lake), open_release(2, lake))
    assert (new.dataset, new.added, new.note) == ("core.venue", 1, "new")
    with pytest.raises(fh.NotFound, match=r"has no dataset 'core\.teem'; the nearest is 'core\.team'"):
        fh.changes("core.teem", since=1, lake=lake)


def test_another_grain_makes_other_rows(two, tmp_path: Path) -> None:
    lake = two({"core.team": TEAMS}, {"core.team": TEAMS[:2]})
    path = Path(lake) / "releases" / "00000001.json"
    doc = json.loads(path.read_text(encoding="utf-8"))
    doc["datasets"]["core.team"]["grain"] = ["name"]
    path.write_text(json.dumps(doc), encoding="utf-8")
    with pytest.raises(fh.UsageError, match="the grain was name, is team_id"):
        fh.changes("core.team", since=1, lake=lake)


# Why: by the raw files that a row came from.

OLD, NEW = "0" * 64, "1" * 64


def _land(lake: str, files: Mapping[str, str]) -> int:
    changed = tuple(Landed("matches", key, sha256, 1) for key, sha256 in files.items())
    landing = Landing("openfootball", 0, "r", 1, "2026-01-01T00:00:00+00:00", changed, (), partial=False, state=None)
    return landings.record(open_store(lake), landing).number


def _explained(lake: str, number: int, landing: int, objects: Mapping[str, str]) -> None:
    """Say of a published release which landing it is made from, and which raw object each team comes from."""
    import pyarrow as pa

    store = open_store(lake)
    release: Release = releases.read(store, number)
    origin = parts.write(
        store, "core.team.origin", pa.table({"team_id": list(objects), "object": list(objects.values())})
    )
    pinned = {"openfootball": {"landing": landing}}
    path = Path(lake) / releases.name(number)
    path.unlink()
    assert releases.create(store, replace(release, inputs=pinned, origins={"core.team.origin": (origin,)}))


@pytest.mark.parametrize(
    ("before", "after", "object_after", "reason"),
    [
        ({"name": "A"}, {"name": "B"}, NEW, "upstream correction"),
        ({"name": "A", "country": "X"}, {"name": "A"}, NEW, "upstream correction"),
        ({"name": "A"}, {"name": "A", "country": "X"}, NEW, "late data"),
        ({"name": "A"}, {"name": "B"}, OLD, "code"),
        ({"name": "A"}, {"name": "A", "country": "X"}, OLD, "code"),
        (None, {"name": "A"}, NEW, "late data"),
        (None, {"name": "A"}, OLD, "code"),
        ({"name": "A"}, None, NEW, "upstream correction"),
        ({"name": "A"}, None, OLD, "code"),
    ],
)
def test_why_is_told_by_the_raw_files(two, before, after, object_after: str, reason: str) -> None:
    said = [[{"team_id": "t", **row}] if row else [] for row in (before, after)]
    other: Rows = [{"team_id": "other", "name": "Other"}]
    lake = two({"core.team": said[0] + other}, {"core.team": said[1] + other})
    first = _land(lake, {"a.json": OLD})
    second = _land(lake, {"a.json": object_after}) if object_after != OLD else first
    _explained(lake, 1, first, {"t": OLD} if before else {"other": OLD})
    _explained(lake, 2, second, {"t": object_after} if after else {"other": object_after})
    assert set(fh.changes("core.team", since=1, engine="arrow", lake=lake)["reason"].to_pylist()) == {reason}
