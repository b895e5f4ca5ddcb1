"""Watches one pod to its end: shows its log as it comes, looks at its phase, and gives up where a limit says so."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fieldhouse.extract.log import LogRecord
from fieldhouse.pods.facts import Facts, observe
from fieldhouse.pods.following import Follower, Unreadable
from fieldhouse.pods.settings import PodSettings
from fieldhouse.pods.verdict import Kill

Doc = Mapping[str, object]
Look = Callable[[], Doc | None]
OpenLog = Callable[[str], Callable[[int | None, bool], Iterator[bytes]]]
Show = Callable[[str, LogRecord], None]

#: Seconds between a container's end and the pod's final phase, where the reason of an eviction stands.
_SETTLE_S = 5.0
#: Seconds that a deleted pod may outlive its grace; then its node is lost.
_LEAVING_S = 60.0
#: Seconds beyond its grace for which a killed pod is watched: Airflow will not wait for long.
_KILL_S = 5.0
#: Seconds for which the end of a log is tried to be read while the next container runs already, and at the very end.
_NEXT_S = 5.0
_LOG_PATIENCE_S = 60.0
#: Seconds after a log's end for which the pod is looked at more often, and how often: the API server is told that its
#: container has ended a second later.
_ENDING_S = 3.0
_SOON_S = 0.2


@dataclass(frozen=True)
class Watched:
    """A pod that is watched: which it is, its containers in the order in which they run, how long it has to stop."""

    name: str
    uid: str
    containers: Sequence[str]
    grace_s: int

    @property
    def main(self) -> str:
        """The container that does the task."""
        return self.containers[-1]


@dataclass(frozen=True)
class End:
    """How watching ended. `unread`: why the log is not whole, "" where it is; `gone`: nobody will ever read the rest.

    `tail`: the main container's last lines.
    """

    facts: Facts
    kill: Kill = ""
    lines: int = 0
    tail: tuple[str, ...] = ()
    last_error: LogRecord | None = None
    unread: str = ""
    gone: bool = False


class Watch:
    """One watch over one pod. `look` reads the pod, `open_log` opens a container's log, `show` gets its lines.

    `killed`: whether this process was told to stop; `delete` then deletes the pod.
    """

    def __init__(
        self,
        pod: Watched,
        settings: PodSettings,
        *,
        look: Look,
        open_log: OpenLog,
        show: Show,
        delete: Callable[[], None],
        killed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._pod = pod
        self._settings = settings
        self._look = look
        self._open_log = open_log
        self._show = show
        self._delete = delete
        self._killed = killed
        self._since: dict[str, float] = {}
        self._last = Facts(found=False, name=pod.name, uid=pod.uid)
        self._followers: dict[str, Follower] = {}
        self._done: set[str] = set()
        self._unread = ""
        self._gone = False

    def until_over(self) -> End:
        """Watch until the pod is over, this process is told to stop, or a limit is reached; then read the log's end."""
        while True:
            facts = self._observe()
            self._follow(facts)
            if kill := self._kill(facts):
                return self.kill(kill)
            if self._over(facts):
                return self._end(facts)
            self._wait()

    def kill(self, why: Kill) -> End:
        """Delete the pod, and show what it has to say while it stops."""
        self._delete()
        until = time.monotonic() + self._pod.grace_s + _KILL_S
        facts = self._observe()
        while not facts.over(self._pod.main) and time.monotonic() < until:
            self._follow(facts)
            self._wait()
            facts = self._observe()
        return self._end(facts, why)

    def as_it_is(self) -> End:
        """Show the log so far, and end."""
        facts = self._observe()
        self._follow(facts)
        return self._end(facts)

    def stop(self) -> None:
        """Read no more of any log."""
        for follower in self._followers.values():
            follower.stop()

    def _observe(self) -> Facts:
        facts = observe(self._look(), uid=self._pod.uid, main=self._pod.main)
        if facts.found and facts.ours:
            self._last = facts
            return facts
        # What was known of the pod still says where it ran.
        return replace(self._last, found=facts.found, ours=facts.ours)

    def _over(self, facts: Facts) -> bool:
        if not facts.over(self._pod.main):
            return facts.deleted and self._for("leaving") > self._pod.grace_s + _LEAVING_S
        final = facts.phase in ("Succeeded", "Failed") or not facts.found or not facts.ours
        return final or bool(facts.stuck) or self._for("settling") > _SETTLE_S

    def _for(self, what: str) -> float:
        """Seconds since something was first seen."""
        now = time.monotonic()
        return now - self._since.setdefault(what, now)

    def _kill(self, facts: Facts) -> Kill:
        if self._killed():
            return "stopped"
        if facts.started or facts.over(self._pod.main):
            return ""
        if not facts.scheduled:
            return "unschedulable" if self._for("unscheduled") > self._settings.schedule_s else ""
        return "no start" if self._for("starting") > self._settings.startup_s else ""

    def _follow(self, facts: Facts) -> None:
        """Follow the log of the container that runs; read those to the end that have ended."""
        for name in self._pod.containers:
            begun = name in facts.running or facts.end_of(name) is not None
            if begun and facts.found and facts.ours and name not in self._followers:
                self._finish_others(name)
                self._followers[name] = Follower(self._open_log(name))

    def _finish_others(self, name: str) -> None:
        for other in [other for other in self._followers if other != name]:
            self._finish(other, min(_NEXT_S, self._settings.patience_s))

    def _wait(self) -> None:
        began = time.monotonic()
        while (left := began + self._pause_s() - time.monotonic()) > 0:
            current = next((f for name, f in self._followers.items() if name not in self._done), None)
            if current is None:
                time.sleep(min(left, 0.2))
                continue
            for line in current.drain(min(left, 0.2)):
                self._show(self._name(current), line.record)

    def _pause_s(self) -> float:
        """Seconds between two looks."""
        ended = [f.ended for name, f in self._followers.items() if name not in self._done and f.ended is not None]
        soon = any(time.monotonic() < when + _ENDING_S for when in ended)
        return min(_SOON_S, self._settings.poll_s) if soon else self._settings.poll_s

    def _name(self, follower: Follower) -> str:
        return next(name for name, found in self._followers.items() if found is follower)

    def _end(self, facts: Facts, kill: Kill = "") -> End:
        patience_s = min(_LOG_PATIENCE_S, self._settings.patience_s)
        if facts.deleted:  # the runtime throws its log away any moment
            patience_s = min(_NEXT_S, patience_s)
        if kill or not facts.found or not facts.ours:
            patience_s = 2.0  # nobody waits for the log of what was killed or is gone
        for name in self._followers:
            self._finish(name, patience_s)
        if not self._followers and not (facts.found and facts.ours):
            self._unread = "the pod was gone before any of it was read"
            self._show(self._pod.main, LogRecord("warning", f"no log: {self._unread}"))
        main = self._followers.get(self._pod.main) or next(reversed(self._followers.values()), None)
        ledger = main.ledger if main else None
        return End(
            facts,
            kill,
            lines=ledger.count if ledger else 0,
            tail=tuple(ledger.tail) if ledger else (),
            last_error=ledger.last_error if ledger else None,
            unread=self._unread,
            gone=self._gone,
        )

    def _finish(self, name: str, patience_s: float) -> None:
        """Read a container's log to its end, once, and say how long it is."""
        if name in self._done:
            return
        self._done.add(name)
        follower = self._followers[name]
        try:
            for line in follower.finish(patience_s):
                self._show(name, line.record)
            why = ""
        except Unreadable as error:
            why = self._unread = str(error)
            self._gone = error.gone
        level = "warning" if why or follower.ledger.gaps or follower.ledger.unjoined else "info"
        self._show(name, LogRecord("warning" if level == "warning" else "info", follower.ledger.ending(why)))
