"""How a call ends: every error becomes an exit code and a message with the next step, on standard error."""

import json
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

import typer

from fieldhouse.errors import Exit, FieldhouseError, InternalError, StorageError, UsageError

_VERBS = (
    (r"\bfh\.datasets\(\)", "fieldhouse ls"),
    (r"\bfh\.releases\(\)", "fieldhouse release ls"),
    (r"\bfh\.describe\('([^']*)'\)", r"fieldhouse describe \1"),
    (r"\b(where|seasons)=(?=\")", r"--\1 "),
    (r"\b(where|seasons)=", r"--\1"),
)


def end(args: Sequence[str]) -> int:
    """Run the command line with these arguments and return its exit code; nothing is raised.

    A message goes to standard error: what happened, and the next step; as one JSON object where `--json` is asked for.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    own = list(args[: args.index("--")] if "--" in args else args)
    try:
        return _run(args)
    except SystemExit as ended:  # SIGTERM, and options such as --show-completion
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if code == Exit.TERMINATED:
            tell(FieldhouseError("ended by SIGTERM; nothing half-done is visible"), code, as_json="--json" in own)
        return code
    except BaseException as error:
        if "--debug" in own:
            import traceback

            traceback.print_exc()
        return _ended_by(error, as_json="--json" in own)


def _run(args: Sequence[str]) -> int:
    from fieldhouse.cli import shells
    from fieldhouse.cli.app import app

    shells.be_quick()
    with shells.told(args) as words:
        command = typer.main.get_command(app)
        code = command.main(words, prog_name="fieldhouse", standalone_mode=False)
    if code == Exit.INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else Exit.DONE


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    # Not an Exception: nothing on the way up may take it for the failure of one source.
    raise SystemExit(int(Exit.TERMINATED))


def _ended_by(error: BaseException, *, as_json: bool) -> int:
    match error:
        case FieldhouseError():
            shown, code = error, int(error.exit)
        case typer.TyperException():
            shown, code = usage(error), int(Exit.USAGE)
        case KeyboardInterrupt() | typer.Abort():
            shown, code = FieldhouseError("interrupted; nothing half-done is visible"), int(Exit.INTERRUPTED)
        case OSError():
            shown, code = _storage(error), int(Exit.IO)
        case _:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            hint = "this is a defect of Fieldhouse: run with --debug and report what it prints"
            shown, code = InternalError(what, hint=hint), int(Exit.INTERNAL)
    tell(shown, code, as_json=as_json)
    return code


def _storage(error: OSError) -> StorageError:
    where = f"{error.filename}: " if error.filename else ""
    return StorageError(f"{where}{error.strerror or error}", hint="check free space and permissions")


def usage(error: typer.TyperException) -> UsageError:
    """What the parser of the command line says, as our own error."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "fieldhouse"
    return UsageError(error.format_message().rstrip("."), hint=f"`{path} --help` shows what it takes")


def doc(error: FieldhouseError, code: int | None = None) -> dict[str, object]:
    """An error as it stands in JSON."""
    return {
        "error": type(error).__name__,
        "exit": int(error.exit) if code is None else code,
        "message": error.message,
        "hint": error.hint,
    }


def _as_verbs(text: str) -> str:
    """A next step as it is typed in a shell, where the error gives it in Python."""
    for pattern, verb in _VERBS:
        text = re.sub(pattern, verb, text)
    return text


def tell(error: FieldhouseError, code: int, *, as_json: bool) -> None:
    """Print an error on standard error, and leave it for what started this process."""
    from fieldhouse.cli import termination

    termination.failed(error, code)
    error.hint = _as_verbs(error.hint)
    if as_json:
        print(json.dumps(doc(error, code), ensure_ascii=False), file=sys.stderr)
        return
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    mark = "\033[1;31merror:\033[0m" if colour else "error:"
    print(f"{mark} {error}", file=sys.stderr)
