"""A task that is told to stop, or runs out of time, is no success whatever its pod does; its pod goes with it."""

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = [
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore"),  # Airflow's own; what our code calls is seen in tests/dags
]

from airflow.sdk.exceptions import AirflowTaskTimeout, TaskDeferred  # noqa: E402
from pod_tasks import Task, good, until  # noqa: E402

from fieldhouse.pods import session, watching  # noqa: E402
from fieldhouse.pods.retry import PodUnfinished  # noqa: E402


def test_a_signal_while_the_log_is_streamed_is_no_success(kube) -> None:
    task = Task(kube)

    def play(pod) -> None:
        pod.start().say("half")
        until(lambda: "half" in task.lines)
        task.operator.on_kill()
        assert pod.deletion.wait(10)
        pod.say("stopping").seal()
        until(lambda: "stopping" in task.lines)
        pod.end(0).leave()

    with pytest.raises(PodUnfinished, match="reason=Killed"):
        task.run(play)
    assert kube.there == []
    assert "half" in task.lines
    assert "stopping" in task.lines


def test_a_signal_while_the_pod_is_pending_is_no_success(kube) -> None:
    task = Task(kube)
    with pytest.raises(PodUnfinished, match="reason=Killed"):
        task.run(lambda _: task.operator.on_kill())
    assert kube.there == []


def test_a_signal_between_the_end_and_the_verdict_is_no_success(kube, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(kube)
    look = session.evidence.look

    def signalled(*args):
        task.operator.on_kill()
        return look(*args)

    monkeypatch.setattr(session.evidence, "look", signalled)
    with pytest.raises(PodUnfinished, match="reason=Killed"):
        task.run(good)


def test_execution_timeout_is_told_with_the_log(kube, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(kube)

    def play(pod) -> None:
        pod.start().say("slow")
        pod.deletion.wait(10)
        pod.end(143).leave()

    wait = watching.Watch._wait

    def interrupted(self) -> None:
        wait(self)
        if "slow" in task.lines and not task.operator._killed:
            raise AirflowTaskTimeout

    monkeypatch.setattr(watching.Watch, "_wait", interrupted)
    with pytest.raises(PodUnfinished, match="reason=Timeout") as ended:
        task.run(play)
    assert "execution_timeout" in str(ended.value)
    assert task.lines.count("slow") == 1
    assert kube.there == []


def test_on_kill_outside_of_a_watch_deletes_at_once(kube) -> None:
    task = Task(kube, deferrable=True)
    kube.plays.append(lambda pod: pod.start())
    with pytest.raises(TaskDeferred):
        task.begin().execute_async(task.context)
    task.operator.on_kill()
    [pod] = kube.pods
    assert pod.deletion.is_set()
