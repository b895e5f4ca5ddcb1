"""One fault, played once: tries are begun, what goes wrong is made to, and what came of it is counted."""

import json
import multiprocessing
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from truth import task
from truth.operators import TASK, Wish
from truth.world import CLAIM, World

#: Processes that have Airflow imported already, as a worker's have when it forks one for a task.
SPAWN = multiprocessing.get_context("forkserver")
_LINE = re.compile(r"truth ([a-z0-9-]+):(\d{6,})")


@dataclass(frozen=True)
class Outcome:
    """How a process ended: the state of Airflow's, `lost` where it was killed, or `hangs`. Times are seconds of 1970.

    `entered`: when Airflow's runner took over; `cpu`: what the process used, in seconds.
    """

    state: str
    message: str = ""
    ended: float = 0.0
    deferral: Mapping[str, object] | None = None
    event: object = None
    entered: float = 0.0
    cpu: float = 0.0


class Running:
    """A process of one try."""

    def __init__(self, target: Callable[..., None], arguments: tuple[object, ...], folder: Path) -> None:
        self.folder = folder
        self.began = time.time()
        self._process = SPAWN.Process(target=target, args=arguments)
        self._process.start()

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self._process.pid, number)

    def wait(self, seconds: float) -> Outcome:
        """Wait for its end; one that takes longer hangs, and is killed."""
        self._process.join(seconds)
        hangs = self._process.is_alive()
        if hangs:
            self._process.kill()
            self._process.join()
        path = self.folder / "outcome.json"
        if not path.exists():
            return Outcome("hangs" if hangs else "lost", ended=time.time())
        found = json.loads(path.read_text())
        return Outcome(*(found.get(name, default) for name, default in _OUTCOME.items()))

    @property
    def log(self) -> list[str]:
        """The events in its log so far."""
        return events(self.folder / "log.jsonl")


_OUTCOME = {"state": "lost", "message": "", "ended": 0.0, "deferral": None, "event": None, "entered": 0.0, "cpu": 0.0}


@dataclass
class Play:
    """One fault, one operator, once. `wish` is what its tries have in common."""

    world: World
    wish: Wish
    patches: Mapping[str, object] = field(default_factory=dict)
    patience_s: float = 180.0
    tries: list[Outcome] = field(default_factory=list)
    _begun: list[Running] = field(default_factory=list)
    _line: int = 0  # of several tries at once: which

    def begin(self, **other: object) -> Running:
        """Begin the next try in a process of its own; with other wishes, it may be another task's or a try's double."""
        self.wish = replace(self.wish, **{"attempt": 1 + self._attempts(), **other})
        self._prepare_receipt()
        self._line += 1
        return self._start(None)

    def _attempts(self) -> int:
        return max((int(run.folder.name.split("-")[0]) for run in self._begun), default=0)

    def resume(self, deferral: Mapping[str, object], event: object) -> Running:
        """Go on with a task whose trigger has fired."""
        kwargs = dict(deferral.get("next_kwargs") or {})
        return self._start((str(deferral["next_method"]), _with_event(kwargs, event)))

    def trigger(self, deferral: Mapping[str, object]) -> Running:
        """Let a triggerer wait for a deferred task."""
        return self._run(task.pull, lambda folder: (folder, deferral, self.patches))

    def finish(self, run: Running) -> Outcome:
        """See a try to its end: a deferred one, too, by way of the triggerer."""
        outcome = run.wait(self.patience_s)
        while outcome.state == "deferred" and outcome.deferral is not None:
            fired = self.trigger(outcome.deferral).wait(self.patience_s)
            outcome = self.resume(outcome.deferral, fired.event).wait(self.patience_s)
        self.tries.append(outcome)
        return outcome

    def _start(self, resume: tuple[str, Mapping[str, object]] | None) -> Running:
        store = self.folder / f"store{self.wish.map_index}.json"
        return self._run(
            task.run,
            lambda folder: (task.Order(self.wish, folder, store, resume, patches=self.patches),),
        )

    def _run(self, target: Callable[..., None], arguments: Callable[[Path], tuple[object, ...]]) -> Running:
        folder = self.folder / f"{self.wish.attempt}-{self._line}-{len(self._begun)}"
        folder.mkdir(parents=True)
        run = Running(target, arguments(folder), folder)
        self._begun.append(run)
        return run

    @property
    def folder(self) -> Path:
        """Where its processes leave what they have to say."""
        return self.world.folder / "plays" / self.wish.key

    # Waiting for what is to be disturbed.

    def until_shown(self, run: Running, lines: int) -> None:
        """Until so many of the pod's lines are in the task's log."""
        _until(lambda: sum(len(_LINE.findall(event)) for event in run.log) >= lines, f"{lines} lines shown")

    def until_written(self, lines: int) -> None:
        """Until the youngest pod has written so many lines."""
        _until(lambda: (pods := self.seen) and written(self.world, name_of(pods[-1])) >= lines, f"{lines} lines")

    def until_begun(self, pods: int = 1) -> None:
        """Until so many pods run their program."""
        notes = self.world.folder / "lake/truth/pods"
        _until(lambda: sum((notes / f"{name_of(p)}.began").exists() for p in self.seen) >= pods, "the pod's program")

    def until_seen(self) -> None:
        """Until the watch has caught up: it has seen a pod."""
        _until(lambda: self.seen, "a pod")

    def until_ended(self) -> None:
        """Until the youngest pod's containers have ended."""
        _until(lambda: (pods := self.seen) and end_of(pods[-1]) is not None, "the pod's end")

    @property
    def seen(self) -> list[dict]:
        """All pods that there ever were."""
        return self.world.watch.of(self.wish.key)

    def delete_pod(self, **how: object) -> None:
        """Delete the youngest pod, as somebody else would."""
        name = name_of(self.seen[-1])
        self.world.api.delete_namespaced_pod(name, self.world.namespace, **how)

    @property
    def logs(self) -> list[list[str]]:
        """The log of each try, whichever process wrote it."""
        tries: dict[str, list[str]] = {}
        for run in self._begun:
            tries.setdefault(run.folder.name.rpartition("-")[0], []).extend(run.log)
        return list(tries.values())

    @property
    def raw_logs(self) -> str:
        """All that was logged, as it was."""
        return "".join(path.read_text() for path in self.folder.glob("*/log.jsonl"))

    def _prepare_receipt(self) -> None:
        from fieldhouse.lake import documents
        from fieldhouse.lake.runs import Receipt
        from fieldhouse.pods.identity import run_id

        run = run_id(self.wish.dag, self.wish.run)
        folder = self.world.folder / "lake/truth/receipts" / run
        receipt = Receipt(run, TASK, 1)
        folder.mkdir(exist_ok=True)
        (folder / "receipt.json").write_bytes(documents.dump(receipt.doc()))
        (folder / "message.json").write_text(json.dumps({"receipt": receipt.digest}))


def wish_for(world: World, key: str, **more: object) -> Wish:
    """A wish of this key, in names that no other has."""
    return Wish(
        key=key, dag=f"truth.{key}", run=f"manual__{key}", namespace=world.namespace, image=world.image,
        kubeconfig=world.kubeconfig, canary=f"canary{os.urandom(8).hex()}", claim=CLAIM, **more,
    )  # fmt: skip


def events(path: Path) -> list[str]:
    """The events in a log of Airflow's, one string each; a line that is being written is left for later."""
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(str(json.loads(line)["event"]))
        except ValueError:
            continue
    return found


def shown(log: list[str]) -> Counter[tuple[str, int]]:
    """How often each line of each pod is in a log."""
    return Counter((pod, int(number)) for event in log for pod, number in _LINE.findall(event))


def written(world: World, pod: str) -> int:
    """How many lines a pod has written."""
    path = world.folder / "lake/truth/pods" / f"{pod}.lines"
    text = path.read_text() if path.exists() else ""
    return int(text) if text else 0


def noted(world: World, pod: str, what: str) -> float | None:
    """When a pod's program `began` or `ended`, by its own account; None where it did not say."""
    path = world.folder / "lake/truth/pods" / f"{pod}.{what}"
    return float(path.read_text()) if path.exists() else None


def name_of(pod: Mapping[str, dict]) -> str:
    """A pod's name."""
    return str(pod["metadata"]["name"])


def end_of(pod: Mapping[str, dict]) -> Mapping[str, object] | None:
    """How its container ended, if it did."""
    for status in pod.get("status", {}).get("containerStatuses") or []:
        return status["state"].get("terminated")
    return None


def _with_event(kwargs: dict, event: object) -> dict:
    """The arguments of a resumed method, in Airflow's serialized form, with the trigger's event among them."""
    from airflow.sdk.serde import deserialize, serialize

    return serialize({**(deserialize(kwargs) if kwargs else {}), "event": deserialize(event)})


def _until(seen: Callable[[], object], what: str, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.1)


SIGTERM, SIGKILL = signal.SIGTERM, signal.SIGKILL
