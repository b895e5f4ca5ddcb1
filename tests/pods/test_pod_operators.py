"""Operators against an API server that plays what happens to pods: each end is told as it was, and no line is lost."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

REASON = "needs Apache Airflow: `make test-airflow` has it"
pytest.importorskip("airflow", reason=REASON)
pytestmark = pytest.mark.filterwarnings("ignore")  # Airflow's own; what our code calls is seen in tests/dags

from airflow.sdk import RetryAction  # noqa: E402
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout, TaskDeferred  # noqa: E402

from fieldhouse.errors import ConfigurationError  # noqa: E402
from fieldhouse.pods import operators, session, watching  # noqa: E402
from fieldhouse.pods.operators import (  # noqa: E402
    ElixirPodOperator,
    FieldhousePodOperator,
    PythonPodOperator,
    RustPodOperator,
)
from fieldhouse.pods.retry import LONGEST, AsAsked, PodFailed, PodUnfinished  # noqa: E402
from fieldhouse.pods.settings import PodSettings  # noqa: E402

PODS = PodSettings(poll_s=0.02, patience_s=5)
RUN = "scheduled__2026-08-01T05:00:00+00:00"


class Store(dict):
    """Airflow's store of a task's state, from one try to the next."""

    def set(self, key, value, **_) -> None:
        self[key] = value


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_LOOK_PAUSE_S", 0.01)
    monkeypatch.setattr(watching, "_SETTLE_S", 0.1)


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
        return [text for _, text in self.log]


def until(seen: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    for _ in range(2000):
        if seen():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not happen within 10 s")


def good(pod) -> None:
    pod.start("request").end(0, "request")
    pod.log_open = True
    pod.start().say("one", "two").seal().end(0)


def fails(kube, play, error=PodUnfinished, **more) -> str:
    """What a task with this play ends with; nothing of the pod is left."""
    task = Task(kube, **more)
    with pytest.raises(error) as ended:
        task.run(play)
    return str(ended.value)


def test_a_pod_that_seals_succeeds_and_is_gone_afterwards(kube) -> None:
    task = Task(kube)
    task.run(good)
    assert kube.there == []
    assert [line for line in task.lines if line in ("one", "two")] == ["one", "two"]
    assert task.lines[-1] == "end of log: 2 lines"


def test_lines_are_shown_at_their_own_level(kube) -> None:
    def play(pod) -> None:
        pod.start().say('{"level": "warning", "msg": "slow", "feed": "results"}').seal().end(0)

    task = Task(kube)
    task.run(play)
    assert ("warning", "slow  feed=results") in task.log


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


def test_an_asset_is_told_what_there_is(kube) -> None:
    from airflow.sdk import Asset

    task = Task(kube, "land", "openfootball", outlets=[Asset("fieldhouse.openfootball")])
    task.run(lambda pod: pod.start().end(0, message=pod.receipt(landing=7, changed=2, gone=0)))
    assert task.extra["landing"] == 7
    assert task.extra["rows"] == 0


def test_a_task_needs_its_stage_and_what_it_works_on() -> None:
    operator = PythonPodOperator(stage="normalize", of="openfootball")
    assert operator.task_id == "normalize.openfootball"
    assert operator.image == "fieldhouse/pipeline:dev"
    assert operator.retries == 2


def test_an_operator_takes_only_its_own_language() -> None:
    pods = PodSettings(extractors={"openfootball": ("elixir", "x:1")})
    assert ElixirPodOperator(stage="extract", of="openfootball", pods=pods).image == "x:1"
    with pytest.raises(ConfigurationError, match="runs rust, and this is written in elixir"):
        RustPodOperator(stage="extract", of="openfootball", pods=pods)


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"the plan has no task 'normalize\.nobody'"):
        PythonPodOperator(stage="normalize", of="nobody")


@pytest.mark.parametrize(
    "argument", ["image", "do_xcom_push", "is_delete_operator_pod", "env_vars", "on_finish_action"]
)
def test_what_plan_and_settings_decide_is_not_for_a_dag_to_say(argument: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{argument}: not for a DAG to say"):
        PythonPodOperator(stage="publish", **{argument: "x"})


def test_every_language_has_its_operator() -> None:
    assert {language: found.language for language, found in operators.OPERATORS.items()} == {
        name: name for name in ("elixir", "python", "rust", "shell")
    }


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"config_file": "/some/config"}, None)])
def test_in_a_pod_the_triggerer_is_told_to_use_the_pods_account(given, expected, monkeypatch) -> None:
    assert PythonPodOperator(stage="conform", **given).in_cluster is None
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    assert PythonPodOperator(stage="conform", **given).in_cluster is expected
