"""`python -m fieldhouse.kit.measured REPORT COMMAND…`: runs a command and writes its peak memory, in KiB."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType


def main() -> int:
    """The command's own exit code; 128 + n where signal n ended it."""
    report, *command = sys.argv[1:]
    child = os.posix_spawnp(command[0], command, dict(os.environ))

    def pass_on(number: int, _frame: FrameType | None) -> None:
        os.kill(child, number)

    signal.signal(signal.SIGTERM, pass_on)
    _, status, usage = os.wait4(child, 0)
    Path(report).write_text(str(usage.ru_maxrss), encoding="utf-8")
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main())
