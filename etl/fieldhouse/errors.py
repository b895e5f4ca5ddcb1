"""What can go wrong, one class an exit class: the class says who acts, the message says what to do.

The exit codes are those of the landing protocol and of the command line (docs/protocol.md, "Ending").
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every verb, task and extractor."""

    DONE = 0
    USAGE = 64
    DATA = 65
    UNAVAILABLE = 69
    INTERNAL = 70
    IO = 74
    TEMPORARY = 75
    PERMISSION = 77
    CONFIGURATION = 78
    INTERRUPTED = 130
    TERMINATED = 143


class FieldhouseError(Exception):
    """Base of all errors that Fieldhouse raises on purpose. `exit` is what the command line ends with.

    `hint` is the next step for the reader, kept apart so that a screen can set it off.
    """

    exit = Exit.INTERNAL

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class UsageError(FieldhouseError):
    """The call is wrong: the caller mends the call."""

    exit = Exit.USAGE


class NotFound(UsageError):
    """A name that nothing has; the message names the nearest that exists."""


class DataError(FieldhouseError):
    """The data are refused: somebody looks at the source, the mapping or the check that is named."""

    exit = Exit.DATA


class UnavailableError(FieldhouseError):
    """Upstream, or a lake, permanently says no."""

    exit = Exit.UNAVAILABLE


class InternalError(FieldhouseError):
    """A defect of Fieldhouse that it recognised itself."""

    exit = Exit.INTERNAL


class StorageError(FieldhouseError):
    """Bytes could not be read or written: disk full, folder not writable, object lost."""

    exit = Exit.IO


class TemporaryError(FieldhouseError):
    """Trying again later may help; `retry_after_s` is what the other side asked for, if it did."""

    exit = Exit.TEMPORARY

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class ReleaseConflict(TemporaryError):
    """Another run published first; running again builds on top of its release."""


class RefusedError(FieldhouseError):
    """Access was denied: a secret is missing or wrong."""

    exit = Exit.PERMISSION


class ConfigurationError(FieldhouseError):
    """A declaration (source.toml, a contract, a mapping, a setting) is wrong; the message names file and field."""

    exit = Exit.CONFIGURATION


class TerminatedError(FieldhouseError):
    """A signal ended the work; nothing half-done is visible."""

    exit = Exit.TERMINATED


BY_EXIT: dict[int, type[FieldhouseError]] = {
    Exit.USAGE: UsageError,
    Exit.DATA: DataError,
    Exit.UNAVAILABLE: UnavailableError,
    Exit.INTERNAL: InternalError,
    Exit.IO: StorageError,
    Exit.TEMPORARY: TemporaryError,
    Exit.PERMISSION: RefusedError,
    Exit.CONFIGURATION: ConfigurationError,
    Exit.TERMINATED: TerminatedError,
}
