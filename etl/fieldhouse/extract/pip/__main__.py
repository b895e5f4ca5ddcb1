"""`python -m fieldhouse.extract.pip REQUEST OUT`: an extractor as the landing protocol has it."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType


def _terminated(_number: int, _frame: FrameType | None) -> None:
    # At once and without a seal: whatever lies in the output means nothing without one.
    from fieldhouse.extract.pip import download

    download.stop()
    os.write(2, b'{"level": "error", "msg": "ended by SIGTERM", "code": 143}\n')
    os._exit(143)


def main() -> int:
    """Exit code of the protocol; always the last thing is a log line that says why."""
    if len(sys.argv) != 3:
        os.write(2, b'{"level": "error", "msg": "usage: python -m fieldhouse.extract.pip REQUEST OUT", "code": 64}\n')
        return 64
    from fieldhouse.extract.http.extraction import ended
    from fieldhouse.extract.pip.extraction import extract

    try:
        return extract(Path(sys.argv[1]), Path(sys.argv[2]))
    except Exception as error:  # the border of the process: every end is an exit code and a line
        return ended(error)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    code = main()
    # Not sys.exit: a thread of a replay may still be waiting for an upstream that does not answer.
    os._exit(code)
