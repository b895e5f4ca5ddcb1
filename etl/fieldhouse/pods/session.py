"""One task's dealings with its pod, from finding or making it to putting it away; Airflow only calls them in order."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fieldhouse.extract.log import LogRecord
from fieldhouse.pods import adopting, evidence, message
from fieldhouse.pods.adopting import READ, Left
from fieldhouse.pods.cluster import Cluster, Doc, Refused, Unreachable
from fieldhouse.pods.evidence import Evidence
from fieldhouse.pods.facts import Facts, observe
from fieldhouse.pods.identity import OWNER, TRY
from fieldhouse.pods.languages import Runtime
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.telling import Story, tell
from fieldhouse.pods.verdict import Kill, Verdict, judge, refused
from fieldhouse.pods.watching import End, Watch, Watched
from fieldhouse.pods.work import MAIN, REQUEST, Work, program

KEPT = "fieldhouse/kept"
#: A seal or receipt that another node wrote may take a moment to be seen here.
_LOOKS, _LOOK_PAUSE_S = 5, 1.0
#: Seconds that a pod of the same name may take to leave before it is made anew.
_LEAVING_S = 60.0


class Over(Exception):
    """The task is over without success: the message is for people, the verdict for Airflow."""

    def __init__(self, verdict: Verdict, text: str) -> None:
        super().__init__(text)
        self.verdict = verdict


@dataclass(frozen=True)
class Voice:
    """Where a session speaks: `line` gets a container's log, `note` what the session itself has to say."""

    line: Callable[[str, LogRecord], None]
    note: Callable[[str], None]


class Session:
    """One try's dealings with its pod. `killed`: whether this process was told to stop."""

    def __init__(
        self, cluster: Cluster, work: Work, settings: PodSettings, voice: Voice, killed: Callable[[], bool]
    ) -> None:
        self.work = work
        self.name = self.uid = ""
        self._cluster = cluster
        self._settings = settings
        self._voice = voice
        self._killed = killed
        self._runtime: Runtime = program(work, settings).runtime
        self._open: Watch | None = None

    # The pod.

    def begin(self, request: object, noted_uid: str) -> Doc:
        """Go on with the pod that an earlier try left in good order, else make `request`; Over where that is refused."""
        try:
            doc = self._adopt(noted_uid) or self._make(request)
        except Refused as no:
            raise self._over(refused(no.status, no.said), End(Facts(found=False))) from None
        except Unreachable as no:
            raise self._over(refused(0, str(no)), End(Facts(found=False))) from None
        self._take(doc)
        return doc

    def resume(self, name: str, uid: str) -> None:
        """Go on with a pod that was made before this process began."""
        self.name, self.uid = name, uid
        doc = self._cluster.look(name)
        if doc is not None and observe(doc, uid=uid, main=MAIN).ours:
            self._take(doc)

    def _take(self, doc: Doc) -> None:
        facts = observe(doc, uid="", main=MAIN)
        self.name, self.uid = facts.name, facts.uid
        attempt = _labels(doc).get(TRY)
        if isinstance(attempt, str) and attempt.isdigit():  # a pod of an earlier try works in that try's folder
            self.work = replace(self.work, identity=replace(self.work.identity, attempt=int(attempt)))

    def _adopt(self, noted_uid: str) -> Doc | None:
        owned = [adopting.left(doc, MAIN) for doc in self._cluster.owned(OWNER, self.work.identity.owner)]
        choice = adopting.choose(owned, uid=noted_uid, main=MAIN)
        for pod in choice.cleared:
            self._clear(pod)
        if choice.adopted is None:
            return None
        self._voice.note(f"going on with the pod {choice.adopted.facts.name} of an earlier try")
        return choice.adopted.doc

    def _clear(self, pod: Left) -> None:
        """Show the log of a pod that is in the way, if nobody has read it, and delete it."""
        name, uid = pod.facts.name, pod.facts.uid
        self._voice.note(f"clearing away the pod {name} (phase {pod.facts.phase or 'unknown'}) of an earlier try")
        if not pod.read:
            self._watch(name, uid).as_it_is()
        self._cluster.delete(name, uid)

    def _make(self, request: object) -> Doc:
        self.name = name = self.work.identity.pod_name  # from here on there may be such a pod
        until = time.monotonic() + _LEAVING_S
        while True:
            made = self._cluster.make(request)
            if made is not None:
                self._voice.note(f"made the pod {name}")
                return made
            there = self._cluster.look(name)
            if there is not None and not adopting.left(there, MAIN).leaving and self._is_ours(there):
                return there  # the answer was lost on its way: the pod was made
            if time.monotonic() > until:
                raise Refused(422, f"a pod called {name} is there already, and is not of this task")
            time.sleep(self._settings.poll_s)

    def _is_ours(self, doc: Doc) -> bool:
        identity = self.work.identity
        return (_labels(doc).get(OWNER), _labels(doc).get(TRY)) == (identity.owner, str(identity.attempt))

    # Its end.

    def see_through(self) -> Evidence:
        """Watch the pod to its end and put it away; what it has left behind. Over for everything but success."""
        try:
            return self._conclude(self._watch_on().until_over())
        except (Refused, Unreachable) as no:
            self._watch_on().stop()
            if self._killed():
                self.delete()
            # The pod is left alone: it may be well, and the next try finds it.
            status = no.status if isinstance(no, Refused) else 0
            verdict = replace(refused(status, ""), what=f"the pod could not be watched: {no}")
            raise self._over(verdict, End(Facts(name=self.name, uid=self.uid))) from None

    def kill(self, why: Kill) -> Evidence:
        """End the pod for a reason of ours; always Over."""
        return self._conclude(self._watch_on().kill(why))

    def limit(self) -> Kill:
        """Which limit it is that a pod has reached that somebody else waited for."""
        facts = observe(self._cluster.look(self.name), uid=self.uid, main=MAIN)
        if facts.started or not facts.found:
            return "timeout"
        return "no start" if facts.scheduled else "unschedulable"

    def delete(self) -> None:
        """Delete the pod now; that it cannot be deleted is told, not raised."""
        try:
            self._cluster.delete(self.name, self.uid, self._runtime.grace_s)
        except (Refused, Unreachable) as no:
            self._voice.note(f"the pod {self.name} could not be deleted: {no}")

    def _watch_on(self) -> Watch:
        """The watch over the session's pod: one, so that no line is shown twice, whatever interrupts it."""
        if self._open is None:
            self._open = self._watch(self.name, self.uid)
        return self._open

    def _watch(self, name: str, uid: str) -> Watch:
        containers = (REQUEST, MAIN) if self.work.extracts else (MAIN,)
        return Watch(
            Watched(name, uid, containers, self._runtime.grace_s),
            self._settings,
            look=lambda: self._cluster.look(name),
            open_log=lambda container: self._cluster.log(name, container),
            show=self._voice.line,
            delete=self.delete,
            killed=self._killed,
        )

    def _conclude(self, end: End) -> Evidence:
        found = self._evidence(end)
        verdict = _as_asked(judge(end.facts, main=MAIN, kill=end.kill, proof=found.proof), end)
        self._put_away(end)
        if (
            verdict.state == "success" and self._killed()
        ):  # told to stop since: nobody else will say that it was not done
            verdict = judge(end.facts, main=MAIN, kill="stopped")
        if verdict.state != "success":
            raise self._over(verdict, end)
        return found

    def _evidence(self, end: End) -> Evidence:
        ended = end.facts.end_of(MAIN)
        if end.kill or ended is None or ended.exit_code != 0:
            return Evidence("absent")
        found = evidence.look(self.work, end.facts, self._settings)
        for _ in range(_LOOKS - 1):
            if found.proof == "present" or self._killed():
                break
            time.sleep(_LOOK_PAUSE_S)
            found = evidence.look(self.work, end.facts, self._settings)
        return found

    def _put_away(self, end: End) -> None:
        """Delete the pod whose log was read to its end; one whose log is still wanted is kept, and says so."""
        if not end.facts.found or not end.facts.ours or end.kill:
            return
        try:
            if not end.unread or end.gone:
                self._cluster.delete(self.name, self.uid)
                return
            self._voice.note(f"the pod {self.name} is kept: its log could not be read to the end ({end.unread})")
            self._cluster.mark(self.name, {READ: "True", KEPT: "log-unread"})
        except (Refused, Unreachable) as no:
            self._voice.note(f"the pod {self.name} could not be put away: {no}")
            self._mark_read()

    def _mark_read(self) -> None:
        try:
            self._cluster.mark(self.name, {READ: "True", KEPT: "not-deleted"})
        except (Refused, Unreachable) as no:
            self._voice.note(f"the pod {self.name} could not be marked as read: {no}")

    def _over(self, verdict: Verdict, end: End) -> Over:
        identity = self.work.identity
        story = Story(self.work.task.id, end.facts, identity.attempt, end.lines, end.tail, end.unread)
        return Over(verdict, tell(verdict, story))


def _as_asked(verdict: Verdict, end: End) -> Verdict:
    """The verdict with the wait that the log's last failure asked for, where the container itself said nothing."""
    if verdict.state != "retry" or verdict.retry_after_s is not None or end.last_error is None:
        return verdict
    return replace(verdict, retry_after_s=message.seconds(end.last_error.fields.get("retry_after_s")))


def _labels(doc: Doc) -> Mapping[str, object]:
    metadata = doc.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    return labels if isinstance(labels, Mapping) else {}
