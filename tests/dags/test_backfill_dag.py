"""The backfill DAG: one source's past, interval after interval, and a clear no from sources that have none to give."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("airflow", reason="needs Apache Airflow: `make test-airflow` has it")
pytestmark = pytest.mark.filterwarnings("ignore")  # Airflow's own

from airflow.sdk.exceptions import AirflowFailException  # noqa: E402

from fieldhouse import plan, sources  # noqa: E402
from fieldhouse.errors import ConfigurationError  # noqa: E402
from fieldhouse.pods import dags, pools  # noqa: E402
from fieldhouse.pods.backfill import BackfillPodOperator, Intervals  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
JUNE = "2026-06-01T00:00:00Z/2026-07-01T00:00:00Z"


def asked(source: str = "openfootball", since: str = "2015-01-01", until: str = "2016-01-01", step: str = "month"):
    """What Airflow hands to the first task."""
    return {"params": {"source": source, "from": since, "to": until, "step": step}}


def operator(stage: str, pods: PodSettings | None = None) -> BackfillPodOperator:
    dag = dags.backfill_dag(list(sources.load_all().values()), pods or PodSettings())
    found = dag.get_task(f"backfill.{stage}")
    found.interval = JUNE  # as Airflow renders it
    return found


def args(stage: str, index: int = 0, source: str = "openfootball", pods: PodSettings | None = None):
    """The arguments of the containers of an interval's pod, by the containers' names."""
    ti = SimpleNamespace(dag_id=dags.BACKFILL, task_id=f"backfill.{stage}", map_index=index, try_number=1)
    work = operator(stage, pods)._work({**asked(source), "ti": ti, "run_id": "manual__1"})
    from fieldhouse.pods import spec

    found = spec.pod(work, pods or PodSettings())["spec"]
    return {c["name"]: c for c in (*found.get("initContainers", []), *found["containers"])}


def run_of(container) -> str:
    return container["args"][container["args"].index("--run") + 1]


def test_the_first_task_cuts_the_interval() -> None:
    found = Intervals(task_id="intervals").execute(asked())
    assert len(found) == 12
    assert found[1] == "2015-02-01T00:00:00Z/2015-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (asked("international_results"), "international_results cannot be backfilled: the keys of none of its feeds"),
        (asked("nobody"), "there is no source 'nobody'"),
        (asked(since="2016-01-01", until="2015-01-01"), "in order"),
        (asked(since="1800-01-01", step="day"), "more than 1000 pieces of a day"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_the_first_task_and_not_tried_again(given, said: str) -> None:
    with pytest.raises(AirflowFailException, match=said):
        Intervals(task_id="intervals").execute(given)


def test_a_refusal_says_the_way_out() -> None:
    with pytest.raises(AirflowFailException, match="`fieldhouse extract international_results` without an interval"):
        Intervals(task_id="intervals").execute(asked("international_results"))


def test_the_request_of_an_interval_asks_for_it() -> None:
    found = args("extract")["request"]["args"]
    assert found[:2] == ["request", "openfootball"]
    assert found[-4:] == ["--from", "2026-06-01T00:00:00Z", "--to", "2026-07-01T00:00:00Z"]


def test_an_interval_is_a_run_of_its_own_and_its_tasks_share_it() -> None:
    first, second = args("extract", 0), args("extract", 1)
    assert run_of(first["request"]) != run_of(second["request"])
    folders = [
        {m["mountPath"]: m.get("subPath") for m in pod["main"]["volumeMounts"]}["/out"] for pod in (first, second)
    ]
    assert folders[0] != folders[1]
    land = args("land", 1)["main"]
    assert run_of(land) == run_of(second["request"])
    assert land["args"] == ["land", "openfootball", "--run", run_of(land), "--ended", "0"]


def test_the_extractor_is_the_one_of_the_source() -> None:
    pods = PodSettings(extractors={"openfootball": ("elixir", "localhost/football:dev")})
    assert args("extract", pods=pods)["main"]["image"] == "localhost/football:dev"
    assert args("land", pods=pods)["main"]["image"] == "fieldhouse/pipeline:dev"


def test_without_a_run_there_is_no_source_and_no_pod() -> None:
    with pytest.raises(ConfigurationError, match=r"backfill\.extract: its source is a parameter of the run"):
        operator("extract").build_pod_request_obj()


def test_its_tasks_and_edges_are_those_of_the_plan() -> None:
    dag = dags.backfill_dag(list(sources.load_all().values()), PodSettings())
    found = plan.source_tasks(sources.find("openfootball"))
    stages = {
        f"backfill.{task.stage}": {f"backfill.{needed.partition('.')[0]}" for needed in task.needs} for task in found
    }
    assert {task.task_id: task.upstream_task_ids - {"intervals"} for task in dag.tasks} == {"intervals": set()} | stages
    assert dag.get_task("backfill.extract").upstream_task_ids == {"intervals"}


def test_intervals_follow_one_another_and_nothing_starts_them_but_a_person() -> None:
    dag = dags.backfill_dag(list(sources.load_all().values()), PodSettings(pool="polite-{source}"))
    assert dag.schedule is None
    assert {dag.get_task(f"backfill.{stage}").max_active_tis_per_dagrun for stage in ("extract", "land")} == {1}
    assert dag.get_task("backfill.extract").pool == "polite-backfill"
    assert dag.get_task("backfill.land").pool == "default_pool"


@pytest.mark.parametrize("wrong", [{"source": "nobody"}, {"from": "yesterday"}, {"to": 7}, {"step": "decade"}])
def test_a_wrong_parameter_is_refused_when_a_run_is_started(wrong: dict[str, object]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    params = dags.backfill_dag(list(sources.load_all().values()), PodSettings()).params
    given = asked()["params"] | wrong
    for name, value in given.items():
        if name not in wrong:
            params.get_param(name).resolve(value)
    [(name, value)] = wrong.items()
    with pytest.raises(ParamValidationError):
        params.get_param(name).resolve(value)


def test_its_page_says_which_sources_can_be_backfilled() -> None:
    page = dags.backfill_dag(list(sources.load_all().values()), PodSettings()).doc_md
    assert "Can be backfilled: `openfootball`" in page
    assert "`international_results`" not in page


@pytest.mark.parametrize(
    ("pool", "names"),
    [
        ("", []),
        ("polite", ["polite"]),
        ("polite-{source}", ["polite-backfill", "polite-international_results", "polite-openfootball"]),
    ],
)
def test_all_pools_of_the_dags_can_be_made_at_once(pool: str, names: list[str]) -> None:
    pods = PodSettings(pool=pool)
    found = [
        source for source in sources.load_all().values() if source.name in ("openfootball", "international_results")
    ]
    made = pools.wanted([source.name for source in found], pods)
    assert sorted(made) == names
    assert all(entry["slots"] == 1 and entry["include_deferred"] for entry in made.values())
    used = {task.pool for source in found for task in dags.source_dag(source, pods).tasks}
    used |= {task.pool for task in dags.backfill_dag(found, pods).tasks}
    assert used - {"default_pool"} == set(made)


RUN = """
import json, os, sys, warnings
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
warnings.simplefilter("ignore")
root, folder = Path(sys.argv[1]), Path(sys.argv[2])
found = spec_from_file_location("played", root / "tests" / "pods" / "conftest.py")
played = module_from_spec(found)
found.loader.exec_module(played)
kube = played.FakeKube(folder)
os.environ |= {"FIELDHOUSE_LAKE": str(kube.lake), "FIELDHOUSE_SCRATCH": str(kube.scratch), "KUBECONFIG": str(kube.config),
               "FIELDHOUSE_PODS_POLL_S": "0.05"}
called = []
def play(pod):
    if "initContainers" in pod.doc["spec"]:
        called.append(pod.doc["spec"]["initContainers"][0]["args"])
        pod.start("request").end(0, "request")
        pod.log_open = True
        pod.start().seal().end(0)
    else:
        called.append(pod.doc["spec"]["containers"][0]["args"])
        pod.start().end(0, message=pod.receipt(landing=1))
kube.plays = [play] * 10
from airflow.utils.db import initdb
from airflow.dag_processing.dagbag import DagBag
initdb()
dag = DagBag(str(root / "dags")).dags["fieldhouse.backfill"]
dag.deadline = []  # dag.test() looks for alerts that only a stored DAG has
ran = dag.test(run_conf={"source": "openfootball", "from": "2015-01-01", "to": "2015-03-01", "step": "month"})
states = sorted([ti.task_id, ti.map_index, str(ti.state), ti.rendered_map_index or ""] for ti in ran.get_task_instances())
print("\\n" + json.dumps({"state": str(ran.state), "states": states, "called": called, "left": len(kube.there)}))
"""


def test_airflow_maps_over_the_intervals(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "FIELDHOUSE"))}
    environment |= {"AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags")}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert (found["state"], found["left"]) == ("success", 0)
    january, february = "2015-01-01T00:00:00Z/2015-02-01T00:00:00Z", "2015-02-01T00:00:00Z/2015-03-01T00:00:00Z"
    assert found["states"] == [
        ["backfill.extract", 0, "success", january],
        ["backfill.extract", 1, "success", february],
        ["backfill.land", 0, "success", january],
        ["backfill.land", 1, "success", february],
        ["intervals", -1, "success", ""],
    ]
    intervals = [call[-4:] for call in found["called"] if call[0] == "request"]
    assert sorted(intervals) == [
        ["--from", "2015-01-01T00:00:00Z", "--to", "2015-02-01T00:00:00Z"],
        ["--from", "2015-02-01T00:00:00Z", "--to", "2015-03-01T00:00:00Z"],
    ]
