"""Laws of the DAGs: they load, quickly and without heavy libraries, and every task has what an operator on duty needs."""

import json
import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("airflow", reason="needs Apache Airflow: `make test-airflow` has it")
pytestmark = pytest.mark.filterwarnings("ignore")  # Airflow's own; ours are looked at below

from airflow.sdk import DAG  # noqa: E402

from fieldhouse import contracts, plan, sources  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DECLARED = sources.load_all()
IDS = {"fieldhouse.release", "fieldhouse.backfill", *(f"fieldhouse.source.{name}" for name in DECLARED)}
#: Libraries that no DAG file may load: each takes longer than all DAGs together.
HEAVY = ["pandas", "polars", "pyarrow", "duckdb", "great_expectations", "obstore"]


def tasks(bag) -> list:
    return [task for dag in bag[0].dags.values() for task in dag.tasks]


def scheduled(bag) -> dict:
    """The DAGs that run by themselves."""
    return {name: dag for name, dag in bag[0].dags.items() if name != "fieldhouse.backfill"}


def pods_of(bag) -> list:
    """Each task that is a pod, and that pod; an interval's as of a run of a source that can be backfilled."""
    return [(task, task.build_pod_request_obj(context(task))) for task in tasks(bag) if task.task_id != "intervals"]


def context(task) -> dict | None:
    if not hasattr(task, "interval"):
        return None
    task.interval = "2026-06-01T00:00:00Z/2026-07-01T00:00:00Z"
    ti = SimpleNamespace(dag_id=task.dag_id, task_id=task.task_id, map_index=0, try_number=1, run_id="r")
    return {"ti": ti, "run_id": "r", "params": {"source": "openfootball"}, "dag": SimpleNamespace(is_subdag=False)}


def edges(dag) -> set[tuple[str, str]]:
    return {(up, task.task_id) for task in dag.tasks for up in task.upstream_task_ids}


def planned(found) -> set[tuple[str, str]]:
    return {(needed, task.id) for task in found for needed in task.needs}


def test_all_dags_load(bag) -> None:
    assert bag[0].import_errors == {}
    assert set(bag[0].dags) == IDS


def test_the_release_has_the_tasks_and_edges_of_the_plan(bag) -> None:
    dag = bag[0].dags["fieldhouse.release"]
    found = plan.graph(list(DECLARED.values()), contracts.load_all()).release
    assert set(dag.task_ids) == {task.id for task in found}
    assert edges(dag) == planned(found)


@pytest.mark.parametrize("name", DECLARED)
def test_a_source_has_the_tasks_and_edges_of_the_plan(bag, name: str) -> None:
    dag = bag[0].dags[f"fieldhouse.source.{name}"]
    graph = plan.graph(list(DECLARED.values()), contracts.load_all())
    found = (*graph.sources[name], *graph.ahead[name])
    assert set(dag.task_ids) == {task.id for task in found}
    assert edges(dag) == planned(found)


def test_dags_and_the_embedded_runner_have_the_same_tasks(bag) -> None:
    graph = plan.graph(list(DECLARED.values()), contracts.load_all())
    assert {task.task_id for dag in scheduled(bag).values() for task in dag.tasks} == {task.id for task in graph.tasks}
    ahead = {task.id for tasks in graph.ahead.values() for task in tasks}
    embedded = {task.id for task in (*(t for ts in graph.sources.values() for t in ts), *graph.release)}
    # Only buckets are done ahead by a task of their own; embedded, the task of the whole source does them.
    assert {task.id for task in graph.tasks} - embedded == {id_ for id_ in ahead if id_.count(".") == 2}


def test_every_task_has_owner_docs_retries_and_a_deadline(bag) -> None:
    for task in tasks(bag):
        assert task.owner not in ("", "airflow"), task.task_id
        assert task.doc_md, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout, task.task_id
        assert task.on_failure_callback, task.task_id
    for task, _ in pods_of(bag):
        assert task.retries == task.planned.retries, task.task_id
        assert task.execution_timeout > timedelta(seconds=task.planned.deadline_s), task.task_id
    # A publication is not tried again: what it was built on is no longer the newest.
    assert {task.task_id for task in tasks(bag) if not task.retries} == {"publish"}


def test_the_kubelet_ends_a_pod_before_airflow_does(bag) -> None:
    for task, pod in pods_of(bag):
        assert timedelta(seconds=pod.spec.active_deadline_seconds) < task.execution_timeout


def test_every_container_has_requests_and_limits(bag) -> None:
    for _, pod in pods_of(bag):
        for container in (*(pod.spec.init_containers or []), *pod.spec.containers):
            assert container.resources.requests.keys() == container.resources.limits.keys() == {"cpu", "memory"}


def test_every_dag_has_docs_tags_an_alert_and_one_run_at_a_time(bag) -> None:
    for dag in bag[0].dags.values():
        assert dag.doc_md
        assert dag.description
        assert "fieldhouse" in dag.tags
        assert dag.max_active_runs == 1
        assert dag.max_active_tasks == 4
        assert dag.catchup is False
        assert dag.deadline, dag.dag_id


def test_tasks_of_one_stage_are_a_group_with_its_meaning(bag) -> None:
    for dag in scheduled(bag).values():
        stages = [task.planned.stage for task in dag.tasks]
        several = {stage for stage in stages if stages.count(stage) > 1}
        groups = {name: group for name, group in dag.task_group_dict.items() if name}
        assert groups.keys() == several
        assert all(group.tooltip for group in groups.values())
        for name, group in groups.items():
            assert {task.task_id for task in dag.tasks if task.planned.stage == name} == set(group.children)


def test_a_sources_last_task_is_its_asset_and_the_release_waits_for_all_of_them(bag) -> None:
    made = set()
    for name in DECLARED:
        outlets = {task.task_id: task.outlets for task in bag[0].dags[f"fieldhouse.source.{name}"].tasks}
        [asset] = outlets.pop(f"normalize.{name}")
        assert not any(outlets.values())
        made.add(asset.uri)
    schedule = bag[0].dags["fieldhouse.release"].timetable
    assert {asset.uri for asset in schedule.asset_condition.objects} == made
    assert not any(task.outlets for task in bag[0].dags["fieldhouse.release"].tasks)


def test_dags_can_be_stored(bag) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag[0].dags.values():
        stored = json.dumps(DagSerialization.to_dict(dag))
        assert DagSerialization.from_dict(json.loads(stored)).dag_id == dag.dag_id


def test_reading_the_dags_gives_no_warning_of_our_code(bag) -> None:
    ours = [str(w.message) for w in bag[1] if str(ROOT) in w.filename]
    assert ours == []


STRICT = """
import sys, warnings
import airflow.providers.cncf.kubernetes.operators.pod
warnings.simplefilter("error")
exec(compile(sys.argv[1], "dag_file.py", "exec"), {"__name__": "dag_file"})
"""


@pytest.mark.parametrize(
    ("more", "warned"),
    [("", ""), ("from airflow.decorators import task\n", "DeprecatedImportWarning")],
    ids=["ours", "old"],
)
def test_nothing_that_our_code_imports_or_calls_is_deprecated(more: str, warned: str) -> None:
    source = more + (ROOT / "dags" / "fieldhouse.py").read_text()
    ran = subprocess.run([sys.executable, "-c", STRICT, source], capture_output=True, text=True, check=False)
    assert (ran.returncode != 0) is bool(warned), ran.stderr
    assert warned in ran.stderr


PROBE = """
import builtins, json, sys
import airflow.providers.cncf.kubernetes.operators.pod, airflow.sdk.definitions.timetables.assets
from airflow.sdk import DAG, Asset, AssetAll, AssetOrTimeSchedule, AsyncCallback, CronTriggerTimetable, DeadlineAlert
from airflow.sdk import DeadlineReference, RetryPolicy, TaskGroup
from pathlib import Path
before, stock, asked = set(sys.modules), builtins.__import__, set()
def noted(name, globals=None, locals=None, fromlist=(), level=0):
    if (globals or {}).get("__name__", "").partition(".")[0] in ("fieldhouse", "dag_file"):
        asked.add(name.partition(".")[0])
    return stock(name, globals, locals, fromlist, level)
builtins.__import__ = noted
source = Path(sys.argv[1]).read_text()
exec(compile(source, sys.argv[1], "exec"), {"__name__": "dag_file"})
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({"asked": sorted(asked), "new": sorted(new)}))
"""


def test_a_dag_file_loads_no_heavy_library_and_asks_for_none_that_airflow_has_loaded() -> None:
    file = str(ROOT / "dags" / "fieldhouse.py")
    ran = subprocess.run([sys.executable, "-c", PROBE, file], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout.splitlines()[-1])
    heavy = {*HEAVY, "sqlalchemy"}
    assert {"airflow", "fieldhouse"} <= set(found["asked"])  # the probe sees
    assert not heavy & set(found["asked"])
    assert not heavy & set(found["new"])


def test_reading_a_source_takes_at_most_10_ms() -> None:
    """Counted in calls of Python functions, which no other load of a machine changes; `parsing.py` prints milliseconds."""
    found = json.loads(_parsing("--json"))
    assert set(found["sources"]) == set(DECLARED)
    assert max(source["calls"] for source in found["sources"].values()) <= 25_000
    assert found["release"]["opened"] == len(DECLARED) + len(contracts.load_all())  # each declaration once
    assert all(source["opened"] == 1 for source in found["sources"].values())
    assert found["imported"] == []


def _parsing(*options: str) -> str:
    script = str(Path(__file__).with_name("parsing.py"))
    ran = subprocess.run([sys.executable, script, *options], capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()[-1]


@pytest.mark.parametrize("asked", sorted(IDS))
def test_a_worker_builds_the_asked_dag_only(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldhouse.pods.dags import build

    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", asked)
    from airflow.sdk import get_parsing_context

    assert list(build(only=get_parsing_context().dag_id)) == [asked]
    made = runpy.run_path(str(ROOT / "dags" / "fieldhouse.py"))
    assert [name for name, value in made.items() if isinstance(value, DAG)] == [asked]


def test_another_extractor_is_another_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldhouse.pods import dags
    from fieldhouse.pods.operators import ElixirPodOperator

    pods = PodSettings(extractors={"international_results": ("elixir", "localhost/results:dev")}, pool="polite")
    dag = dags.source_dag(DECLARED["international_results"], pods)
    extract = dag.get_task("extract.international_results")
    assert type(extract) is ElixirPodOperator
    assert extract.pool == "polite"
    assert dag.get_task("land.international_results").pool == "default_pool"


def test_a_failure_and_a_late_run_are_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio
    from types import SimpleNamespace

    from fieldhouse.pods import alerts

    told: list[str] = []
    monkeypatch.setattr(alerts, "whom", told.append, raising=False)
    monkeypatch.setenv("FIELDHOUSE_PODS_ALERT", "fieldhouse.pods.alerts.whom")
    ti = SimpleNamespace(dag_id="d", task_id="t")
    alerts.failed({"ti": ti, "run_id": "r", "exception": ValueError("reason=OOMKilled\nmore")})
    asyncio.run(alerts.late(dag="d", minutes=90, context={}))
    assert told == [
        "failed: d/t in the run r: reason=OOMKilled",
        "late: a run of d has not ended 90 minutes after it was queued",
    ]


def test_an_alert_that_cannot_be_called_fails_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fieldhouse.pods import alerts

    monkeypatch.setenv("FIELDHOUSE_PODS_ALERT", "nowhere.at_all")
    alerts.tell("late: a run")
    assert "could not be called" in caplog.text
