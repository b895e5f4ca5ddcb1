"""What a deployment's settings change in the DAGs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="needs Apache Airflow: `make test-airflow` has it")

DAGS = """
from fieldhouse.pods.dags import build
print(sorted({task.retry_delay.total_seconds() for dag in build().values() for task in dag.tasks}))
"""


@pytest.mark.parametrize(("given", "seconds"), [("", "[30.0]"), ("2", "[2.0]")])
def test_how_long_a_task_waits_before_it_is_tried_again(given: str, seconds: str, tmp_path: Path) -> None:
    environment = {**os.environ, "FIELDHOUSE_PODS_RETRY_S": given, "AIRFLOW_HOME": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", DAGS], capture_output=True, text=True, check=False, env=environment)
    assert found.stdout.splitlines()[-1:] == [seconds], found.stderr


WAREHOUSE = """
import json
from fieldhouse import contracts, plan, sources
from fieldhouse.pods.dags import build
dag = build(only="fieldhouse.release")["fieldhouse.release"]
found = plan.graph(list(sources.load_all().values()), contracts.load_all(), warehouse=True).release
edges = {(up, task.task_id) for task in dag.tasks for up in task.upstream_task_ids}
assert edges == {(needed, task.id) for task in found for needed in task.needs}
print(json.dumps([set(dag.task_ids) == {task.id for task in found}, "warehouse" in dag.task_ids]))
"""


@pytest.mark.parametrize(("given", "said"), [("", "[false, false]"), ("warehouse", "[true, true]")])
def test_releases_are_loaded_where_a_warehouse_is_configured(given: str, said: str, tmp_path: Path) -> None:
    """With the Secret's name the DAG has the tasks and edges of the plan with a warehouse, without it no such task."""
    code = WAREHOUSE if given else WAREHOUSE.replace("assert ", "assert not ")
    environment = {**os.environ, "FIELDHOUSE_PODS_WAREHOUSE_SECRET": given, "AIRFLOW_HOME": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert found.stdout.splitlines()[-1:] == [said], found.stderr


CLEARED = """
import json
from datetime import timedelta
from airflow.serialization.decoders import decode_deadline_alert
from airflow.serialization.encoders import encode_deadline_alert
from fieldhouse.pods.dags import build
for dag in build().values():
    for alert in dag.deadline:
        stored = json.loads(json.dumps(encode_deadline_alert(alert)))
        # What Airflow computes when a task is cleared, and when a run is queued.
        assert timedelta(seconds=stored["interval"]) == decode_deadline_alert(stored).interval > timedelta(minutes=10)
        print(dag.dag_id)
"""


def test_a_task_of_a_dag_with_a_deadline_can_be_cleared(tmp_path: Path) -> None:
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    command = [sys.executable, "-c", CLEARED]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert {"fieldhouse.release", "fieldhouse.backfill"} < set(found.stdout.split()), found.stderr[-2000:]
