"""The log: one JSON object a line on standard error."""

import json
import os
import threading
import time

_spoke = time.monotonic()
_ended = False
_turn = threading.RLock()  # a signal may interrupt the thread that holds it
_secrets: set[str] = set()


def say(level: str, message: str, **fields: object) -> None:
    """Write one line: level `debug info warning error`. Secrets that were read are blotted out; None is left out."""
    global _spoke  # noqa: PLW0603  (a process has one log)
    _spoke = time.monotonic()
    line = {"level": level, "msg": message, **{name: value for name, value in fields.items() if value is not None}}
    text = json.dumps(line, default=str, separators=(",", ":"))
    for secret in _secrets:
        text = text.replace(json.dumps(secret)[1:-1], "***")
    with _turn:
        if not _ended:
            os.write(2, text.encode() + b"\n")


def last_words(message: str, **fields: object) -> None:
    """Say why the run fails; threads that are still at work say nothing after that."""
    global _ended  # noqa: PLW0603
    with _turn:
        say("error", message, **fields)
        _ended = True


def blot_out(secret: str) -> None:
    """Never show this text in the log."""
    if secret:
        _secrets.add(secret)


def silent_for() -> float:
    """Seconds since the last line."""
    return time.monotonic() - _spoke


def keep_alive(message: str, silence_s: float) -> None:
    """Say something in time, for ever: nobody shall take a long download for silence. To be run in a thread."""
    every = min(5.0, silence_s / 3)
    while True:
        time.sleep(every / 2)
        if silent_for() >= every:
            say("info", message)
