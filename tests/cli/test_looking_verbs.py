"""`trace`, `release`, `source`, `lake` and `doctor`: what a lake holds, and whether it is in order."""

import re
from pathlib import Path

import pytest


@pytest.fixture
def match(lake: Path, fieldhouse) -> str:
    query = "SELECT match_id FROM football.match_wide WHERE home_team = 'Chelsea' AND date = '2014-08-23'"
    return fieldhouse("sql", query, "--lake", lake, "--json").json["rows"][0]["match_id"]


def test_trace_prints_the_raw_record_of_a_row(lake, match, fieldhouse) -> None:
    told = fieldhouse("trace", "core.match", match, "--lake", lake).out
    assert "openfootball/league 2014-15/en.1.json, league_match" in told
    assert '"score1":2,"score2":0' in told


def test_trace_takes_the_values_of_a_key_one_by_one_or_joined(lake, match, fieldhouse) -> None:
    team = fieldhouse("load", "core.participation", "--where", f"match_id = '{match}'", "--lake", lake, "--json").json
    key = [match, team["rows"][0]["participant_id"]]
    one = fieldhouse("trace", "core.participation", *key, "--lake", lake, "--json")
    joined = fieldhouse("trace", "core.participation", "|".join(key), "--lake", lake, "--json")
    assert one.code == 0
    assert one.json == joined.json


def test_release_ls_and_show_tell_what_a_release_was_made_from(lake, fieldhouse) -> None:
    listed = fieldhouse("release", "ls", "--lake", lake, "--json").json["releases"]
    shown = fieldhouse("release", "show", 1, "--lake", lake, "--json").json
    assert [r["content"] for r in listed] == [shown["content"]]
    assert shown["inputs"]["openfootball"]["files"] == 8
    accounts = {(a["feed"], a["outcome"], a["records"]) for a in shown["accounts"]}
    assert accounts >= {("league", "used", 2814), ("batting", "used", 5344), ("salary", "used", 3700)}
    assert {outcome for _, outcome, _ in accounts} == {"used"}


def test_release_show_is_readable(lake, fieldhouse) -> None:
    told = fieldhouse("release", "show", "--lake", lake).out
    for title in ("Made from", "Records", "Audit", "Noticed", "Datasets"):
        assert re.search(rf"^{title}", told, re.MULTILINE), title
    assert "CC0-1.0" in told


def test_release_show_of_a_number_that_is_not_there_names_the_nearest(lake, fieldhouse) -> None:
    done = fieldhouse("release", "show", 9, "--lake", lake)
    assert done.code == 64
    assert "the nearest is 1" in done.err


def test_source_ls_tells_what_has_landed(lake, fieldhouse) -> None:
    found = {s["name"]: s for s in fieldhouse("source", "ls", "--lake", lake, "--json").json["sources"]}
    assert (found["openfootball"]["landing"], found["openfootball"]["files"]) == (1, 8)
    assert found["international_results"]["landing"] is None


def test_source_ls_works_without_a_lake(tmp_path: Path, fieldhouse) -> None:
    done = fieldhouse("source", "ls", "--lake", tmp_path / "none")
    assert done.code == 0
    assert "openfootball" in done.out
    assert "nothing has landed" in done.err


def test_a_whole_lake_is_whole(lake, fieldhouse) -> None:
    done = fieldhouse("lake", "verify", "--lake", lake)
    assert (done.code, done.out.splitlines()[-1]) == (0, "The lake is whole.")


def test_a_damaged_object_is_found_and_ends_with_74(own_lake: Path, fieldhouse) -> None:
    damaged = next(path for path in (own_lake / "raw").rglob("*") if path.is_file())
    damaged.write_bytes(damaged.read_bytes().replace(b"0", b"1", 1))
    done = fieldhouse("lake", "verify", "--lake", own_lake, "--json")
    assert done.code == 74
    assert [p["name"] for p in done.json["problems"]] == [damaged.relative_to(own_lake).as_posix()]


def test_gc_first_tells_then_deletes_the_same(own_lake: Path, fieldhouse) -> None:
    args = ("lake", "gc", "--grace-days", 0, "--lake", own_lake, "--json")
    planned = fieldhouse(*args, "--dry-run").json
    assert planned["dry_run"]
    done = fieldhouse(*args).json
    assert done["memo"] == planned["memo"]
    assert fieldhouse("lake", "verify", "--lake", own_lake).code == 0


def test_doctor_finds_this_machine_in_order(lake, fieldhouse) -> None:
    done = fieldhouse("doctor", "--lake", lake, "--json")
    states = {c["name"]: c["state"] for c in done.json["checks"]}
    assert (done.code, done.json["ok"]) == (0, True)
    assert {states[name] for name in ("python", "packages", "declarations", "lake", "scratch", "mirror")} == {"ok"}


def test_doctor_tells_where_each_setting_comes_from(lake, fieldhouse, monkeypatch) -> None:
    monkeypatch.setenv("FIELDHOUSE_MEMORY", "1GB")
    told = fieldhouse("doctor", "--lake", lake).out
    assert re.search(r"FIELDHOUSE_LAKE +\S+ \(--lake\)", told)
    assert re.search(r"FIELDHOUSE_MEMORY +1GB \(environment\)", told)
    assert re.search(r"FIELDHOUSE_THREADS +not set \(default\)", told)


def test_doctor_warns_where_there_is_no_lake_yet(tmp_path: Path, fieldhouse) -> None:
    done = fieldhouse("doctor", "--lake", tmp_path / "none")
    assert done.code == 0
    assert re.search(r"^warn +lake .*\n +→ ", done.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("FIELDHOUSE_HOME", "nowhere", "declarations"),
        ("FIELDHOUSE_MIRROR", "nowhere", "mirror"),
        ("FIELDHOUSE_THREADS", "many", "FIELDHOUSE_THREADS"),
        ("FIELDHOUSE_CONFIG", "nowhere.toml", "FIELDHOUSE_CONFIG"),
    ],
)
def test_doctor_ends_with_78_and_a_next_step(
    lake, fieldhouse, monkeypatch, variable: str, value: str, check: str
) -> None:
    monkeypatch.setenv(variable, value)
    done = fieldhouse("doctor", "--lake", lake, "--json")
    found = {c["name"]: c for c in done.json["checks"]}[check]
    assert (done.code, found["state"]) == (78, "fail")
    assert found["step"]
