"""Plans say beforehand what a run then does, and why; traces lead from any row to its raw records."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from fieldhouse import embedded, sources
from fieldhouse.embedded import Outcome
from fieldhouse.errors import NotFound, UsageError
from fieldhouse.explain import Step, plan_run, tell_plan, tell_trace, trace
from fieldhouse.lake import Store, duck, landings, memo, objects, open_store, releases
from fieldhouse.lake.gc import collect, plan_collect
from fieldhouse.lake.landings import Landed, Landing
from fieldhouse.lake.verify import verify
from fieldhouse.stages import cut
from fieldhouse.stages.normalize import units


def match(round_: str, date: str, home: str, away: str, ft: list[int] | None, **more: object) -> dict[str, object]:
    score = {"score": {"ft": ft, **more.pop("score", {})}} if ft else {}  # type: ignore[dict-item]
    return {"round": round_, "date": date, "team1": home, "team2": away, **score, **more}


LEAGUE = {
    "name": "English Premier League 2015/16",
    "matches": [
        match("Matchday 1", "2015-08-08", "Leicester City", "Sunderland AFC", [4, 2]),
        match("Matchday 1", "2015-08-08", "Chelsea FC", "Swansea City", [2, 2]),
        match("Matchday 2", "2015-08-15", "Sunderland AFC", "Chelsea FC", [1, 3]),
        match("Matchday 2", "2015-08-15", "Swansea City", "Leicester City", [0, 1]),
        match("Matchday 3", "2015-08-22", "Leicester City", "Chelsea FC", [2, 1], score={"p": [3, 3]}),
        match("Matchday 3", "2015-08-22", "Swansea City", "Sunderland AFC", None),
    ],
}
OTHER_LEAGUE = {
    "name": "Deutsche Bundesliga 2015/16",
    "matches": [match("1. Spieltag", "2015-08-14", "Bayern München", "Hamburger SV", [5, 0])],
}
CUP = {
    "name": "World Cup 2018",
    "matches": [
        match(
            "Matchday 2",
            "2018-06-15",
            "Uruguay",
            "Egypt",
            [1, 0],
            group="Group A",
            goals1=[{"name": "José Giménez", "minute": 89}],
            goals2=[],
        )
    ],
}
RESULTS = """date,home_team,away_team,home_score,away_score,tournament,city,country,neutral
2018-06-01,France,Italy,3,1,Friendly,Nice,France,FALSE
2018-06-15,Egypt,Uruguay,0,1,FIFA World Cup,"Ekaterin
burg",Russia,TRUE
2018-06-21,France,Peru,1,0,FIFA World Cup,Ekaterinburg,Russia,TRUE
"""
GOALS = """date,home_team,away_team,team,scorer,minute,own_goal,penalty
2018-06-15,Egypt,Uruguay,Uruguay,José Giménez,89,FALSE,FALSE
"""
OPENFOOTBALL = {
    "league/2015-16/en.1.json": json.dumps(LEAGUE),
    "league/2015-16/de.1.json": json.dumps(OTHER_LEAGUE),
    "worldcup/2018/worldcup.json": json.dumps(CUP),
}
INTERNATIONAL = {
    "results/results.csv": RESULTS,
    "goalscorers/goalscorers.csv": GOALS,
    "shootouts/shootouts.csv": "date,home_team,away_team,winner,first_shooter\n",
    "former_names/former_names.csv": "current,former,start_date,end_date\n",
}


def land(store: Store, source: str, files: Mapping[str, str], gone: tuple[str, ...] = ()) -> None:
    changed = []
    for name, content in files.items():
        data = content.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        store.put(objects.name(sha256), data)
        feed, key = name.split("/", 1)
        changed.append(Landed(feed, key, sha256, len(data), f"http://upstream.example/{key}"))
    lost = tuple(tuple(name.split("/", 1)) for name in gone)
    time = "2026-01-01T00:00:00+00:00"
    landings.record(store, Landing(source, 0, "r", 1, time, tuple(changed), lost, partial=False, state=None))  # type: ignore[arg-type]


def release(store: Store, run: str) -> Outcome:
    outcome = Outcome(run)
    embedded.release(store, outcome)
    return outcome


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one release of two leagues, a cup, and what another source says of the cup."""
    folder = tmp_path_factory.mktemp("explain") / "lake"
    store = open_store(str(folder))
    land(store, "openfootball", OPENFOOTBALL)
    land(store, "international_results", INTERNATIONAL)
    assert release(store, "first").published
    return folder


@pytest.fixture
def store(published: Path, tmp_path: Path) -> Store:
    """That lake, to change."""
    shutil.copytree(published, tmp_path / "lake")
    return open_store(str(tmp_path / "lake"))


@pytest.fixture(autouse=True)
def _two_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other source is declared: one that has never landed would have to be built, too."""
    known = {name: sources.find(name) for name in ("openfootball", "international_results")}
    monkeypatch.setattr(sources, "load_all", lambda _home=None: known)


def built(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.task, step.unit) for step in steps if step.action == "build"]


def files(store: Store) -> dict[str, float]:
    return {str(p): p.stat().st_mtime_ns for p in Path(store.url).rglob("*")}


def test_with_nothing_new_everything_is_remembered(store: Store) -> None:
    before = files(store)
    steps = plan_run(store)
    assert built(steps) == []
    assert steps[-1] == Step("publish", "remembered", "nothing new", "release 1 has this very content")
    assert files(store) == before
    outcome = release(store, "second")
    assert not outcome.published
    assert all(r.remembered for r in outcome.receipts if r.task != "cut")


def test_collecting_leaves_what_the_next_run_remembers(store: Store) -> None:
    memo.remember(store, "ab" * 32, memo.Result(()))
    for _ in range(2):
        done = collect(store, plan_collect(store, timedelta(0), now=time.time() + 1))
    assert done.waiting == {}
    assert memo.find(store, "ab" * 32) is None
    assert built(plan_run(store)) == []
    assert verify(store).clean


def test_one_changed_file_is_named_and_only_what_depends_on_it_is_built(store: Store) -> None:
    changed = OPENFOOTBALL["league/2015-16/en.1.json"].replace("[4, 2]", "[4, 3]")
    land(store, "openfootball", {"league/2015-16/en.1.json": changed})
    before = files(store)
    steps = plan_run(store)
    assert files(store) == before
    units_built = [step for step in steps if step.action == "build" and step.task.startswith("normalize.")]
    assert [(s.task, s.why, s.detail) for s in units_built] == [
        ("normalize.openfootball", "1 file changed since release 1", "changed: 2015-16/en.1.json")
    ]
    told = tell_plan(steps)
    assert "league bucket" in units_built[0].unit
    assert "football.match_wide: because core.competition, core.match, core.participation" in told
    assert "unless its content is that of release 1" in told

    outcome = release(store, "second")
    counts = {r.task: r.counts.get("buckets built") for r in outcome.receipts if r.task.startswith("normalize.")}
    assert counts == {"normalize.openfootball": 1, "normalize.international_results": 0}
    assert outcome.published


def test_what_is_planned_to_be_built_is_built(store: Store) -> None:
    land(store, "international_results", {"results/results.csv": RESULTS.replace("3,1", "3,0")})
    planned = {step.task for step in plan_run(store) if step.action == "build"}
    done = {r.task for r in release(store, "second").receipts if not r.remembered and r.task != "cut"}
    # All links are made anew, so that all that reads them may change; what comes out as it was is remembered after all.
    # All but football is as it was.
    assert {task.split(".")[0] for task in planned - done} == {"denormalize", "audit"}
    assert not {task.split(".")[1] for task in planned - done} & {"core", "football"}
    assert done < planned


def test_new_and_lost_files_are_named(store: Store) -> None:
    land(store, "openfootball", {"worldcup/2022/worldcup.json": json.dumps({**CUP, "name": "World Cup 2022"})})
    land(store, "openfootball", {}, gone=("worldcup/2018/worldcup.json",))
    (step,) = [s for s in plan_run(store, ["openfootball"]) if s.action == "build" and s.task.startswith("normalize.")]
    assert (step.unit, step.why) == ("worldcup", "1 file new, 1 file gone since release 1")
    assert step.detail == "new: 2022/worldcup.json; gone: 2018/worldcup.json"


def test_a_bucket_that_is_empty_now_is_told_by_what_needs_it(store: Store) -> None:
    land(store, "openfootball", {}, gone=("worldcup/2018/worldcup.json",))
    steps = plan_run(store)
    assert not [s for s in steps if s.action == "build" and s.task.startswith("normalize.")]
    conform = next(s for s in steps if s.task == "conform")
    assert conform.why == "other files than in release 1, though every bucket is remembered"
    assert conform.detail == "openfootball: gone: 2018/worldcup.json"


def test_a_result_that_was_forgotten_is_told_apart(store: Store) -> None:
    parts = next(r for r in store.names("memo") if (found := memo.read(store, Path(r).stem)) and _normalized(found))
    store.delete([parts])
    (step,) = [s for s in plan_run(store) if s.action == "build" and s.task.startswith("normalize.")]
    assert step.why == "the remembered result is gone"


def _normalized(found: memo.Result) -> bool:
    return any(part.dataset.startswith("openfootball/") for part in found.outputs)


def test_other_code_is_told_apart_from_other_declarations(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "REVISION", 4711)
    monkeypatch.setattr(cut, "code_digest", lambda: releases.read(store).code)
    step = plan_run(store)[0]
    assert step.action == "build"
    assert step.why == "nothing is remembered, although the declarations are those of release 1"
    assert "duckdb" in step.detail
    monkeypatch.setattr(cut, "code_digest", lambda: "another")
    assert plan_run(store)[0].why == "a declaration changed since release 1"


def test_before_anything_has_landed(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "empty"))
    steps = plan_run(store)
    assert {step.action for step in steps} == {"build"}
    assert steps[0].why == "nothing of it has landed yet"
    assert steps[-1].why == "release 1 would follow"


def test_before_the_first_release(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "new"))
    land(store, "international_results", INTERNATIONAL)
    steps = plan_run(store)
    assert ("normalize.international_results", "nothing is published yet") in {(s.task, s.why) for s in steps}
    assert ("normalize.openfootball", "nothing of it has landed yet") in {(s.task, s.why) for s in steps}


def test_a_source_that_nobody_declares(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no source 'openfotball'"):
        plan_run(store, ["openfotball"])


def query(store: Store, dataset: str, where: str, columns: str = "*") -> tuple[object, ...]:
    con = duck.connect()
    parts = releases.read(store).datasets[dataset].parts
    rows = con.execute(f"SELECT {columns} FROM read_parquet({duck.files(store, parts)}) WHERE {where}").fetchall()
    con.close()
    assert len(rows) == 1
    return rows[0]


def test_a_match_of_two_sources_leads_to_both_records_and_their_disagreement(store: Store) -> None:
    (key,) = query(store, "core.match", "date = '2018-06-15'", "match_id")
    found = trace(store, "core.match", [key])
    assert found.row["match_id"] == key
    assert [(r.source, r.feed, r.key, r.record, r.landing) for r in found.records] == [
        ("international_results", "results", "results.csv", "result 1", 1),
        ("openfootball", "worldcup", "2018/worldcup.json", "cup_match 0", 1),
    ]
    line, record = (r.raw or "" for r in found.records)
    assert line == '2018-06-15,Egypt,Uruguay,0,1,FIFA World Cup,"Ekaterin\nburg",Russia,TRUE'
    assert json.loads(record) == CUP["matches"][0]
    assert found.records[0].url == "http://upstream.example/results.csv"

    sides = trace(store, "football.match_wide", key)
    assert {d["column"] for d in sides.disagreements} == {"side"}
    assert "side is home by openfootball; international_results says away" in tell_trace(sides)


def test_an_object_is_found_by_the_landing_that_brought_it(store: Store) -> None:
    land(store, "openfootball", {"league/2015-16/en.1.json": json.dumps({**LEAGUE, "name": "another title"})})
    land(
        store,
        "openfootball",
        {"league/2016-17/en.1.json": json.dumps({**LEAGUE, "name": "English Premier League 2016/17", "matches": []})},
    )
    release(store, "second")
    (key,) = query(store, "football.match_wide", "home_team LIKE 'Leicester%' AND date = '2015-08-08'", "match_id")
    assert [r.landing for r in trace(store, "football.match_wide", key).records] == [2]
    assert [r.landing for r in trace(store, "football.match_wide", key, release=1).records] == [1]


def test_a_table_row_leads_to_the_matches_of_its_team_up_to_its_date(store: Store) -> None:
    where = "team LIKE 'Leicester%' AND date = '2015-08-15'"
    key = query(store, "football.standing", where, "competition, season, date, team_id")
    found = trace(store, "football.standing", key)
    assert [r.record for r in found.records] == ["league_match 0", "league_match 3"]
    assert {json.loads(r.raw or "")["date"] for r in found.records} == {"2015-08-08", "2015-08-15"}
    assert found.row["played"] == 2


def test_a_scorer_leads_to_the_goals(store: Store) -> None:
    key = query(store, "football.scorer", "competition = 'worldcup'", "competition, season, scorer_key")
    found = trace(store, "football.scorer", "|".join(map(str, key)))
    assert ("international_results", "goal 0") in {(r.source, r.record) for r in found.records}
    assert ("openfootball", "cup_goal 0") in {(r.source, r.record) for r in found.records}


def test_a_repair_stands_with_the_record_that_it_mended(store: Store) -> None:
    (key,) = query(store, "core.match", "date = '2015-08-22' AND status = 'played'", "match_id")
    (record,) = trace(store, "core.match", {"match_id": key}).records
    (repair,) = record.corrections
    assert (repair["rule"], repair["was"], repair["becomes"]) == ("impossible shoot-out", "[3, 3]", None)
    assert "corrected: score.p: [3, 3] → None" in tell_trace(trace(store, "core.match", key))


def test_every_normalized_row_with_an_origin_can_be_traced(store: Store) -> None:
    found = releases.read(store)
    con = duck.connect()
    for name, parts in found.origins.items():
        table = found.datasets[name.removesuffix(".origin")]
        grain = ", ".join(table.grain)
        rows = con.execute(
            f"SELECT {grain} FROM read_parquet({duck.files(store, table.parts)}) ORDER BY ALL"
        ).fetchall()
        assert parts
        traced = trace(store, table.name, rows[0])
        assert traced.records
        assert all(r.raw for r in traced.records)
        json.dumps(traced.doc(), default=str)


def test_a_row_that_is_not_there_names_the_nearest(store: Store) -> None:
    (key,) = query(store, "core.match", "date = '2018-06-15'", "match_id")
    with pytest.raises(NotFound, match=f"core.match has no row {key}x") as caught:
        trace(store, "core.match", f"{key}x")
    assert str(key) in caught.value.hint
    with pytest.raises(NotFound) as caught:
        trace(store, "football.standing", ("en.1", "2015-16", "2015-08-16", "team"))
    assert "en.1|2015-16|2015-08-" in caught.value.hint


@pytest.mark.parametrize("key", [(), ("a", "b"), {"match": "a"}, {"match_id": "a", "more": "b"}])
def test_a_key_has_the_columns_of_the_grain(store: Store, key: object) -> None:
    with pytest.raises(UsageError, match="a value is needed for each of match_id"):
        trace(store, "core.match", key)  # type: ignore[arg-type]


def test_a_dataset_that_is_not_there_names_the_nearest(store: Store) -> None:
    with pytest.raises(NotFound, match=r"no dataset 'core\.matches'; the nearest is core\.match"):
        trace(store, "core.matches", "x")


def test_rows_that_conform_makes_have_no_records_of_their_own(store: Store) -> None:
    key = query(store, "core.name", "kind = 'team' AND name = 'Peru'", "kind, entity_id, source, name")
    with pytest.raises(UsageError, match=r"core\.name: its rows have no raw records of their own"):
        trace(store, "core.name", key)


def test_explaining_imports_nothing_heavy() -> None:
    heavy = "{'duckdb', 'pyarrow', 'pandas', 'great_expectations', 'obstore'}"
    program = f"import sys, fieldhouse.explain; sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=env, check=True)
