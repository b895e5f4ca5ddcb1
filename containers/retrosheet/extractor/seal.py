"""The seal, manifest.json: written last, or not at all."""

import json
import signal
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from extractor.failure import Exit, Failure
from extractor.files import File
from extractor.request import Request

MAX_STATE = 64 << 10


def write_seal(out: Path, request: Request, files: Iterable[File], state: Mapping[str, object] | None) -> None:
    """Write it at once: under another name first, in the folder that the pipeline ignores."""
    if len(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_STATE:
        raise Failure(Exit.INTERNAL, f"state has more than {MAX_STATE} bytes")
    found = [asdict(file) for file in sorted(files, key=lambda file: (file.feed, file.key))]
    seal = {
        "protocol": 1,
        "source": request.source,
        "run": request.run,
        "attempt": request.attempt,
        "files": found,
        "state": state,
        "stats": {"keys": len(found)},
    }
    draft = out / "tmp" / "manifest.json"
    draft.write_text(json.dumps(seal, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    # What is sealed is done: a signal that comes now comes too late.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    draft.rename(out / "manifest.json")
