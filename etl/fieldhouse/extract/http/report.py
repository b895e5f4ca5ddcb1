"""The extractor's log: one JSON object a line on standard error, written at once and whole."""

import json
import os
import time

from fieldhouse.errors import FieldhouseError, TemporaryError
from fieldhouse.extract.http.plan import Wanted

_last = time.monotonic()


def say(level: str, msg: str, **fields: object) -> None:
    """Write one log line; fields that are None are left out."""
    global _last  # noqa: PLW0603  (one log a process)
    _last = time.monotonic()
    line = {"level": level, "msg": msg, **{name: value for name, value in fields.items() if value is not None}}
    # os.write and not print: a signal handler may come in between.
    os.write(2, json.dumps(line, ensure_ascii=True).encode() + b"\n")


def silent_for() -> float:
    """Seconds since the last line."""
    return time.monotonic() - _last


def failure(error: FieldhouseError, wanted: Wanted | None = None, *, msg: str | None = None) -> None:
    """The last line before a failing exit: why, with the exit code."""
    pause = error.retry_after_s if isinstance(error, TemporaryError) else None
    say(
        "error",
        msg or f"{error.message}{f' ({error.hint})' if error.hint else ''}",
        code=int(error.exit),
        retry_after_s=pause,
        feed=wanted.feed if wanted else None,
        key=wanted.key if wanted else None,
    )
