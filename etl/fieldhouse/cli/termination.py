"""The last word of a stage for what started it (a pod's termination message): the receipt's digest, or the error.

Success is `{"receipt": digest, "peak_mib": n}`; failure is `{"error", "class", "hint", "exit", "retry_after_s",
"peak_mib"}`, short enough for what Kubernetes keeps of it (4096 bytes).
"""

import json
import resource
import sys
from collections.abc import Mapping
from pathlib import Path

from fieldhouse import settings
from fieldhouse.errors import FieldhouseError, TemporaryError
from fieldhouse.lake.runs import Receipt

#: Characters of a text, so that the whole stays whole in any script.
_SHOWN = 450


def done(receipt: Receipt) -> None:
    """Say which receipt the task has left in the lake."""
    _write({"receipt": receipt.digest, "peak_mib": receipt.peak_mib})


def failed(error: FieldhouseError, code: int) -> None:
    """Say why there is none."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _write(
        {
            "error": error.message[:_SHOWN],
            "class": type(error).__name__,
            "hint": error.hint[:_SHOWN],
            "exit": code,
            "retry_after_s": error.retry_after_s if isinstance(error, TemporaryError) else None,
            "peak_mib": peak,
        }
    )


def _write(said: Mapping[str, object]) -> None:
    path = settings.setting("FIELDHOUSE_TERMINATION_LOG")
    if not path:
        return
    try:
        Path(path).write_bytes(json.dumps(said, ensure_ascii=False).encode())
    except OSError as error:
        # The receipt stands in the lake all the same: the work is not undone for a word about it.
        print(f"warning: FIELDHOUSE_TERMINATION_LOG: {path}: {error.strerror}", file=sys.stderr)
