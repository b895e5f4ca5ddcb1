"""The termination message of a pipeline container: a JSON object that says which receipt it left, or why it failed.

{"receipt": "<SHA-256>", "peak_mib": 512}
{"error": "…", "hint": "…", "exit": 75, "retry_after_s": 120, "peak_mib": 512}
"""

import json
import re
from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True)
class Message:
    """What a container said at its end. `text`: the message as it was, where it is no JSON object."""

    receipt: str = ""
    error: str = ""
    hint: str = ""
    retry_after_s: float | None = None
    peak_mib: int | None = None
    text: str = ""


def read(message: str) -> Message:
    """What a termination message says; what it says wrongly is left out.

    Where it is the end of a log, its last line counts: there an extractor says why it fails.
    """
    values = _object(message) or _object(message.rstrip().rpartition("\n")[2])
    if values is None:
        return Message(text=message)
    receipt = values.get("receipt")
    return Message(
        receipt=receipt if isinstance(receipt, str) and re.fullmatch(r"[0-9a-f]{64}", receipt) else "",
        error=_text(values.get("error")) or _text(values.get("msg")),
        hint=_text(values.get("hint")),
        retry_after_s=seconds(values.get("retry_after_s")),
        peak_mib=_whole(values.get("peak_mib")),
    )


def _object(text: str) -> dict[str, object] | None:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def seconds(value: object) -> float | None:
    """A span of time that somebody asked for, if it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) and value >= 0 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
