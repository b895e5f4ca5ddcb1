"""The border of the process: arguments, SIGTERM, and the exit code."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

from extractor.extraction import Extraction
from extractor.failure import Exit, Failure, failure_of
from extractor.log import keep_alive, last_words, say
from extractor.request import read_request

State = Mapping[str, object] | None


def main(extract: Callable[[Extraction], State], *, intervals: bool = False) -> NoReturn:
    """Serve the request that the command line names, `REQUEST OUT`, with `extract`, and end the process.

    `extract` fetches; what it returns is the new `state`. `intervals`: whether it narrows itself to `request.interval`;
    if it does not, a backfill is refused, for what was asked for must not be taken for what was done.
    """
    signal.signal(signal.SIGTERM, _terminated)  # the first process of a container has no handler of its own
    code = run(extract, sys.argv[1:], intervals=intervals)
    sys.stdout.flush()
    os._exit(code)  # without waiting for threads that may hang in the network


def run(extract: Callable[[Extraction], State], arguments: list[str], *, intervals: bool = False) -> int:
    """What `main` does, without the process: the exit code, after a last log line that says why."""
    try:
        if len(arguments) != 2:
            raise Failure(Exit.USAGE, "two arguments are expected: REQUEST OUT")
        request = read_request(Path(arguments[0]))
        if request.interval and not intervals:
            raise Failure(Exit.USAGE, "an interval cannot be asked of this source")
        say("info", f"{request.source}: fetching")
        extraction = Extraction(request, Path(arguments[1]))
        beat = (f"{request.source}: still at it", request.limits.silence_s)
        threading.Thread(target=keep_alive, args=beat, daemon=True).start()
        extraction.finish(extract(extraction))
        return 0
    except Exception as error:  # whatever it is, it must not look like success
        failure = failure_of(error)
        last_words(failure.message, code=int(failure.code), retry_after_s=failure.retry_after_s, **failure.where)
        return failure.code


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    # At once and without a seal: whatever lies in the output means nothing without one.
    last_words("ended by SIGTERM", code=128 + number)
    os._exit(128 + number)
