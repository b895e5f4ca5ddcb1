"""What became of a pod, from what was observed: a pure function. Killed, evicted, out of memory or lost is never success."""

from dataclasses import dataclass
from typing import Literal

from fieldhouse.errors import Exit
from fieldhouse.pods import message
from fieldhouse.pods.facts import NEVER_STARTS, Ended, Facts

State = Literal["success", "retry", "fail"]
#: Whether what a task must leave behind (a receipt, a seal) is there; `unreadable`: it could not be looked for.
Proof = Literal["present", "absent", "unreadable"]
#: Why this process ended the pod itself; "" where it did not.
Kill = Literal["", "stopped", "timeout", "unschedulable", "no start"]

#: Exit codes after which trying again is of no use.
PERMANENT = frozenset(
    {
        int(Exit.USAGE),
        int(Exit.DATA),
        int(Exit.UNAVAILABLE),
        int(Exit.INTERNAL),
        int(Exit.PERMISSION),
        int(Exit.CONFIGURATION),
        126,
        127,
    }
)
_SIGNALS = frozenset({130, 137, 143})
_NOT_RUN = frozenset({"StartError", "ContainerCannotRun"})
_HOPELESS = ("not found", "no such file", "permission denied", "exec format error", "is a directory")
_TAKEN = frozenset({"Evicted", "NodeLost", "NodeShutdown", "Shutdown", "Terminated", "Preempting", "NodeAffinity"})


@dataclass(frozen=True)
class Verdict:
    """What became of a pod. `reason` is one word for machines, `what` a sentence for people, `advice` what to do.

    `container` and `exit_code`: of the container that decided. `retry_after_s`: what the task asked for.
    """

    state: State
    reason: str
    what: str = ""
    advice: str = ""
    container: str = ""
    exit_code: int | None = None
    retry_after_s: float | None = None


def judge(facts: Facts, *, main: str, kill: Kill = "", proof: Proof = "absent") -> Verdict:
    """What became of the pod. Success is what remains when everything else is ruled out, and is proved."""
    return (
        _killed(kill, facts)
        or _gone(facts)
        or _out_of_memory(facts)
        or _taken(facts)
        or _not_started(facts)
        or _ended_badly(facts)
        or _proved(facts, main, proof)
    )


def _killed(kill: Kill, facts: Facts) -> Verdict | None:
    match kill:
        case "":
            return None
        case "stopped":
            what = "the task's process was told to stop, and took its pod with it"
            return Verdict("retry", "Killed", what, "nothing, if you stopped it; else look why the worker was ended")
        case "timeout":
            return Verdict("retry", "Timeout", "it took longer than execution_timeout allows", _SLOW)
        case "unschedulable":
            why = facts.unscheduled_why or "Kubernetes does not say why"
            advice = "add nodes or lower the memory that the stage asks for; a taint or a full quota looks the same"
            return Verdict("retry", "Unschedulable", f"no node took the pod: {why}", advice)
        case "no start":
            said = "; ".join(f"{w.name}: {w.reason} {w.message}".strip() for w in facts.waiting)
            advice = "see whether its claims, Secrets and ConfigMaps exist and can be mounted"
            return Verdict("retry", "NoStart", f"no container started in time: {said or 'no reason is given'}", advice)


_SLOW = "if it needs longer, raise limits.deadline_s of the source, or the task's deadline in the plan"


def _gone(facts: Facts) -> Verdict | None:
    if not facts.found:
        what = "the pod is gone: it was deleted, or its node was lost, before its end was read"
        return Verdict("retry", "Lost", what, "nothing: a new try starts a new pod; see who deletes pods, if it recurs")
    if not facts.ours:
        what = f"another pod has taken the name {facts.name}"
        return Verdict("retry", "Replaced", what, "see who makes pods in this namespace")
    return None


def _out_of_memory(facts: Facts) -> Verdict | None:
    # A container can end with 0 although a process in it was killed for want of memory.
    for ended in facts.ended:
        if ended.reason == "OOMKilled":
            what = "a process needed more memory than the container's limit"
            advice = "raise memory_mib of the stage in the plan, or split the feed into more buckets"
            return _of(ended, "retry", "OOMKilled", what, advice)
    return None


def _taken(facts: Facts) -> Verdict | None:
    failed = facts.failed
    container, code = (failed.name, failed.exit_code) if failed else ("", None)
    if facts.reason == "DeadlineExceeded":
        what = f"the kubelet ended it: {facts.message or 'activeDeadlineSeconds was reached'}"
        return Verdict("retry", "DeadlineExceeded", what, _SLOW, container, code)
    if facts.reason in _TAKEN or facts.disrupted:
        reason = facts.reason if facts.reason in _TAKEN else facts.disrupted
        what = f"Kubernetes took the pod away{': ' + facts.message if facts.message else ''}"
        advice = "nothing, if the node was drained; if it ran out of disk or memory, see what else runs there"
        return Verdict("retry", reason, what, advice, container, code)
    if facts.deleted:
        what = "somebody deleted the pod while it ran; whatever it ended with is no result"
        return Verdict("retry", "Deleted", what, "see who deletes pods in this namespace", container, code)
    return None


def _not_started(facts: Facts) -> Verdict | None:
    stuck = facts.stuck
    if stuck is None:
        return None
    never = stuck.reason in NEVER_STARTS
    advice = "correct the image's name or its digest; see FIELDHOUSE_PODS_IMAGE in docs/kubernetes.md"
    what = f"its image cannot be had: {stuck.message or stuck.reason}"
    return Verdict("fail" if never else "retry", stuck.reason, what, advice, stuck.name)


def _ended_badly(facts: Facts) -> Verdict | None:
    ended = facts.failed
    if ended is None:
        return None
    said = message.read(ended.message)
    why = f": {said.error}" if said.error else ""
    code = ended.exit_code
    if ended.reason in _NOT_RUN or code in (126, 127):
        return _cannot_run(ended, said.error or said.text.strip().partition("\n")[0])
    if code in PERMANENT:
        kind = Exit(code)
        return _of(ended, "fail", kind.name.capitalize(), f"{_MEANS[kind]}{why}", said.hint or _ADVICE[kind])
    if code in _SIGNALS:
        return _of(
            ended, "retry", "Killed", f"a signal ended it{why}", "nothing, unless it recurs: see the node's events"
        )
    if code in (Exit.TEMPORARY, Exit.IO):
        kind = Exit(code)
        found = _of(ended, "retry", kind.name.capitalize(), f"{_MEANS[kind]}{why}", said.hint or _ADVICE[kind])
        return _after(found, said.retry_after_s)
    return _of(ended, "retry", "Crash", f"it ended with a code that nobody gave a meaning{why}", "its log says more")


def _cannot_run(ended: Ended, said: str) -> Verdict:
    what = f"its entrypoint cannot be run{': ' + said if said else ''}"
    # The runtime says "cannot start" of a node that is short of something, too; that passes.
    for_good = ended.exit_code in (126, 127) or any(word in said.lower() for word in _HOPELESS)
    return _of(ended, "fail" if for_good else "retry", "CannotRun", what, "correct the image or its entrypoint")


_MEANS = {
    Exit.USAGE: "it does not understand what it was asked",
    Exit.DATA: "the data were refused",
    Exit.UNAVAILABLE: "upstream, or the lake, permanently says no",
    Exit.INTERNAL: "a defect that it recognised itself",
    Exit.PERMISSION: "access was denied",
    Exit.CONFIGURATION: "a declaration or setting is wrong",
    Exit.TEMPORARY: "a temporary failure",
    Exit.IO: "it could not read or write",
}
_ADVICE = {
    Exit.USAGE: "see whether the image and the pipeline are of versions that know each other",
    Exit.DATA: "look at what was refused, in the log and under aside/ in the lake, then mend source, mapping or check",
    Exit.UNAVAILABLE: "see whether upstream has moved; then correct the source's declaration",
    Exit.INTERNAL: "report it with the log",
    Exit.PERMISSION: "see whether the source's Secret holds what upstream accepts",
    Exit.CONFIGURATION: "correct what the log names, and run the task again",
    Exit.TEMPORARY: "nothing: it is tried again",
    Exit.IO: "see whether the claims have space",
}


def _proved(facts: Facts, main: str, proof: Proof) -> Verdict:
    ended = facts.end_of(main)
    if ended is None:
        if facts.phase in ("Failed", "Succeeded"):
            what = f"the pod ended without an account of its containers: {facts.reason} {facts.message}".strip(": ")
            return Verdict("retry", "Lost", what, "see whether its node is well")
        return Verdict("retry", "Unfinished", "the pod has not ended", "nothing: the next try finds the pod again")
    if facts.phase not in ("Succeeded", "Running"):
        what = f"its container ended with 0, but the pod's phase is {facts.phase or 'unknown'}"
        return _of(ended, "retry", "Contradiction", what, "see the pod's events")
    match proof:
        case "present":
            return _of(ended, "success", "Done")
        case "absent":
            what = "it ended with 0 and left no proof of its work: no seal, or no receipt in the lake"
            return _of(
                ended, "retry", "Unproved", what, "if it recurs, the program ends with 0 before its work is done"
            )
        case "unreadable":
            what = "it ended with 0, but its proof could not be looked for"
            advice = "see whether workers mount lake and scratch, where FIELDHOUSE_LAKE and FIELDHOUSE_SCRATCH say"
            return _of(ended, "retry", "Unproved", what, advice)


def _of(ended: Ended, state: State, reason: str, what: str = "", advice: str = "") -> Verdict:
    return Verdict(state, reason, what, advice, ended.name, ended.exit_code)


def _after(verdict: Verdict, seconds: float | None) -> Verdict:
    return Verdict(**{**vars(verdict), "retry_after_s": seconds})


def refused(status: int, said: str) -> Verdict:
    """What it means that the API server refuses to make a pod; `status` 0: it was not reached."""
    what = f"Kubernetes did not make the pod: {said or status}"
    if status == 403 and "exceeded quota" in said:
        return Verdict("retry", "Quota", what, "wait for other pods to end, or raise the namespace's quota")
    if status in (401, 403):
        return Verdict("fail", "Forbidden", what, "give the worker's service account the Role of the deployment")
    if status in (400, 404, 405, 413, 415, 422):
        return Verdict("fail", "Refused", what, "correct the settings of pods: docs/kubernetes.md lists them")
    return Verdict("retry", "Unreachable", what, "see whether the API server is well")
