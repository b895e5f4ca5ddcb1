"""Tests on a real cluster: the one of KUBECONFIG, and only with FIELDHOUSE_TEST_CLUSTER=1; else skipped, each by name.

FIELDHOUSE_TEST_IMAGES and FIELDHOUSE_TEST_CLUSTER_KIT name folders of scripts: `build` and `save` of images, `load` of
the cluster. Without them the cluster must have the images with the tag `test` already. FIELDHOUSE_TEST_CLUSTER_HOST is
this machine's address as pods see it.
"""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deployment import ENVIRONMENT, NAMESPACE, OURS, ROOT, Airflow, Kube, Run, command, first, until
from upstream import Upstream

SWITCH = "FIELDHOUSE_TEST_CLUSTER"
HOST = ENVIRONMENT.get("FIELDHOUSE_TEST_CLUSTER_HOST", "10.244.0.1")
IMAGES_KIT = ENVIRONMENT.get("FIELDHOUSE_TEST_IMAGES")
CLUSTER_KIT = ENVIRONMENT.get("FIELDHOUSE_TEST_CLUSTER_KIT")
FEEDS = ENVIRONMENT.get("FIELDHOUSE_TEST_FEEDS")
#: With this set, the deployment stays, to be looked at; the tests themselves want a fresh one.
KEEP = "FIELDHOUSE_TEST_CLUSTER_KEEP"
OVERLAY = ROOT / "deploy" / "overlays" / "test"
IMAGES = (
    ("airflow", ROOT, "-f", ROOT / "containers/airflow/Dockerfile"),
    ("pipeline", ROOT, "-f", ROOT / "containers/pipeline/Dockerfile"),
    ("extract-elixir", ROOT / "containers/sdk/elixir"),
    ("extract-slow", ROOT / "tests/cluster/slow"),
    ("cricsheet", ROOT, "-f", ROOT / "containers/cricsheet/Dockerfile"),
    ("f1db", ROOT / "containers/f1db"),
    ("retrosheet", ROOT, "-f", ROOT / "containers/retrosheet/Dockerfile"),
    ("retrosheet-reader", ROOT / "containers/retrosheet/reader"),
    ("postgres", ROOT / "containers/postgres"),
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"cluster: runs on the cluster of KUBECONFIG ({SWITCH}=1)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `cluster` where no cluster was offered, each test by name and with the reason."""
    if os.environ.get(SWITCH) == "1":
        return
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.skip(reason=f"needs a Kubernetes cluster: {SWITCH} is not 1"))


@pytest.fixture(scope="session")
def loaded_images(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The images of this checkout, built and given to the cluster."""
    if not IMAGES_KIT or not CLUSTER_KIT:
        return
    archives = []
    for name, context, *options in IMAGES:
        archives.append(tmp_path_factory.mktemp("images") / f"{name}.tar")
        command(f"{IMAGES_KIT}/build", f"fieldhouse/{name}:test", context, *options)
        command(f"{IMAGES_KIT}/save", f"fieldhouse/{name}:test", archives[-1])
    command(f"{CLUSTER_KIT}/load", *archives)
    for archive in archives:
        archive.unlink()


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """What the sources are fetched from: their samples, and four files of one that has none (the real ones, if there)."""
    folder = tmp_path_factory.mktemp("upstream")
    for source in ("openfootball", "cricsheet", "f1db", "retrosheet"):
        shutil.copytree(ROOT / "containers" / source / "sample", folder / source)
    results = folder / "international_results" / "international_results"
    results.mkdir(parents=True)
    for name, text in FILES.items():
        real = Path(FEEDS or "/nowhere") / "international_results" / "international_results" / name
        (results / name).write_bytes(real.read_bytes() if real.is_file() else text.encode())
    if FEEDS and (Path(FEEDS) / "lahman").is_dir():
        (folder / "lahman").symlink_to(Path(FEEDS) / "lahman")
    served = Upstream(folder, HOST)
    yield served
    served.close()


@pytest.fixture(scope="session")
def kube(loaded_images: None, upstream: Upstream) -> Iterator[Kube]:
    """The deployment of `deploy/overlays/test`, up and well, whose pods fetch from `upstream`."""
    found = Kube()
    if not ENVIRONMENT.get(KEEP):  # what an earlier run left, or a person tried there, is no part of what is tested
        command("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
    command(ROOT / "deploy" / "secrets", "--namespace", NAMESPACE)
    command(ROOT / "deploy" / "install", OVERLAY)
    found.settings({"FIELDHOUSE_PODS_MIRROR": upstream.url})
    yield found
    if not ENVIRONMENT.get(KEEP):
        command("kubectl", "delete", "namespace", NAMESPACE, "--wait=true")


@pytest.fixture(scope="session")
def airflow(kube: Kube) -> Iterator[Airflow]:
    """Airflow's API. Both sources' first runs have begun: `runs`, by source."""
    found = Airflow(kube)
    for source in ("openfootball", "international_results"):
        dag = f"fieldhouse.source.{source}"
        until(lambda dag=dag: _known(found, dag), 300, f"the DAG {dag}", every=2)
        found.runs[source] = first(found, dag)
    yield found
    found.close()


def _known(airflow: Airflow, dag: str) -> bool:
    return any(one["dag_id"] == dag for one in airflow("GET", "/dags?limit=100")["dags"])


@pytest.fixture(scope="session")
def openfootball(airflow: Airflow) -> Run:
    """The first run of the source whose extractor is the generic one, ended well."""
    assert airflow.runs["openfootball"].ended() == "success"
    return airflow.runs["openfootball"]


@pytest.fixture(scope="session")
def elixir(airflow: Airflow) -> Run:
    """The first run of the source whose extractor is the one in Elixir, ended well."""
    assert airflow.runs["international_results"].ended() == "success"
    return airflow.runs["international_results"]


@pytest.fixture(scope="session")
def lake(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Path]]:
    """Gives a copy of the deployment's lake as it is now, through a pod that mounts it read-only."""
    kube("delete", "pod", "reader", "--ignore-not-found")
    reader = (ROOT / "deploy" / "reader.yaml").read_text(encoding="utf-8").replace(":dev", ":test")
    kube("create", "-f", "-", stdin=reader)
    kube("wait", "--for=condition=Ready", "--timeout=120s", "pod/reader")

    def copied() -> Path:
        folder = tmp_path_factory.mktemp("lake")
        archive = folder.with_suffix(".tar")
        with archive.open("wb") as out:
            reading = ["kubectl", "-n", NAMESPACE, "exec", "reader", "--", "tar", "-C", "/lake", "-c", "."]
            subprocess.run(reading, stdout=out, check=True, env=ENVIRONMENT)
        with tarfile.open(archive) as found:
            found.extractall(folder, filter="data")
        archive.unlink()
        return folder

    yield copied
    kube("delete", "pod", "reader", "--grace-period=1", check=False)


@pytest.fixture
def no_pod_left(kube: Kube) -> Iterator[None]:
    """After the test, no pod of a task is left, and no worker: those of a scheduler that died, its heir finds in time."""
    yield
    for selector in (OURS, "app.kubernetes.io/component=worker"):
        until(lambda selector=selector: not kube.pods(selector), 180, f"no pod with {selector} is left")


FILES = {
    "results.csv": "date,home_team,away_team,home_score,away_score,tournament,city,country,neutral\n"
    "2018-06-14,Russia,Saudi Arabia,5,0,FIFA World Cup,Moscow,Russia,FALSE\n"
    "2018-06-15,Egypt,Uruguay,0,1,FIFA World Cup,Ekaterinburg,Russia,TRUE\n"
    "2018-06-17,Curaçao,Côte d'Ivoire,2,2,Friendly,Willemstad,Curaçao,FALSE\n",
    "goalscorers.csv": "date,home_team,away_team,team,scorer,minute,own_goal,penalty\n"
    "2018-06-15,Egypt,Uruguay,Uruguay,José Giménez,89,FALSE,FALSE\n",
    "shootouts.csv": "date,home_team,away_team,winner,first_shooter\n",
    "former_names.csv": "current,former,start_date,end_date\nRussia,Soviet Union,1924-11-16,1991-11-13\n",
}
