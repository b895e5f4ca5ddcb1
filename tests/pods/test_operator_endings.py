"""An operator tells each end of its pod as it was: success is proved, everything else has a reason."""

from datetime import timedelta

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = [
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore"),  # Airflow's own; what our code calls is seen in tests/dags
]

from airflow.sdk import RetryAction  # noqa: E402
from airflow.sdk.exceptions import AirflowFailException  # noqa: E402
from pod_tasks import Task, fails, good  # noqa: E402

from fieldhouse.pods.retry import LONGEST, AsAsked, PodFailed, PodUnfinished  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402


def test_a_pod_that_seals_succeeds_and_is_gone_afterwards(kube) -> None:
    task = Task(kube)
    task.run(good)
    assert kube.there == []
    assert [line for line in task.lines if line in ("one", "two")] == ["one", "two"]
    assert task.lines[-1] == "end of log: 2 lines"


def test_exit_0_without_a_seal_is_no_success(kube) -> None:
    assert "reason=Unproved exit=0" in fails(kube, lambda pod: pod.start().end(0))


def test_a_stage_succeeds_with_its_receipt(kube) -> None:
    Task(kube, "conform", "").run(lambda pod: pod.start().end(0, message=pod.receipt()))
    assert kube.there == []


def test_a_stage_that_states_a_receipt_which_the_lake_has_not_is_no_success(kube) -> None:
    message = '{"receipt": "' + "0" * 64 + '"}'
    text = fails(kube, lambda pod: pod.start().end(0, message=message), stage="conform", of="")
    assert "reason=Unproved" in text


def test_a_stage_that_states_no_receipt_is_no_success(kube) -> None:
    def play(pod) -> None:
        pod.receipt()
        pod.start().end(0)

    assert "reason=Unproved" in fails(kube, play, stage="conform", of="")


def test_a_worker_that_sees_no_scratch_cannot_tell(kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIELDHOUSE_SCRATCH")
    assert "could not be looked for" in fails(kube, lambda pod: pod.start().seal().end(0))


def test_out_of_memory_is_told_with_the_limit_and_the_last_lines(kube) -> None:
    text = fails(kube, lambda pod: pod.start().say("big", "bigger").end(137, reason="OOMKilled"))
    for expected in ("reason=OOMKilled exit=137 container=main", "memory limit 512Mi", "| bigger", "node-1", "uid-0"):
        assert expected in text
    assert kube.there == []


def test_evicted_is_no_success_even_with_exit_0_and_a_seal(kube) -> None:
    def play(pod) -> None:
        pod.doc["status"] |= {"reason": "Evicted", "message": "The node was low on resource: memory."}
        pod.start().seal().end(0, phase="Failed")

    text = fails(kube, play)
    assert "reason=Evicted" in text
    assert "low on resource" in text


def test_deleted_half_way_is_no_success_even_with_exit_0_and_a_seal(kube) -> None:
    def play(pod) -> None:
        pod.start().say("half").seal().delete().end(0)

    assert "reason=Deleted" in fails(kube, play)


def test_a_pod_that_vanishes_is_lost(kube) -> None:
    text = fails(kube, lambda pod: pod.start().say("half").leave())
    assert "reason=Lost" in text


def test_a_deadline_is_seen_by_the_phase_though_the_container_is_said_to_run(kube) -> None:
    def play(pod) -> None:
        pod.start().say("slow")
        pod.doc["status"] |= {"phase": "Failed", "reason": "DeadlineExceeded", "message": "Pod was active too long"}
        pod.log_open = False

    text = fails(kube, play)
    assert "reason=DeadlineExceeded" in text
    assert "| slow" in text
    assert kube.there == []


def test_a_log_that_hangs_behind_a_dead_kubelet_does_not_hold_the_task(kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldhouse.pods.following._JOIN_S", 0.1)

    def play(pod) -> None:
        pod.start().say("slow")
        pod.doc["status"] |= {"phase": "Failed", "reason": "DeadlineExceeded"}  # the log stays open

    assert "reason=DeadlineExceeded" in fails(kube, play)


@pytest.mark.parametrize("code", [64, 65, 69, 70, 77, 78, 126, 127])
def test_permanent_failures_fail_at_once(kube, code: int) -> None:
    task = Task(kube)
    with pytest.raises(PodFailed) as ended:
        task.run(lambda pod: pod.start().say('{"level": "error", "msg": "no such key"}').end(code))
    assert isinstance(ended.value, AirflowFailException)
    assert f"exit={code}" in str(ended.value)
    assert "| no such key" in str(ended.value)


@pytest.mark.parametrize("code", [1, 74, 75, 137, 143])
def test_other_failures_are_tried_again(kube, code: int) -> None:
    assert "will be tried again" in fails(kube, lambda pod: pod.start().end(code))


def test_a_request_that_fails_is_the_tasks_failure(kube) -> None:
    said = '{"error": "source.toml is wrong", "hint": "mend it", "exit": 78}'
    text = fails(kube, lambda pod: pod.start("request").end(78, "request", message=said), PodFailed)
    assert "container=request" in text
    assert "source.toml is wrong" in text
    assert "→ mend it" in text


def test_the_wait_that_a_source_asked_for_is_kept(kube) -> None:
    task = Task(kube)
    with pytest.raises(PodUnfinished) as ended:
        task.run(lambda pod: pod.start().say('{"level": "error", "msg": "429", "retry_after_s": 90}').end(75))
    decision = AsAsked().evaluate(ended.value, 1, 2)
    assert decision.action is RetryAction.RETRY
    assert decision.retry_delay == timedelta(seconds=90)
    assert task.operator.retry_policy is not None


def test_no_source_is_waited_for_without_end(kube) -> None:
    with pytest.raises(PodUnfinished) as ended:
        Task(kube).run(lambda pod: pod.start().say('{"level": "error", "msg": "429", "retry_after_s": 1e9}').end(75))
    assert AsAsked().evaluate(ended.value, 1, 2).retry_delay == LONGEST


def test_without_such_a_wish_the_tasks_own_delay_holds() -> None:
    assert AsAsked().evaluate(ValueError(), 1, 2).action is RetryAction.DEFAULT


def test_a_pod_without_a_node_is_given_up_in_time(kube) -> None:
    def play(pod) -> None:
        why = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}
        pod.doc["status"]["conditions"] = [why]

    pods = PodSettings(poll_s=0.02, schedule_s=0.1)
    text = fails(kube, play, pods=pods)
    assert "reason=Unschedulable" in text
    assert "0/1 nodes are available" in text
    assert kube.there == []


def test_a_pod_that_does_not_start_is_given_up_in_time(kube) -> None:
    def play(pod) -> None:
        pod.scheduled().states["main"] = {"waiting": {"reason": "CreateContainerConfigError", "message": "no secret x"}}
        pod.deletion.wait(10)
        pod.leave()

    text = fails(kube, play, pods=PodSettings(poll_s=0.02, startup_s=0.1))
    assert "reason=NoStart" in text
    assert "no secret x" in text
    assert kube.there == []


@pytest.mark.parametrize(("reason", "error"), [("InvalidImageName", PodFailed), ("ErrImagePull", PodUnfinished)])
def test_an_image_that_cannot_be_had_is_told_at_once(kube, reason: str, error) -> None:
    def play(pod) -> None:
        pod.scheduled().states["main"] = {"waiting": {"reason": reason, "message": "not there"}}

    assert f"reason={reason}" in fails(kube, play, error)
    assert kube.there == []


def test_an_asset_is_told_what_there_is(kube) -> None:
    from airflow.sdk import Asset

    task = Task(kube, "land", "openfootball", outlets=[Asset("fieldhouse.openfootball")])
    task.run(lambda pod: pod.start().end(0, message=pod.receipt(landing=7, changed=2, gone=0)))
    assert task.extra["landing"] == 7
    assert task.extra["rows"] == 0
