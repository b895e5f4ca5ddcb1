"""The whole way on a real cluster: two sources, one of them in Elixir, a release, and every line of every log."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
import pytest
import yaml
from chromium import Chromium
from deployment import ENVIRONMENT, NAMESPACE, ROOT, Airflow, Kube, Run, command, first, until

from fieldhouse import embedded
from fieldhouse.lake import open_store, releases, runs
from fieldhouse.pods.identity import run_id

pytestmark = pytest.mark.cluster
RELEASE = "fieldhouse.release"
PICTURES = Path(ENVIRONMENT.get("FIELDHOUSE_TEST_PICTURES") or ROOT / "build" / "cluster")


def test_the_source_in_elixir_lands(elixir: Run) -> None:
    log = elixir.log("extract.international_results")
    assert any("ElixirPodOperator" in str(line.get("logger")) for line in log)
    assert any("sealed" in line for line in elixir.pod_said("extract.international_results"))
    assert {task: elixir.tries(task) for task in elixir.tasks()} == {task: ["success"] for task in elixir.tasks()}
    assert len(elixir.tasks()) >= 3


def test_every_task_has_its_complete_log_after_its_pods_are_gone(elixir: Run, kube: Kube) -> None:
    until(lambda: not kube.pods(f"fieldhouse/run={run_id(elixir.dag, elixir.id)}"), 30, "no pod of the run is left")
    for task in elixir.tasks():
        assert elixir.pod_said(task)


def test_airflows_page_shows_the_log_of_the_elixir_task(elixir: Run, airflow: Airflow, tmp_path: Path) -> None:
    if not chromium.found():
        pytest.skip("needs Chromium: apt-get install chromium")
    airflow.forward()
    with Chromium(tmp_path) as page:
        page.open(f"{airflow.url}/auth/login?next={airflow.url}/")
        page.type("input[name=username]", "admin")
        page.type("input[name=password]", airflow.password())
        page.enter()
        page.until("document.cookie.includes('_token') || !location.pathname.startsWith('/auth/login')")
        page.open(f"{airflow.url}/dags/{elixir.dag}/runs/{elixir.id}/tasks/extract.international_results")
        page.until("document.body && document.body.innerText.includes('sealed:')", 180)
        page.picture(PICTURES / "log-of-the-elixir-task.png")
        assert "end of log:" in page.text()


def test_nobody_enters_without_the_password(airflow: Airflow) -> None:
    for user, word in (("admin", "admin"), ("admin", ""), ("viewer", "viewer")):
        assert airflow.status("/auth/token", {"username": user, "password": word}) in (400, 401, 422)
    assert airflow.status("/api/v2/dags") == 401


@pytest.mark.usefixtures("no_pod_left", "elixir", "openfootball")
def test_a_release_survives_its_scheduler_and_has_the_content_of_any_other_machine(
    airflow: Airflow, kube: Kube, lake: Callable[[], Path]
) -> None:
    """The scheduler is killed in the middle of the run: each task is done once all the same."""
    run = first(airflow, RELEASE)
    until(lambda: kube.pods("fieldhouse/stage=normalize"), 300, "a pod that normalizes")
    kube("delete", "pod", "--selector=app.kubernetes.io/component=scheduler", "--grace-period=0", "--force")
    assert run.ended(900) == "success"
    assert {task: run.tries(task) for task in run.tasks()} == {task: ["success"] for task in run.tasks()}
    for task in run.tasks():
        assert run.pod_said(task)

    there = lake()
    store, ours = open_store(str(there)), run_id(RELEASE, run.id)
    assert {task: len(runs.receipts(store, ours, task)) for task in run.tasks()} == dict.fromkeys(run.tasks(), 1)
    landed = {folder.name for folder in (there / "landings").iterdir()}
    assert set(releases.read(store, None).inputs) == landed >= {"international_results", "openfootball"}
    assert releases.read(store, None).content == from_the_same_landings(there, there.with_name("here")).content


def from_the_same_landings(lake: Path, here: Path) -> releases.Release:
    """The release that the embedded runner makes from what has landed in `lake`."""
    here.mkdir()
    for folder in ("raw", "landings"):
        (lake / folder).rename(here / folder)
    store, outcome = open_store(str(here)), embedded.Outcome(embedded.new_run())
    embedded.release(store, outcome)
    return releases.read(store, None)


RULES = {
    "airflow": set(),
    "airflow-scheduler": {("pods", verb) for verb in ("create", "delete", "list", "patch", "watch")},
    "airflow-worker": {("pods", verb) for verb in ("create", "delete", "get", "list", "patch")} | {("pods/log", "get")},
    "airflow-triggerer": {
        ("pods", "delete"),
        ("pods", "get"),
        ("pods/log", "get"),
        ("events", "list"),
        ("events", "watch"),
    },
}
EVERYBODY = {"selfsubjectaccessreviews.authorization.k8s.io", "selfsubjectrulesreviews.authorization.k8s.io"}


@pytest.mark.parametrize("account", RULES)
def test_an_account_may_do_what_it_needs_and_nothing_else(kube: Kube, account: str) -> None:
    who = f"--as=system:serviceaccount:{NAMESPACE}:{account}"
    found = set()
    for line in kube("auth", "can-i", "--list", who).splitlines()[1:]:
        resource, verbs = line.split()[0], re.findall(r"\[([^\]]*)\]", line)[-1].split()
        if resource not in EVERYBODY and not resource.startswith("["):
            found |= {(resource, verb) for verb in verbs}
    assert found == RULES[account]
    never = (
        ("get", "secrets"),
        ("create", "pods", "--subresource=exec"),
        ("list", "configmaps"),
        ("patch", "deployments"),
    )
    for asked in never:
        assert kube("auth", "can-i", *asked, who, check=False).strip() == "no"


@pytest.fixture(scope="module")
def empty(kube: Kube) -> Iterator[Kube]:
    """A namespace in which there is nothing."""
    found = Kube(f"{NAMESPACE}-empty")
    command("kubectl", "create", "namespace", found.namespace)
    yield found
    command("kubectl", "delete", "namespace", found.namespace, "--wait=false")


@pytest.mark.parametrize("overlay", ["test", "trial", "production"])
def test_the_cluster_accepts_every_manifest(empty: Kube, overlay: str) -> None:
    """All but what is newer than the cluster: that is held to the schemas of newer ones."""
    known = set(empty("api-versions").split())
    found = list(yaml.safe_load_all(command("kubectl", "kustomize", ROOT / "deploy" / "overlays" / overlay)))
    accepted = [doc for doc in found if doc["kind"] != "Namespace" and doc["apiVersion"] in known]
    for doc in accepted:
        doc["metadata"]["namespace"] = empty.namespace
    said = empty("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(accepted))
    assert said.count("created (server dry run)") == len(accepted) >= len(found) - 2
