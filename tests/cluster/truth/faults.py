"""What goes wrong: the faults of the matrix, each with the program of its pod, what is done to it, and the true state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from truth import scripts
from truth.play import Play

LONG = "log 600 20; receipt; exit 0"
SHORT = "log 20 20"


@dataclass(frozen=True, eq=False)
class Fault:
    """One way in which things go wrong.

    `states`: those of the tries that are true, alternatives side by side; `pods`: how many may run, where that matters.
    `wish`: what the tries ask for besides; `patches`: waits that are shortened, per operator. `repeat`: how often the
    stock operator is tried, where its end is a race. `alone`: nothing else runs meanwhile, as a part of the cluster stops.
    """

    id: str
    title: str
    program: str
    script: Callable[[Play], None]
    states: tuple[str, ...]
    why: str
    pods: int = 0
    wish: Mapping[str, object] = field(default_factory=dict)
    patches: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    patience_s: float = 240.0
    repeat: int = 1
    alone: bool = False
    quick: bool = False

    @property
    def number(self) -> int:
        """Which of the twenty it is."""
        return int("".join(c for c in self.id if c.isdigit()))


_RETRY = ("up_for_retry",)
_DEFERRED = {"deferrable": True}
_LEAVES_SOON = {"ours": {"fieldhouse.pods.watching:_LEAVING_S": 10.0}}

FAULTS = (
    Fault("1", "SIGTERM to the task's process, as a drained node or a deleted worker pod sends it", LONG,
          scripts.sigterm, _RETRY, "half of the work is done", repeat=3, quick=True),
    Fault("1b", "the same, and the program ends with 0 on SIGTERM", f"on_term 0; {LONG}",
          scripts.sigterm, _RETRY, "half of the work is done", repeat=3),
    Fault("2", "worker and workload are deleted within a second", f"on_term 0; {LONG}",
          scripts.both, _RETRY, "half of the work is done", repeat=3),
    Fault("3", "somebody deletes the workload's pod", LONG,
          scripts.deleted, _RETRY, "half of the work is done"),
    Fault("3b", "the same, and the program ends with 0 on SIGTERM", f"on_term 0; {LONG}",
          scripts.deleted, _RETRY, "an exit code of 0 after SIGTERM is no result", repeat=3, quick=True),
    Fault("3c", "the same, deferrable", f"on_term 0; {LONG}",
          scripts.deleted_deferred, _RETRY, "an exit code of 0 after SIGTERM is no result", wish=_DEFERRED),
    Fault("3d", "deferrable: the pod is gone when the task resumes", f"{SHORT}; receipt; exit 0",
          scripts.gone_on_resume, _RETRY, "nobody has read how it ended", wish=_DEFERRED),
    Fault("3e", "the pod is deleted by force, without grace", LONG,
          scripts.forced, _RETRY, "half of the work is done"),
    Fault("4", "out of memory", f"{SHORT}; eat 500; receipt; exit 0",
          scripts.undisturbed, _RETRY, "the kernel killed it", quick=True),
    Fault("4b", "a child process is killed for want of memory, and the program ends with 0",
          f"{SHORT}; child_eats 500; receipt; exit 0", scripts.undisturbed, _RETRY, "part of the work was killed"),
    Fault("4c", "out of memory, deferrable", f"{SHORT}; eat 500; receipt; exit 0",
          scripts.undisturbed, _RETRY, "the kernel killed it", wish=_DEFERRED),
    Fault("5", "the kubelet evicts it (disk), and the program ends with 0 on SIGTERM",
          f"on_term 0; {SHORT}; fill 40; receipt; log 600 10; exit 0", scripts.undisturbed, _RETRY,
          "it was stopped half way", wish={"settings": {"spill": "16Mi"}}),
    Fault("6", "the node is gone: the pod is deleted and does not leave", "log 3000 20; receipt; exit 0",
          scripts.node_gone, _RETRY, "nobody knows what became of it", patches=_LEAVES_SOON,
          patience_s=200, alone=True),
    Fault("7", "an image whose name cannot be one", f"{SHORT}; receipt; exit 0",
          scripts.undisturbed, ("failed",), "no patience cures it", wish={"image": "Not/An:Image!"}),
    Fault("7b", "an image that cannot be pulled at the first try", f"{SHORT}; receipt; exit 0",
          scripts.image_comes, ("up_for_retry → success",), "registries have bad days"),
    Fault("8", "exit 0 without a result", f"{SHORT}; exit 0",
          scripts.undisturbed, _RETRY, "there is no receipt", quick=True),
    Fault("9", "exit 1 after the result was written", f"{SHORT}; receipt; exit 1",
          scripts.undisturbed, _RETRY, "it says that it failed"),
    Fault("9b", "exit 65: the data are refused for good", f"{SHORT}; exit 65",
          scripts.undisturbed, ("failed",), "trying again is of no use"),
    Fault("10", "exit 0, and the digest that is stated is not the receipt's", f"{SHORT}; wrong_receipt; exit 0",
          scripts.undisturbed, _RETRY, "what it states is not in the lake"),
    Fault("11", "the API server answers 503, 429, then nothing, 20 s each", "log 800 20; receipt; exit 0",
          scripts.api_unwell, ("success",), "the pod does its work meanwhile", pods=1),
    Fault("11b", "the API server is down for 60 s", "log 800 20; receipt; exit 0",
          scripts.api_gone, ("success",), "the pod does its work meanwhile", pods=1, patience_s=240, alone=True),
    Fault("12", "a log of 100,000 lines, as fast as can be", "log 100000; receipt; exit 0",
          scripts.undisturbed, ("success",), "nothing is wrong", repeat=3, quick=True, patience_s=400),
    Fault("12b", "a line of 5 MB", f"{SHORT}; line 5000000; {SHORT}; receipt; exit 0",
          scripts.undisturbed, ("success",), "nothing is wrong"),
    Fault("12c", "binary bytes, and no newline at the end", f"{SHORT}; binary; {SHORT}; tail; receipt; exit 0",
          scripts.undisturbed, ("success",), "nothing is wrong"),
    Fault("12d", "a log of 24 MB, which the node rotates while it is read", "log 3000 120 8000; receipt; exit 0",
          scripts.undisturbed, ("success",), "nothing is wrong; lines that nobody has any more are said to be missing"),
    Fault("12e", "the log's connection breaks every three seconds", "log 1200 100; receipt; exit 0",
          scripts.log_breaks, ("success",), "nothing is wrong"),
    Fault("13", "nothing is logged for long, then the log goes on", f"{SHORT}; sleep 22; {SHORT}; receipt; exit 0",
          scripts.undisturbed, ("success",), "nothing is wrong", wish={"silence_s": 5}),
    Fault("14", "the worker is lost; the pod runs on", "log 300 20; receipt; exit 0",
          scripts.lost_worker, ("lost → success",), "the second try goes on with the pod", pods=1, quick=True),
    Fault("15", "the worker is lost; the pod ends well before the retry", "log 60 20; receipt; exit 0",
          scripts.lost_worker_pod_ended, ("lost → success",), "the work is done", pods=1),
    Fault("16", "two schedulers begin the same try", "log 120 20; receipt; exit 0",
          scripts.two_schedulers, ("success → success", "success → up_for_retry", "up_for_retry → success"),
          "one pod does the work, whoever sees its end", pods=1),
    Fault("17", "the triggerer is killed and another takes over", "log 240 20; receipt; exit 0",
          scripts.triggerer_restarts, ("success",), "nothing is wrong with the pod", pods=1, wish=_DEFERRED),
    Fault("18", "two tasks with ids that differ behind the length of a label", "log 60 20; receipt; exit 0",
          scripts.mapped, ("success → up_for_retry",), "each has its own pod", pods=2),
    Fault("19", "the task is cleared while it runs", "log 200 20; receipt; exit 0",
          scripts.cleared, ("cleared → success",), "the first pod is gone, the second does the work", pods=2),
    Fault("20", "execution_timeout", "log 2400 20",
          scripts.undisturbed, _RETRY, "it took too long", wish={"timeout_s": 25}),
    Fault("20b", "execution_timeout, deferrable", "log 2400 20",
          scripts.undisturbed, _RETRY, "it took too long", wish={**_DEFERRED, "timeout_s": 25}),
    Fault("20c", "the kubelet's own deadline, after which this kubelet calls the container running", "log 2400 20",
          scripts.undisturbed, _RETRY, "it took too long", wish={"deadline_s": 1, "settings": {"startup_s": 20.0}},
          patience_s=75),
)  # fmt: skip
