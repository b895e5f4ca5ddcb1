"""What can be observed of a pod, as plain data: read from the JSON that the API server returns, whoever asked for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Doc = Mapping[str, object]

#: Waiting reasons that no patience cures, and those of an image that cannot be pulled (now).
NEVER_STARTS = frozenset({"InvalidImageName", "ErrImageNeverPull", "ImageInspectError"})
NO_IMAGE = frozenset({"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"})


@dataclass(frozen=True)
class Ended:
    """A container that has ended. `reason` and `message` are the runtime's and the container's own."""

    name: str
    exit_code: int
    reason: str = ""
    message: str = ""
    finished: datetime | None = None


@dataclass(frozen=True)
class Waiting:
    """A container that has not started, and why not."""

    name: str
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Facts:
    """One look at a pod.

    `found`: the API server knows a pod of that name. `ours`: it is the very pod that was made, by its uid.
    `deleted`: somebody asked for its deletion before its main container had ended by itself.
    `disrupted`: why Kubernetes took it away, where it says so (a drained node, preemption).
    """

    found: bool = True
    ours: bool = True
    name: str = ""
    uid: str = ""
    node: str = ""
    phase: str = ""
    reason: str = ""
    message: str = ""
    scheduled: bool = False
    unscheduled_why: str = ""
    deleted: bool = False
    disrupted: str = ""
    ended: tuple[Ended, ...] = ()
    running: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    limits: Mapping[str, str] | None = None

    def end_of(self, container: str) -> Ended | None:
        """How a container ended, if it has."""
        return next((ended for ended in self.ended if ended.name == container), None)

    @property
    def failed(self) -> Ended | None:
        """The first container that ended with anything but 0: what came after it is its consequence."""
        return next((ended for ended in self.ended if ended.exit_code or ended.reason == "OOMKilled"), None)

    @property
    def started(self) -> bool:
        """Whether any container has begun."""
        return bool(self.ended or self.running)

    @property
    def stuck(self) -> Waiting | None:
        """The container whose image will not come, as far as can be told now."""
        return next((w for w in self.waiting if w.reason in NEVER_STARTS | NO_IMAGE), None)

    def over(self, main: str) -> bool:
        """Whether nothing more is to be expected of the pod. The phase counts, not what a dead kubelet last reported."""
        if not (self.found and self.ours) or self.phase in ("Succeeded", "Failed"):
            return True
        return bool(self.failed or self.stuck or self.end_of(main))


LOST = Facts(found=False)


def observe(pod: Doc | None, *, uid: str, main: str) -> Facts:
    """The facts in a pod's document (None: the API server knows none); `uid`: that of the pod which was made."""
    if pod is None:
        return LOST
    metadata, status, spec = _table(pod, "metadata"), _table(pod, "status"), _table(pod, "spec")
    statuses = [*_tables(status, "initContainerStatuses"), *_tables(status, "containerStatuses")]
    ended = tuple(_ended(s) for s in statuses if _table(s, "state", "terminated"))
    return Facts(
        ours=not uid or _text(metadata, "uid") == uid,
        name=_text(metadata, "name"),
        uid=_text(metadata, "uid"),
        node=_text(spec, "nodeName"),
        phase=_text(status, "phase"),
        reason=_text(status, "reason"),
        message=_text(status, "message"),
        scheduled=bool(_text(spec, "nodeName")),
        unscheduled_why=_condition(status, "PodScheduled", "False", "message"),
        deleted=_deleted_before(metadata, next((e.finished for e in ended if e.name == main), None)),
        disrupted=_condition(status, "DisruptionTarget", "True", "reason"),
        ended=ended,
        running=tuple(_text(s, "name") for s in statuses if "running" in _table(s, "state")),
        waiting=tuple(_waiting(s) for s in statuses if "waiting" in _table(s, "state")),
        limits=dict(_limits(spec)),
    )


def _ended(status: Doc) -> Ended:
    found = _table(status, "state", "terminated")
    code = found.get("exitCode")
    return Ended(
        _text(status, "name"),
        code if isinstance(code, int) else -1,
        _text(found, "reason"),
        _text(found, "message"),
        _time(found.get("finishedAt")),
    )


def _waiting(status: Doc) -> Waiting:
    found = _table(status, "state", "waiting")
    return Waiting(_text(status, "name"), _text(found, "reason"), _text(found, "message"))


def _deleted_before(metadata: Doc, finished: datetime | None) -> bool:
    """Whether the deletion was asked for before the main container had ended; where that cannot be told, it was."""
    due = _time(metadata.get("deletionTimestamp"))
    if due is None:
        return False
    grace = metadata.get("deletionGracePeriodSeconds")
    asked = due - timedelta(seconds=grace if isinstance(grace, int) else 0)
    return finished is None or asked <= finished


def _limits(spec: Doc) -> Iterator[tuple[str, str]]:
    for container in (*_tables(spec, "initContainers"), *_tables(spec, "containers")):
        yield _text(container, "name"), _text(_table(container, "resources", "limits"), "memory")


def _condition(status: Doc, kind: str, value: str, key: str) -> str:
    for condition in _tables(status, "conditions"):
        if _text(condition, "type") == kind and _text(condition, "status") == value:
            return _text(condition, key) or kind
    return ""


def _table(doc: Doc, *path: str) -> Doc:
    for key in path:
        value = doc.get(key)
        doc = value if isinstance(value, Mapping) else {}
    return doc


def _tables(doc: Doc, key: str) -> list[Doc]:
    value = doc.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, Sequence) else []


def _text(doc: Doc, key: str) -> str:
    value = doc.get(key)
    return value if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
