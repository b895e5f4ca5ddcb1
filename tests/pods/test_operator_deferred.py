"""A deferred task ends as one that waits: what the triggerer says is a hint, the pod itself is asked."""

import threading

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = [
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore"),  # Airflow's own; what our code calls is seen in tests/dags
]

from pod_tasks import deferred, until  # noqa: E402

from fieldhouse.pods.retry import PodFailed, PodUnfinished  # noqa: E402


def test_deferred_a_good_pod_succeeds_with_its_log(kube) -> None:
    task = deferred(kube, lambda pod: pod.start().say("one"))
    kube.pods[0].say("two").seal().end(0)
    task.resume()
    assert [line for line in task.lines if line in ("one", "two")] == ["one", "two"]
    assert kube.there == []


def test_deferred_a_pod_that_is_gone_on_re_entry_is_no_success(kube) -> None:
    task = deferred(kube, lambda pod: pod.start())
    kube.pods[0].leave()
    with pytest.raises(PodUnfinished, match="reason=Lost"):
        task.resume({"status": "success"})


def test_deferred_a_log_that_nobody_has_read_is_said_to_be_gone(kube) -> None:
    task = deferred(kube, lambda pod: pod.start().say("one"))
    kube.pods[0].leave()
    with pytest.raises(PodUnfinished, match="no log: the pod was gone before any of it was read"):
        task.resume({"status": "success"})
    assert "no log: the pod was gone before any of it was read" in task.lines


def test_deferred_deleted_half_way_with_exit_0_is_no_success(kube) -> None:
    task = deferred(kube, lambda pod: pod.start())
    kube.pods[0].seal().delete().end(0)
    with pytest.raises(PodUnfinished, match="reason=Deleted"):
        task.resume({"status": "success"})


def test_deferred_another_pod_of_that_name_is_no_success(kube) -> None:
    task = deferred(kube, lambda pod: pod.start())
    kube.pods[0].seal().end(0).doc["metadata"]["uid"] = "another"
    with pytest.raises(PodUnfinished, match="reason=Replaced"):
        task.resume({"status": "success"})
    assert len(kube.there) == 1  # it is not ours to delete


def test_deferred_the_triggerers_error_is_no_failure_of_the_pod(kube) -> None:
    task = deferred(kube, lambda pod: pod.start())
    kube.pods[0].seal().end(0)
    task.resume({"status": "error", "message": "the API server went away"})
    assert kube.there == []


def test_deferred_a_failure_is_what_it_is(kube) -> None:
    task = deferred(kube, lambda pod: pod.start())
    kube.pods[0].end(65)
    with pytest.raises(PodFailed, match="reason=Data"):
        task.resume({"status": "failed", "message": "Container state failed"})


def test_deferred_a_timeout_ends_the_pod_at_once(kube) -> None:
    def play(pod) -> None:
        pod.start().say("slow")

    task = deferred(kube, play)
    [pod] = kube.pods
    threading.Thread(target=lambda: (pod.deletion.wait(10), pod.end(143).leave()), daemon=True).start()
    with pytest.raises(PodUnfinished, match="reason=Timeout"):
        task.resume({"status": "timeout", "message": "execution_timeout"})
    assert kube.there == []


def test_deferred_a_signal_on_re_entry_is_no_success(kube) -> None:
    task = deferred(kube, lambda pod: pod.start())
    [pod] = kube.pods

    def later() -> None:
        until(lambda: "going on" in task.lines)
        task.operator.on_kill()
        pod.deletion.wait(10)
        pod.seal().end(0).leave()

    threading.Thread(target=later, daemon=True).start()
    pod.say("going on")
    with pytest.raises(PodUnfinished, match="reason=Killed"):
        task.resume({"status": "success"})
