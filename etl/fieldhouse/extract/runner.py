"""Runs an extractor as a process of this machine: its own session, a deadline, a silence limit, a bounded log.

However it ends, and however this process ends, nothing of it goes on running in its process group.
"""

import errno
import os
import selectors
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from fieldhouse.errors import TemporaryError
from fieldhouse.extract.ended import Crashed, Ended, Killed, raise_for
from fieldhouse.extract.log import Lines, Log, LogRecord
from fieldhouse.sources import Limits

__all__ = ["Crashed", "Ended", "Killed", "raise_for", "run_process"]

GRACE_S = 10.0  # between SIGTERM and SIGKILL
_DRAIN_S = 1.0  # for what a process that left the group may still hold open
_CHUNK = 64 << 10
# Waits for a line. It comes when the run is over; the end of the pipe comes first only if this process was killed.
_GUARD = 'read line || { kill -s KILL -- "-$1"; eval "$2"; }'


def run_process(  # noqa: PLR0913  (how a process is run, and how it is ended)
    command: Sequence[str],
    request: Path,
    out: Path,
    *,
    limits: Limits,
    log: Callable[[LogRecord], None],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stop: threading.Event | None = None,
    left: Sequence[Sequence[str]] = (),
) -> Ended:
    """Run `command REQUEST OUT` to its end and say how it ended; its log lines go to `log` as they come.

    After `limits.deadline_s`, after `limits.silence_s` without a line, when `stop` is set and when this process is
    interrupted, the whole process group gets SIGTERM and 10 s later SIGKILL. `env`: the whole environment, None for
    this process's own. `left`: commands that end what it may leave running elsewhere (a container), when it is killed.
    """
    try:
        process = _start([*command, str(request), str(out)], env, cwd)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE):
            raise TemporaryError(f"the extractor cannot be started: {error.strerror}") from error
        code = 127 if isinstance(error, FileNotFoundError) else 126
        return Ended(code, last_error=LogRecord("error", f"{command[0]}: {error.strerror}"))
    with _guarded(process, left), _cleared(process, left), _Watch(process, limits, Log(log), stop) as watch:
        return watch.until_end()


@contextmanager
def _cleared(process: "subprocess.Popen[bytes]", left: Sequence[Sequence[str]]) -> Iterator[None]:
    """Whatever ended the process too early for it to end its own has `left` done in its place."""
    watched = False
    try:
        yield
        watched = True
    finally:
        if not watched or process.returncode:
            for command in left:
                subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603


def _start(command: Sequence[str], env: Mapping[str, str] | None, cwd: Path | None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  (a command that a source declares, no shell)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=None if env is None else dict(env),
        cwd=cwd,
        start_new_session=True,
    )


@contextmanager
def _guarded(process: "subprocess.Popen[bytes]", left: Sequence[Sequence[str]]) -> Iterator[None]:
    """A shell that kills the group if this process is killed in a way that it cannot handle."""
    guard = None
    with suppress(OSError):  # an image without a shell does without
        guard = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", _GUARD, "sh", str(process.pid), "; ".join(map(shlex.join, left))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield
    finally:
        if guard:
            with suppress(BrokenPipeError):
                guard.communicate(b"over\n")


class _Watch:
    """Reads a process's two streams until it has ended, and ends it where a limit says so."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", limits: Limits, log: Log, stop: threading.Event | None
    ) -> None:
        self._process = process
        self._limits = limits
        self._log = log
        self._stop = stop
        self._started = self._heard = time.monotonic()
        self._killed: str | None = None
        self._kill_at: float | None = None
        self._selector = selectors.DefaultSelector()
        self._pidfd = os.pidfd_open(process.pid)
        self._selector.register(self._pidfd, selectors.EVENT_READ)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, Lines())

    def __enter__(self) -> "_Watch":
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.returncode is None:  # interrupted: end it as a limit would
            self._terminate("stopped")
            try:
                with suppress(Exception):
                    self._wait()
            finally:  # a second interruption does not wait
                self._reap()
        self._selector.close()
        os.close(self._pidfd)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def until_end(self) -> Ended:
        self._wait()
        code = self._reap()
        self._drain()
        if code < 0:
            return Ended(128 - code, self._killed or "signal", self._log.last_error)
        return Ended(code, self._killed, self._log.last_error)

    def _wait(self) -> None:
        ended = False
        while not ended:
            ready = self._selector.select(self._pause())
            ended = any(key.fileobj == self._pidfd for key, _ in ready)
            for key, _ in ready:
                self._read(key)
            if not ended:
                self._check_limits(quiet=not ready)

    def _pause(self) -> float:
        now = time.monotonic()
        ends = [self._started + self._limits.deadline_s, self._heard + self._limits.silence_s]
        if self._kill_at is not None:
            ends = [self._kill_at]
        pause = max(0.0, min(ends) - now)
        return min(pause, 0.2) if self._stop else pause

    def _check_limits(self, *, quiet: bool) -> None:
        now = time.monotonic()
        if self._kill_at is not None:
            if now >= self._kill_at:
                self._signal(signal.SIGKILL)
                self._kill_at = now + GRACE_S
        elif self._stop and self._stop.is_set():
            self._terminate("stopped")
        elif now >= self._started + self._limits.deadline_s:
            self._terminate("deadline")
        elif quiet and now >= self._heard + self._limits.silence_s:
            self._terminate("silence")

    def _terminate(self, why: str) -> None:
        self._killed = why
        self._kill_at = time.monotonic() + GRACE_S
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        # The leader is not reaped yet, so that the group's number cannot belong to anybody else.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _reap(self) -> int:
        self._signal(signal.SIGKILL)  # whatever the extractor left running could still write into its output
        return self._process.wait()

    def _drain(self) -> None:
        until = time.monotonic() + _DRAIN_S
        self._selector.unregister(self._pidfd)
        while self._selector.get_map() and (pause := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(pause):
                self._read(key)

    def _read(self, key: selectors.SelectorKey) -> None:
        if not isinstance(key.data, Lines):
            return
        stream: IO[bytes] = key.fileobj  # type: ignore[assignment]
        chunk = os.read(stream.fileno(), _CHUNK)
        for line in key.data.feed(chunk) if chunk else key.data.end():
            self._heard = time.monotonic()
            self._log.line(line)
        if not chunk:
            self._selector.unregister(stream)
