"""Sources in other languages run end to end on the cluster, each by an image of its own: fetched, landed, normalized."""

from collections.abc import Callable
from pathlib import Path

import pytest
from deployment import ENVIRONMENT, Airflow, Kube, Run, first, until

from fieldhouse import sources
from fieldhouse.lake import landings, open_store
from fieldhouse.pods.identity import run_id

pytestmark = pytest.mark.cluster
#: By source: what runs its extractor, and what its reader, if it has one in an image of its own.
OPERATORS = {
    "cricsheet": {"extract": "RustPodOperator"},
    "lahman": {"extract": "PythonPodOperator"},
    "f1db": {"extract": "ShellPodOperator"},
    "retrosheet": {"extract": "PythonPodOperator", "read": "RustPodOperator"},
}
WITHOUT_SAMPLE = ("lahman",)
FEEDS = ENVIRONMENT.get("FIELDHOUSE_TEST_FEEDS")


@pytest.fixture(scope="module", params=OPERATORS)
def run(request: pytest.FixtureRequest, airflow: Airflow) -> Run:
    """The first run of a source, ended well."""
    if request.param in WITHOUT_SAMPLE and not FEEDS:
        pytest.skip(f"{request.param} has no sample: FIELDHOUSE_TEST_FEEDS names no real feeds")
    found = first(airflow, f"fieldhouse.source.{request.param}")
    assert found.ended() == "success"
    return found


def test_a_source_lands_and_is_normalized_by_the_operator_of_its_language(
    run: Run, airflow: Airflow, kube: Kube, lake: Callable[[], Path]
) -> None:
    source = run.dag.rpartition(".")[2]
    tasks = run.tasks()
    own = {(id_.partition(".")[0], task["operator_name"]) for id_, task in tasks.items()}
    assert {(stage, name) for stage, name in own if stage in ("extract", "read")} == set(OPERATORS[source].items())
    buckets = max(feed.buckets for feed in sources.find(source).feeds.values())
    assert sum(task.startswith("normalize.") for task in tasks) == (buckets + 1 if buckets > 1 else 1)
    assert {task: run.tries(task) for task in tasks} == {task: ["success"] for task in tasks}
    [event] = airflow("GET", f"/assets/events?source_dag_id={run.dag}")["asset_events"]
    assert event["extra"]["rows"] > 0

    until(lambda: not kube.pods(f"fieldhouse/run={run_id(run.dag, run.id)}"), 30, "no pod of the run is left")
    for task in tasks:
        assert run.pod_said(task)

    store = open_store(str(lake()))
    assert landings.numbers(store, source) == [1]
    assert landings.read(store, source, 1).changed
