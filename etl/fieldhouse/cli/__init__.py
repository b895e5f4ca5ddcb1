"""The command line `fieldhouse`: one module a group of verbs. Every verb is a thin call of what Python can call, too."""

import os
import sys
from typing import NoReturn

# Plain help costs a third of the time of decorated help; typer reads this when it is imported.
os.environ.setdefault("TYPER_USE_RICH", "0")


def main() -> NoReturn:
    """The entry point: run the verb that the caller asked for, end with its exit code."""
    from fieldhouse.cli.ending import end

    sys.exit(end(sys.argv[1:]))
