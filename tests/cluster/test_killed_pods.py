"""Pods of a real deployment are killed at five points: never a success, no orphan, and what was fetched lands once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deployment import Airflow, Kube, Run, start, until
from upstream import Upstream

from fieldhouse.lake import landings, open_store
from fieldhouse.pods.identity import run_id

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.usefixtures("elixir", "no_orphan"),
]  # what changes after a first run is news
SOURCE = "international_results"
DAG, TASK = f"fieldhouse.source.{SOURCE}", f"extract.{SOURCE}"
SLOW = f"{SOURCE}=elixir:fieldhouse/extract-slow:test"
Strike = Callable[[Run, int], None]


@pytest.fixture
def settings(kube: Kube) -> Iterator[Callable[..., object]]:
    """Changes settings of pods; afterwards they are what they were."""
    before = kube.get("configmap", "fieldhouse-settings")["data"]

    @contextmanager
    def changed(**given: str) -> Iterator[None]:
        names = {f"FIELDHOUSE_PODS_{name}": value for name, value in given.items()}
        kube.settings(names)
        yield
        kube.settings({name: before.get(name) for name in names})

    yield changed
    now = kube.get("configmap", "fieldhouse-settings")["data"]
    kube.settings({**dict.fromkeys(now), **before})


@pytest.fixture
def no_orphan(kube: Kube) -> Iterator[None]:
    """After the test, no pod of the source is left, and no worker for it."""
    yield
    for selector in (f"fieldhouse/source={SOURCE}", f"app.kubernetes.io/component=worker,dag_id={DAG}"):
        until(lambda selector=selector: not kube.pods(selector), 60, f"no pod with {selector} is left")


@pytest.fixture
def news(upstream: Upstream, elixir: Run) -> None:
    """One file has changed since anybody looked: with or without a line's end at its end."""
    file = upstream.folder / SOURCE / SOURCE / "former_names.csv"
    found = file.read_bytes()
    file.write_bytes(found[:-1] if found.endswith(b"\n") else found + b"\n")


def pod_of(kube: Kube, attempt: int) -> dict:
    """The pod of the extract task's try, as soon as it is there."""
    wanted = f"fieldhouse/stage=extract,fieldhouse/source={SOURCE},fieldhouse/try={attempt}"
    return until(lambda: next(iter(kube.pods(wanted)), None), 400, f"the pod of try {attempt}")


def strike(kube: Kube, attempt: int) -> str:
    """Delete the pod of a try; its uid."""
    pod = pod_of(kube, attempt)
    kube("delete", "pod", pod["metadata"]["name"], "--wait=false")
    return pod["metadata"]["uid"]


def over(run: Run, attempt: int) -> None:
    """Wait until a try has ended."""
    until(lambda: run.task(TASK)["try_number"] > attempt or run.task(TASK)["state"] == "up_for_retry", 300, "its end")


def landed_once(run: Run, lake: Path) -> None:
    """All landings of the run together have the one file whose bytes are new, once."""
    store, new = open_store(str(lake)), []
    for number in landings.numbers(store, SOURCE):
        landing, before = landings.read(store, SOURCE, number), landings.snapshot(store, SOURCE, number - 1)
        if landing.run == run_id(DAG, run.id):
            new += [item.key for item in landing.changed if item.sha256 != before[item.id].sha256]
    assert new == ["former_names.csv"]


def check(run: Run, lake: Callable[[], Path], killed: int) -> None:
    assert run.ended() == "success"
    states = run.tries(TASK)
    assert states[-1] == "success"
    assert len(states) == killed + 1
    assert "success" not in states[:-1]
    landed_once(run, lake())


@pytest.mark.usefixtures("news")
def test_in_the_middle_of_the_extraction(kube: Kube, airflow: Airflow, upstream: Upstream, lake) -> None:
    with upstream.held("former_names.csv") as reached:
        run = start(airflow, DAG)
        assert reached.wait(400)
        strike(kube, 1)
        over(run, 1)
    check(run, lake, killed=1)


@pytest.mark.usefixtures("news")
def test_while_its_log_streams_and_after_its_seal(kube: Kube, airflow: Airflow, settings, lake) -> None:
    with settings(EXTRACTORS=SLOW):
        run = start(airflow, DAG)
        until(lambda: "line 100" in run.says(TASK, 1), 400, "a hundred lines of the first try's log")
        strike(kube, 1)
        until(lambda: any("sealed" in line for line in run.says(TASK, 2)), 400, "the second try's seal")
    strike(kube, 2)
    check(run, lake, killed=2)
    streamed = [line for line in run.says(TASK, 1) if line.startswith("line ")]
    assert streamed == [f"line {number}" for number in range(1, len(streamed) + 1)]
    assert len(streamed) >= 100


# Claims that are not there concern all pods: the other source has to be done.
@pytest.mark.usefixtures("news", "openfootball")
def test_pending_and_starting(kube: Kube, airflow: Airflow, settings, lake) -> None:
    with settings(SCRATCH_CLAIM="absent"):
        run = start(airflow, DAG)
        pod = pod_of(kube, 1)
        assert pod["status"]["phase"] == "Pending"
        assert "nodeName" not in pod["spec"]
        strike(kube, 1)
    with settings(CA="absent"):
        pod = until(lambda: pod_of(kube, 2) if pod_of(kube, 2)["spec"].get("nodeName") else None, 120, "a node")
        assert all("waiting" in one["state"] for one in pod["status"].get("initContainerStatuses", []))
        strike(kube, 2)
    check(run, lake, killed=2)


@pytest.mark.usefixtures("news", "openfootball")
def test_pending_and_in_the_middle_while_the_triggerer_waits(
    kube: Kube, airflow: Airflow, upstream: Upstream, settings, lake
) -> None:
    with settings(DEFERRABLE="true"):
        with settings(SCRATCH_CLAIM="absent"):
            run = start(airflow, DAG)
            pod_of(kube, 1)
            until(lambda: run.task(TASK)["state"] == "deferred", 400, "a deferred task")
            strike(kube, 1)
        with upstream.held("former_names.csv") as reached:
            assert reached.wait(400)
            until(lambda: run.task(TASK)["state"] == "deferred", 400, "a deferred task")
            strike(kube, 2)
            over(run, 2)
        check(run, lake, killed=2)
    # It was the triggerer that waited, not a worker instead of it. (That the first try's pod vanished under it while it
    # waited for a node is unexpected indeed.)
    said = [line for attempt in (2, 3) for line in run.says(TASK, attempt)]
    assert not [line for line in said if "Unexpected error" in line]
