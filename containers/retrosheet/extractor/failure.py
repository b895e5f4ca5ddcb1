"""Why an extraction does not succeed."""

import enum


class Exit(enum.IntEnum):
    """Why an extraction does not succeed; the process ends with the number."""

    USAGE = 64
    DATA = 65
    UNAVAILABLE = 69
    INTERNAL = 70
    IO = 74
    TEMPORARY = 75
    PERMISSION = 77
    CONFIGURATION = 78


class Failure(Exception):
    """Ends the run with an exit code and a sentence for whoever reads the log.

    `retry_after_s`: for temporary ones whose upstream said when to come back.
    """

    def __init__(self, code: Exit, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.where: dict[str, str] = {}


def failure_of(error: BaseException) -> Failure:
    """Whatever was raised, as a failure: what cannot be written is I/O, all else is a defect of this program."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, OSError):
        return Failure(Exit.IO, f"cannot write: {error}")
    return Failure(Exit.INTERNAL, f"{type(error).__name__}: {error}")
