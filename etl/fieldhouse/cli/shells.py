"""`--install-completion` and `--show-completion`: for the shell that is named after them, else for the one they are in."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

from fieldhouse.errors import UsageError

SHELLS = ("bash", "zsh", "fish")
#: What a shell sets when it asks what to offer.
COMPLETING = "_FIELDHOUSE_COMPLETE"
_OPTIONS = ("--install-completion", "--show-completion")
#: With this typer takes the shell's name as the option's value instead of looking for the shell itself.
_NAMED = "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"


@contextlib.contextmanager
def told(args: Sequence[str]) -> Iterator[list[str]]:
    """The arguments of a call, with the shell behind these options; UsageError where that is none we complete for."""
    if not args or args[0] not in _OPTIONS:
        yield list(args)
        return
    shell = args[1] if len(args) > 1 else _around()
    if shell not in SHELLS:
        raise UsageError(
            f"completion is made for {', '.join(SHELLS)}, not for {shell or 'this shell'}",
            hint=f"name the shell: `fieldhouse {args[0]} bash`",
        )
    os.environ[_NAMED] = "1"
    try:
        yield [args[0], shell, *args[2:]]
    finally:
        del os.environ[_NAMED]


def be_quick() -> None:
    """Where a shell asks what to offer: spare it the library that typer would only use to clean plain help texts."""
    if os.environ.get(COMPLETING):
        sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # so that it counts as not installed


def _around() -> str:
    """The shell that this process was started from; empty where it cannot be told."""
    import shellingham  # type: ignore[import-untyped]  # comes with typer

    try:
        name: str = shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        return ""
    return name
