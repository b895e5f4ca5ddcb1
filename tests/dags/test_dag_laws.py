"""Laws of the DAGs: they load, quickly and without heavy libraries, and every task has what an operator on duty needs."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="needs Apache Airflow: `make test-airflow` has it")
pytestmark = pytest.mark.filterwarnings("ignore")  # Airflow's own; ours are looked at below

from fieldhouse import contracts, plan, sources  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DECLARED = sources.load_all()
IDS = {"fieldhouse.release", *(f"fieldhouse.source.{name}" for name in DECLARED)}


def tasks(bag) -> list:
    return [task for dag in bag[0].dags.values() for task in dag.tasks]


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
    assert {task.task_id for task in tasks(bag)} == {task.id for task in graph.tasks}


def test_every_task_has_owner_docs_retries_and_a_deadline(bag) -> None:
    for task in tasks(bag):
        assert task.owner not in ("", "airflow"), task.task_id
        assert task.doc_md, task.task_id
        assert task.retries == task.planned.retries, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout > timedelta(seconds=task.planned.deadline_s), task.task_id
        assert task.on_failure_callback, task.task_id


def test_the_kubelet_ends_a_pod_before_airflow_does(bag) -> None:
    for task in tasks(bag):
        spec = task.build_pod_request_obj().spec
        assert timedelta(seconds=spec.active_deadline_seconds) < task.execution_timeout


def test_every_container_has_requests_and_limits(bag) -> None:
    for task in tasks(bag):
        spec = task.build_pod_request_obj().spec
        for container in (*(spec.init_containers or []), *spec.containers):
            assert container.resources.requests.keys() == container.resources.limits.keys() == {"cpu", "memory"}


def test_every_dag_has_docs_tags_an_alert_and_one_run_at_a_time(bag) -> None:
    for dag in bag[0].dags.values():
        assert dag.doc_md
        assert "fieldhouse" in dag.tags
        assert dag.deadline
        assert dag.max_active_runs == 1
        assert dag.catchup is False


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


PROBE = """
import json, sys, time
import airflow.providers.cncf.kubernetes.operators.pod, airflow.sdk.definitions.timetables.assets
from airflow.sdk import DAG, Asset, AssetAll, AssetOrTimeSchedule, AsyncCallback, CronTriggerTimetable, DeadlineAlert
from airflow.sdk import DeadlineReference, RetryPolicy, TaskGroup
before = set(sys.modules)
import fieldhouse.pods.dags as dags
heavy = ["pandas", "polars", "pyarrow", "duckdb", "great_expectations", "obstore"]
new = set(sys.modules) - before
dags.build()
dags.sources.load_all.cache_clear()
dags.declared_contracts.load_all.cache_clear()
began = time.process_time()
made = dags.build()
print(json.dumps({"ms": 1000 * (time.process_time() - began), "dags": len(made),
                  "heavy": [n for n in heavy if n in sys.modules], "sqlalchemy": "sqlalchemy" in new}))
"""


def test_reading_the_dags_needs_no_heavy_library_and_at_most_10_ms_a_source() -> None:
    ran = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["heavy"] == []
    assert found["sqlalchemy"] is False
    # The tables' contracts are read with the release; they are no source's.
    assert found["ms"] <= 10 * found["dags"] + 50


@pytest.mark.parametrize("asked", sorted(IDS))
def test_a_worker_builds_the_asked_dag_only(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldhouse.pods.dags import build

    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", asked)
    from airflow.sdk import get_parsing_context

    assert list(build(only=get_parsing_context().dag_id)) == [asked]


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
