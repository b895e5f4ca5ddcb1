"""What nobody looks after any more is found by its age, and deleted only when that is asked for."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("kubernetes", reason="needs the Kubernetes client: `make test-airflow` has it")

from fieldhouse.errors import UsageError
from fieldhouse.pods import sweep
from fieldhouse.pods.cluster import Cluster

#: Twelve hours after the pods of the fake API server were made: 05:00:00, 05:00:01, ….
NOW = datetime(2026, 8, 1, 17, 0, 1, tzinfo=UTC)
LABELS = {"app.kubernetes.io/managed-by": "airflow"}


@pytest.fixture
def cluster(kube) -> Cluster:
    from kubernetes import client, config

    api = client.CoreV1Api(config.new_client_from_config(str(kube.config)))
    return Cluster(lambda: api, "fieldhouse", patience_s=2)


@pytest.fixture
def three(kube) -> list[str]:
    """Two pods of tasks, one of them just old enough, and one of somebody else."""
    for name, labels in (("old", LABELS), ("young", LABELS), ("other", {})):
        kube.make({"metadata": {"name": name, "labels": dict(labels)}, "spec": {"containers": [{"name": "main"}]}})
    return ["old", "young", "other"]


def names(kube) -> list[str]:
    return [pod.doc["metadata"]["name"] for pod in kube.there]


def test_a_dry_run_tells_and_leaves_everything(cluster: Cluster, kube, three: list[str]) -> None:
    told: list[str] = []
    found = sweep.sweep(cluster, timedelta(hours=12), dry_run=True, tell=told.append, now=NOW)
    assert [orphan.name for orphan in found] == ["old"]
    assert told == ["would delete old  Pending  12h00m old"]
    assert names(kube) == three


def test_only_what_is_old_and_ours_is_deleted(cluster: Cluster, kube, three: list[str]) -> None:
    sweep.sweep(cluster, timedelta(hours=12), dry_run=False, tell=lambda _: None, now=NOW)
    assert names(kube) == ["young", "other"]
    assert sweep.orphans(cluster, timedelta(hours=12), NOW) == []


def test_another_pod_that_has_taken_the_name_is_left_alone(cluster: Cluster, kube, three: list[str]) -> None:
    [orphan] = sweep.orphans(cluster, timedelta(hours=12), NOW)
    kube.find("old").leave()
    kube.make({"metadata": {"name": "old", "labels": dict(LABELS)}, "spec": {"containers": [{"name": "main"}]}})
    cluster.delete(orphan.name, orphan.uid)
    assert "old" in names(kube)


def test_what_is_leaving_already_is_no_orphan(cluster: Cluster, kube, three: list[str]) -> None:
    kube.find("old").start().delete()
    assert sweep.orphans(cluster, timedelta(hours=12), NOW) == []


@pytest.mark.parametrize("text", ["", "12", "0h", "-1h", "1.5h", "1w", "12 h"])
def test_an_age_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--older-than"):
        sweep.duration(text)


def test_the_command_uses_what_kubeconfig_names(kube, three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kube.config))
    command = [sys.executable, "-m", "fieldhouse.pods.sweep", "--older-than", "1m"]
    first = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False)
    assert (first.returncode, first.stdout.splitlines()[-1]) == (0, "2 orphans in fieldhouse"), first.stderr
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, names(kube)) == (0, ["other"])
    wrong = subprocess.run([*command, "--older-than", "soon"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 64
