"""Which of the pods that earlier tries left is gone on with, and which are cleared away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldhouse.pods.facts import Facts, observe

#: A label of pods whose end has been read: nobody goes on with them.
READ = "already_checked"


@dataclass(frozen=True)
class Left:
    """A pod that is there already, as a document, and what is known of it."""

    doc: Mapping[str, object]
    facts: Facts
    made: str
    read: bool
    leaving: bool


@dataclass(frozen=True)
class Choice:
    """`adopted`: the pod to go on with, if any. `cleared`: those to read to their end and delete."""

    adopted: Left | None
    cleared: tuple[Left, ...]


def left(doc: Mapping[str, object], main: str) -> Left:
    """A pod's document as one that is there already."""
    metadata = doc.get("metadata")
    known: Mapping[str, object] = metadata if isinstance(metadata, Mapping) else {}
    labels = known.get("labels")
    read = isinstance(labels, Mapping) and labels.get(READ) == "True"
    facts = observe(doc, uid="", main=main)
    return Left(doc, facts, str(known.get("creationTimestamp", "")), read, "deletionTimestamp" in known)


def choose(pods: Sequence[Left], *, uid: str, main: str) -> Choice:
    """Choose among the pods of one task instance; `uid`: the one that the last try noted, if it did.

    A pod that is leaving is nobody's. One that runs, or has ended well without anybody having read its end, is gone on
    with: the noted one first, else the youngest. The others are in the way.
    """
    staying = [pod for pod in pods if not pod.leaving]
    good = [pod for pod in staying if not pod.read and not _failed(pod.facts, main)]
    good.sort(key=lambda pod: (pod.facts.uid == uid, pod.made, pod.facts.name))
    adopted = good[-1] if good else None
    return Choice(adopted, tuple(pod for pod in staying if pod is not adopted))


def _failed(facts: Facts, main: str) -> bool:
    if not facts.over(main):
        return False
    ended = facts.end_of(main)
    return facts.phase == "Failed" or bool(facts.failed or facts.stuck) or ended is None
