"""One extraction from request to seal: what is sealed, what is said, and which exit code it ends with."""

from pathlib import Path

from fieldhouse.errors import (
    Exit,
    FieldhouseError,
    InternalError,
    StorageError,
    TemporaryError,
    UnavailableError,
)
from fieldhouse.extract.http import job, report
from fieldhouse.extract.http.fetch import Fetcher
from fieldhouse.extract.http.job import Job
from fieldhouse.extract.http.plan import Wanted, plan
from fieldhouse.extract.http.politeness import Clock
from fieldhouse.extract.http.tuning import Tuning
from fieldhouse.extract.http.work import Work
from fieldhouse.extract.sealed import PROTOCOL, Seal, SealedFile, write_seal

_PROGRESS_S = 5.0


def extract(request: Path, out: Path) -> int:
    """Do what `request` asks into `out`; the exit code of the protocol, after a last log line that says why.

    FieldhouseError for what is wrong before anything is fetched.
    """
    todo = job.read(request)
    wanted = plan(todo)
    clock = Clock(todo.bounds.deadline_s)
    (out / "tmp").mkdir(exist_ok=True)
    fetcher = Fetcher(todo, out, clock, Tuning.from_environment(), _warn)
    work = Work(wanted, fetcher, out, todo.bounds, clock)
    report.say("info", f"{todo.source}: fetching", n=0, of=len(wanted))
    work.start()
    _watch(work, clock, todo.bounds.silence_s, len(wanted))
    return _end(todo, out, work, len(wanted))


def _watch(work: Work, clock: Clock, silence_s: float, total: int) -> None:
    """Wait until all keys are through or the deadline is over; a log line in time."""
    every = min(_PROGRESS_S, silence_s / 3)
    while not work.done.wait(max(0.0, min(every, clock.left()))):
        if clock.left() <= 0:
            clock.stopped.set()
            return
        if report.silent_for() >= every:
            report.say("info", "fetching", n=work.finished, of=total)


def _end(todo: Job, out: Path, work: Work, total: int) -> int:
    files = work.close()
    if work.fatal:
        report.failure(work.fatal.error, work.fatal.wanted)
        return work.fatal.error.exit
    failed = len(work.failures) + work.left
    if not files and not failed:
        error = UnavailableError(f"none of {total} keys exists upstream", hint="look at [bases], key, url and values")
        report.failure(error)
        return error.exit
    if files:
        write_seal(out, _seal(todo, files))
        counts = ", ".join(f"{_count(files, status)} {status}" for status in ("new", "unchanged", "gone"))
        report.say("info", f"sealed: {counts}", n=len(files), of=total)
    return _partial(work, failed, total) if failed else Exit.DONE


def _partial(work: Work, failed: int, total: int) -> int:
    """Some keys failed in ways that may pass: the first says why, the longest wait counts."""
    pauses = [f.error.retry_after_s for f in work.failures if isinstance(f.error, TemporaryError)]
    pause = max((pause for pause in pauses if pause is not None), default=None)
    first = work.failures[0] if work.failures else None
    why = first.error.message if first else "the deadline is over"
    error = TemporaryError(f"{failed} of {total} keys failed, the first: {why}", retry_after_s=pause)
    report.failure(error, first.wanted if first else None)
    return error.exit


def _seal(todo: Job, files: tuple[SealedFile, ...]) -> Seal:
    return Seal(PROTOCOL, todo.source, todo.run, todo.attempt, files, state=None, stats={"keys": len(files)})


def _count(files: tuple[SealedFile, ...], status: str) -> int:
    return sum(file.status == status for file in files)


def _warn(wanted: Wanted, error: TemporaryError, pause: float) -> None:
    report.say("warning", f"{error.message}; again in {pause:.1f} s", feed=wanted.feed, key=wanted.key)


def ended(error: Exception) -> int:
    """The last log line and the exit code for an error that stopped the extraction as a whole."""
    if isinstance(error, OSError):
        error = StorageError(f"cannot write: {error}")
    if not isinstance(error, FieldhouseError):
        error = InternalError(f"{type(error).__name__}: {error}")
    report.failure(error)
    return error.exit
