"""What became of a pod: from what the API server shows, and nothing but a proved end is success."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.pods.facts import LOST, Facts, observe
from fieldhouse.pods.telling import Story, tell
from fieldhouse.pods.verdict import PERMANENT, judge, refused

MAIN = "main"
STARTED, FINISHED = "2026-08-01T05:00:00Z", "2026-08-01T05:01:00Z"


def terminated(code: int = 0, reason: str = "", message: str = "", name: str = MAIN) -> dict:
    state = {"exitCode": code, "reason": reason or ("Completed" if code == 0 else "Error"), "message": message}
    return {"name": name, "state": {"terminated": {**state, "startedAt": STARTED, "finishedAt": FINISHED}}}


def pod(*statuses: dict, phase: str = "Succeeded", init: tuple[dict, ...] = (), **status: object) -> dict:
    return {
        "metadata": {"name": "a-pod", "uid": "u1"},
        "spec": {
            "nodeName": "node-1",
            "containers": [
                {
                    "name": MAIN,
                    "resources": {"limits": {"memory": "512Mi"}},
                    "env": [{"name": "PASSWORD", "value": "hush-hush"}],
                }
            ],
        },
        "status": {
            "phase": phase,
            "containerStatuses": list(statuses),
            "initContainerStatuses": list(init),
            **status,
        },
    }


def seen(doc: dict | None) -> Facts:
    return observe(doc, uid="u1", main=MAIN)


def deleted(doc: dict, at: str, grace: int = 30) -> dict:
    return {**doc, "metadata": {**doc["metadata"], "deletionTimestamp": at, "deletionGracePeriodSeconds": grace}}


def running(name: str = MAIN) -> dict:
    return {"name": name, "state": {"running": {"startedAt": STARTED}}}


def waiting(reason: str, message: str = "") -> dict:
    return {"name": MAIN, "state": {"waiting": {"reason": reason, "message": message}}}


WORLD = {
    "done": (pod(terminated()), "success", "Done"),
    "done, and the phase not yet final": (pod(terminated(), phase="Running"), "success", "Done"),
    "done, and deleted afterwards": (
        deleted(pod(terminated()), "2026-08-01T05:03:00Z"),
        "success",
        "Done",
    ),
    "gone": (None, "retry", "Lost"),
    "another pod of that name": (
        {**pod(terminated()), "metadata": {"name": "a-pod", "uid": "u2"}},
        "retry",
        "Replaced",
    ),
    "out of memory": (pod(terminated(137, "OOMKilled"), phase="Failed"), "retry", "OOMKilled"),
    "out of memory in a child, exit 0": (pod(terminated(0, "OOMKilled")), "retry", "OOMKilled"),
    "evicted, exit 0": (pod(terminated(), phase="Failed", reason="Evicted"), "retry", "Evicted"),
    "evicted, exit 143": (pod(terminated(143), phase="Failed", reason="Evicted"), "retry", "Evicted"),
    "evicted, exit 65": (pod(terminated(65), phase="Failed", reason="Evicted"), "retry", "Evicted"),
    "evicted before it began": (pod(phase="Failed", reason="Evicted"), "retry", "Evicted"),
    "drained": (
        pod(
            terminated(), conditions=[{"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}]
        ),
        "retry",
        "EvictionByEvictionAPI",
    ),
    "node shut down": (pod(running(), phase="Failed", reason="NodeShutdown"), "retry", "NodeShutdown"),
    "deadline, kubelet of 1.20": (
        pod(running(), phase="Failed", reason="DeadlineExceeded"),
        "retry",
        "DeadlineExceeded",
    ),
    "deadline, exit 0": (pod(terminated(), phase="Failed", reason="DeadlineExceeded"), "retry", "DeadlineExceeded"),
    "deleted half way, exit 0": (deleted(pod(terminated()), "2026-08-01T05:01:29Z"), "retry", "Deleted"),
    "deleted in the second in which it ended": (deleted(pod(terminated()), "2026-08-01T05:01:30Z"), "retry", "Deleted"),
    "deleted half way, exit 143": (
        deleted(pod(terminated(143), phase="Failed"), "2026-08-01T05:01:20Z"),
        "retry",
        "Deleted",
    ),
    "deleted while it runs": (deleted(pod(running(), phase="Running"), "2026-08-01T05:01:20Z"), "retry", "Deleted"),
    "killed by a signal": (pod(terminated(137), phase="Failed"), "retry", "Killed"),
    "terminated": (pod(terminated(143), phase="Failed"), "retry", "Killed"),
    "failed without an account": (pod(phase="Failed"), "retry", "Lost"),
    "failed, and exit 0": (pod(terminated(), phase="Failed"), "retry", "Contradiction"),
    "node unknown": (pod(running(), phase="Unknown"), "retry", "Unfinished"),
    "still running": (pod(running(), phase="Running"), "retry", "Unfinished"),
    "a wrong name of an image": (pod(waiting("InvalidImageName"), phase="Pending"), "fail", "InvalidImageName"),
    "an image that cannot be pulled": (pod(waiting("ErrImagePull", "503"), phase="Pending"), "retry", "ErrImagePull"),
    "no such program": (
        pod(terminated(128, "StartError", 'exec: "x": executable file not found in $PATH'), phase="Failed"),
        "fail",
        "CannotRun",
    ),
    "a node too short of something to start": (
        pod(terminated(128, "StartError", "fork: resource temporarily unavailable"), phase="Failed"),
        "retry",
        "CannotRun",
    ),
    "not executable": (pod(terminated(126), phase="Failed"), "fail", "CannotRun"),
    "not found": (pod(terminated(127), phase="Failed"), "fail", "CannotRun"),
    "usage": (pod(terminated(64), phase="Failed"), "fail", "Usage"),
    "data": (pod(terminated(65), phase="Failed"), "fail", "Data"),
    "unavailable": (pod(terminated(69), phase="Failed"), "fail", "Unavailable"),
    "internal": (pod(terminated(70), phase="Failed"), "fail", "Internal"),
    "permission": (pod(terminated(77), phase="Failed"), "fail", "Permission"),
    "configuration": (pod(terminated(78), phase="Failed"), "fail", "Configuration"),
    "input or output": (pod(terminated(74), phase="Failed"), "retry", "Io"),
    "temporary": (pod(terminated(75), phase="Failed"), "retry", "Temporary"),
    "a crash": (pod(terminated(1), phase="Failed"), "retry", "Crash"),
    "the request failed for good": (
        pod(waiting("PodInitializing"), phase="Failed", init=(terminated(78, name="request"),)),
        "fail",
        "Configuration",
    ),
}


@pytest.mark.parametrize(("doc", "state", "reason"), WORLD.values(), ids=WORLD)
def test_each_end_is_what_it_is(doc, state: str, reason: str) -> None:
    verdict = judge(seen(doc), main=MAIN, proof="present")
    assert (verdict.state, verdict.reason) == (state, reason)


@pytest.mark.parametrize("doc", [doc for doc, _, _ in WORLD.values()], ids=WORLD)
@pytest.mark.parametrize("proof", ["absent", "unreadable"])
def test_nothing_succeeds_without_proof(doc, proof) -> None:
    assert judge(seen(doc), main=MAIN, proof=proof).state != "success"


@pytest.mark.parametrize("doc", [doc for doc, _, _ in WORLD.values()], ids=WORLD)
@pytest.mark.parametrize("kill", ["stopped", "timeout", "unschedulable", "no start"])
def test_nothing_succeeds_that_this_process_killed(doc, kill) -> None:
    assert judge(seen(doc), main=MAIN, kill=kill, proof="present").state == "retry"


def test_of_all_combinations_only_an_undisturbed_end_with_0_succeeds() -> None:
    codes = [None, 0, 1, *sorted(PERMANENT), 74, 75, 128, 137, 143, 255]
    reasons = ["", "Completed", "Error", "OOMKilled", "StartError"]
    phases = ["Pending", "Running", "Succeeded", "Failed", "Unknown", ""]
    taken = ["", "Evicted", "DeadlineExceeded", "NodeLost", "Shutdown", "Preempting"]
    for code, reason, phase, why, gone in itertools.product(codes, reasons, phases, taken, (False, True)):
        statuses = () if code is None else (terminated(code, reason),)
        doc = pod(*statuses, phase=phase, reason=why)
        verdict = judge(seen(deleted(doc, FINISHED) if gone else doc), main=MAIN, proof="present")
        undisturbed = code == 0 and reason != "OOMKilled" and phase in ("Succeeded", "Running") and not why and not gone
        assert (verdict.state == "success") == undisturbed, (code, reason, phase, why, gone)
        if verdict.state == "fail":
            assert code in PERMANENT or reason == "StartError"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["Succeeded", "main", "u1", "True"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["metadata", "status", "spec", "name", "uid", "phase", "containerStatuses", "state", "terminated", "exitCode",
             "deletionTimestamp", "conditions", "type", "waiting", "reason", "message", "finishedAt", "resources"]
        ), inner, max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["metadata", "status", "spec"]), values))
def test_whatever_the_api_server_says_is_judged(doc: dict) -> None:
    verdict = judge(observe(doc, uid="u1", main=MAIN), main=MAIN, proof="present")
    if verdict.state == "success":
        assert doc["metadata"]["uid"] == "u1"
        assert doc["status"]["phase"] in ("Succeeded", "Running")


def test_what_a_stage_says_of_its_failure_is_told() -> None:
    said = json.dumps({"error": "upstream is closed", "hint": "wait", "retry_after_s": 120, "peak_mib": 300})
    verdict = judge(seen(pod(terminated(75, message=said), phase="Failed")), main=MAIN)
    assert verdict.retry_after_s == 120
    assert "upstream is closed" in verdict.what
    assert verdict.advice == "wait"


def test_what_an_extractor_says_last_is_told() -> None:
    log = 'fetching\n{"level": "error", "msg": "429", "code": 75, "retry_after_s": 30}\n'
    verdict = judge(seen(pod(terminated(75, message=log), phase="Failed")), main=MAIN)
    assert verdict.retry_after_s == 30
    assert "429" in verdict.what


def test_the_text_has_what_a_person_needs_first() -> None:
    said = json.dumps({"peak_mib": 511})
    facts = seen(pod(terminated(137, "OOMKilled", said), phase="Failed"))
    text = tell(judge(facts, main=MAIN), Story("conform", facts, 2, 1234, [f"line {n}" for n in range(50)]))
    assert text.splitlines()[0] == "conform: reason=OOMKilled exit=137 container=main"
    for expected in (
        "node-1",
        "uid u1",
        "try 2",
        "memory limit 512Mi",
        "peak 511Mi",
        "20 of 1234",
        "line 49",
        "raise memory",
    ):
        assert expected in text
    assert "line 29" not in text


@pytest.mark.parametrize("doc", [doc for doc, _, _ in WORLD.values()], ids=WORLD)
def test_no_text_is_long_or_holds_a_value_of_the_environment(doc) -> None:
    facts = seen(doc)
    text = tell(judge(facts, main=MAIN, proof="absent"), Story("t", facts, 1, 99, ["x" * 9000] * 99))
    assert len(text.splitlines()) < 40
    assert len(text) < 16_000
    assert "hush-hush" not in text


def test_lost_pods_have_a_text_too() -> None:
    assert "reason=Lost" in tell(judge(LOST, main=MAIN), Story("t", LOST))


@pytest.mark.parametrize(
    ("status", "said", "state"),
    [
        (403, 'pods "x" is forbidden: exceeded quota: memory', "retry"),
        (403, 'User "x" cannot create resource "pods"', "fail"),
        (422, "spec.containers[0].image: Required value", "fail"),
        (404, 'namespaces "x" not found', "fail"),
        (429, "slow down", "retry"),
        (500, "etcd", "retry"),
        (0, "connection refused", "retry"),
    ],
)
def test_a_refused_pod_is_tried_again_where_that_may_help(status: int, said: str, state: str) -> None:
    assert refused(status, said).state == state
