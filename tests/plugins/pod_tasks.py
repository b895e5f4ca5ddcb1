"""Tasks of operators against the API server of tests/pods: what happens to a pod is a play, what Airflow hands over is here.

Import it only where Airflow is installed.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import TaskDeferred

from fieldhouse.pods.operators import FieldhousePodOperator, PythonPodOperator
from fieldhouse.pods.retry import PodUnfinished
from fieldhouse.pods.settings import PodSettings

PODS = PodSettings(poll_s=0.02, patience_s=5)
RUN = "scheduled__2026-08-01T05:00:00+00:00"


class Store(dict):
    """Airflow's store of a task's state, from one try to the next."""

    def set(self, key, value, **_) -> None:
        self[key] = value


class Task:
    """One task instance: an operator, its log, and what Airflow hands it."""

    def __init__(self, kube, stage="extract", of="openfootball", pods=PODS, **more) -> None:
        self.kube = kube
        self.arguments = {"stage": stage, "of": of, "pods": pods, "config_file": str(kube.config), **more}
        self.store = Store()
        self.attempt = 0
        self.log: list[tuple[str, str]] = []
        self.extra: dict = {}

    def begin(self) -> FieldhousePodOperator:
        """A new process for the next try."""
        self.attempt += 1
        self.operator = type("Told", (PythonPodOperator,), {"log": self})(**self.arguments)
        ti = SimpleNamespace(dag_id="d", task_id=self.operator.task_id, map_index=-1, try_number=self.attempt,
                             start_date=datetime.now(UTC))  # fmt: skip
        events = {asset: SimpleNamespace(extra=self.extra) for asset in self.operator.outlets}
        self.context = {
            "ti": ti, "run_id": RUN, "dag": SimpleNamespace(), "task_state_store": self.store, "outlet_events": events,
        }  # fmt: skip
        return self.operator

    def run(self, *plays) -> None:
        """Try once, in one process."""
        self.kube.plays.extend(plays)
        self.begin().execute_sync(self.context)

    def resume(self, event=None) -> None:
        """Go on in a new process after a deferral."""
        name, uid = self.store["fieldhouse_pod"].values()
        self.attempt -= 1
        self.begin().trigger_reentry(self.context, {"name": name, "uid": uid, **(event or {"status": "success"})})

    def __getattr__(self, level: str) -> Callable:
        if level not in ("debug", "info", "warning", "error", "critical"):
            raise AttributeError(level)
        return lambda text, *args: self.log.append((level, text % args if args else text))

    @property
    def lines(self) -> list[str]:
        """The texts of the task's log."""
        return [text for _, text in self.log]


def until(seen: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    for _ in range(2000):
        if seen():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not happen within 10 s")


def good(pod) -> None:
    """The play of an extractor that does its work."""
    pod.start("request").end(0, "request")
    pod.log_open = True
    pod.start().say("one", "two").seal().end(0)


def fails(kube, play, error=PodUnfinished, **more) -> str:
    """What a task with this play ends with; nothing of the pod is left."""
    task = Task(kube, **more)
    with pytest.raises(error) as ended:
        task.run(play)
    return str(ended.value)


def deferred(kube, play) -> Task:
    """A task that waits in the triggerer, its pod having played."""
    task = Task(kube, deferrable=True)
    done = threading.Event()
    kube.plays.append(lambda pod: (play(pod), done.set()))
    with pytest.raises(TaskDeferred) as waits:
        task.begin().execute_async(task.context)
    assert waits.value.trigger.trigger_kwargs["uid"] == "uid-0"
    assert done.wait(10)
    return task
