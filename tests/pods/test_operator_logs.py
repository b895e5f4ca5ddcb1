"""The log of a pod in the log of its task: every line, at its level, once; what is missing is said."""

import time

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = [
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore"),  # Airflow's own; what our code calls is seen in tests/dags
]

from pod_tasks import Task, until  # noqa: E402

from fieldhouse.pods.retry import PodUnfinished  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402


def test_lines_are_shown_at_their_own_level(kube) -> None:
    def play(pod) -> None:
        pod.start().say('{"level": "warning", "msg": "slow", "feed": "results"}').seal().end(0)

    task = Task(kube)
    task.run(play)
    assert ("warning", "slow  feed=results") in task.log


def test_dropped_connections_lose_and_double_no_line(kube) -> None:
    kube.drop_logs = [3, 0, 7]

    def play(pod) -> None:
        pod.start()
        for n in range(20):
            pod.say(f"line {n}")
        pod.seal().end(0)

    task = Task(kube)
    task.run(play)
    assert [line for line in task.lines if line.startswith("line ")] == [f"line {n}" for n in range(20)]
    assert "end of log: 20 lines" in task.lines


def test_what_a_node_rotated_away_is_said(kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldhouse.pods.following._PAUSE_S", 0.01)
    kube.drop_logs = [2]

    def play(pod) -> None:
        pod.say("one", "two", "three").start()
        until(lambda: "two" in task.lines)
        pod.rotated = 3
        pod.say("four").seal().end(0)

    task = Task(kube)
    task.run(play)
    assert [line for line in task.lines if line in ("one", "two", "three", "four")] == ["one", "two", "four"]
    assert "may be lost: the node rotated its log" in task.lines[-1]


def test_where_a_log_ends_the_pods_end_is_looked_for_at_once(kube) -> None:
    def play(pod) -> None:
        pod.start().say("one")
        until(lambda: "one" in task.lines)
        pod.seal().end(0)

    task = Task(kube, pods=PodSettings(poll_s=60, patience_s=5))
    began = time.monotonic()
    task.run(play)
    assert time.monotonic() - began < 60


def test_a_pod_whose_log_cannot_be_read_is_kept_and_says_so(kube) -> None:
    def play(pod) -> None:
        pod.refuse_logs = 10_000
        pod.start().seal().end(0)

    task = Task(kube, pods=PodSettings(poll_s=0.02, patience_s=0.1))
    task.run(play)
    [pod] = kube.there
    assert pod.doc["metadata"]["labels"]["fieldhouse/kept"] == "log-unread"
    assert any("log cut after 0 lines" in line for line in task.lines)


def test_a_pod_whose_log_is_gone_for_good_is_not_kept_for_it(kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldhouse.pods.following._GONE", {400: 0.0})

    def play(pod) -> None:
        pod.start().say("one")
        until(lambda: "one" in task.lines)
        pod.refuse_logs, pod.refusal = 10_000, 400
        pod.doc["status"] |= {"reason": "Evicted", "message": "the node was low on disk"}
        pod.end(0, phase="Failed")

    task = Task(kube)
    with pytest.raises(PodUnfinished, match="reason=Evicted"):
        task.run(play)
    assert kube.there == []
    assert any("log cut after 1 line" in line for line in task.lines)
