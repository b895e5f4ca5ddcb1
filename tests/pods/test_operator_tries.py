"""Tries that follow one another, and an API server that does not answer: one pod does the work, and none stays."""

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = [
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore"),  # Airflow's own; what our code calls is seen in tests/dags
]

from pod_tasks import Task, good  # noqa: E402

from fieldhouse.pods.retry import PodFailed, PodUnfinished  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402


def test_an_api_server_that_is_down_for_a_moment_harms_nobody(kube) -> None:
    def play(pod) -> None:
        pod.start()
        kube.fail = [503, 0, 500, 429]
        pod.say("well").seal().end(0)

    Task(kube).run(play)
    assert kube.there == []


def test_an_api_server_that_stays_down_leaves_the_pod_to_the_next_try(kube) -> None:
    task = Task(kube, pods=PodSettings(poll_s=0.02, patience_s=0.2))

    def play(pod) -> None:
        pod.start().say("alive")
        kube.fail = [503] * 1000

    with pytest.raises(PodUnfinished, match="reason=Unreachable"):
        task.run(play)
    kube.fail = []
    [pod] = kube.there
    assert not pod.deletion.is_set()
    pod.seal().end(0)
    task.run()
    assert len(kube.pods) == 1
    assert kube.there == []


@pytest.mark.parametrize(("status", "error"), [(403, PodFailed), (422, PodFailed)])
def test_a_pod_that_the_api_server_refuses_is_told_without_its_spec(kube, status: int, error) -> None:
    task = Task(kube, pods=PodSettings(poll_s=0.02, proxy="http://user:hush@proxy:1"))
    task.begin()
    kube.refuse = status
    with pytest.raises(error) as ended:
        task.operator.execute_sync(task.context)
    assert "hush" not in str(ended.value) + " ".join(task.lines)
    assert ended.value.__cause__ is None
    assert ended.value.__suppress_context__


def test_a_lost_answer_makes_no_second_pod(kube) -> None:
    task = Task(kube)
    operator = task.begin()
    kube.plays = [good]
    make = operator._cluster.make
    operator._cluster.make = lambda pod: make(pod) and make(pod)  # the client tries again: 409
    operator.execute_sync(task.context)
    assert len(kube.pods) == 1


def test_a_try_goes_on_with_the_pod_of_a_worker_that_was_lost(kube) -> None:
    task = Task(kube)
    first = task.begin()
    kube.plays = [lambda pod: pod.start().say("one")]
    first._do(task.context, first._begin)  # and the worker is gone
    [pod] = kube.there
    pod.say("two").seal().end(0)
    task.run()
    assert len(kube.pods) == 1
    assert [line for line in task.lines if line in ("one", "two")] == ["one", "two"]


def test_a_failed_pod_of_a_lost_worker_is_read_and_cleared_away(kube) -> None:
    task = Task(kube)
    first = task.begin()
    kube.plays = [lambda pod: pod.start().say("broken").end(1)]
    first._do(task.context, first._begin)
    task.run(good)
    assert "broken" in task.lines
    assert len(kube.pods) == 2
    assert kube.there == []


def test_a_retry_does_not_wait_for_a_pod_that_is_leaving(kube) -> None:
    task = Task(kube)
    first = task.begin()
    kube.plays = [lambda pod: pod.start().delete()]
    first._do(task.context, first._begin)
    task.run(good)
    assert len(kube.pods) == 2
