"""How an extractor ended, and which error that is: the exit code decides, its last log line says why."""

from dataclasses import dataclass

from fieldhouse.errors import (
    BY_EXIT,
    ConfigurationError,
    Exit,
    FieldhouseError,
    TemporaryError,
)
from fieldhouse.extract.log import LogRecord
from fieldhouse.sources import Source

_KILLED = (Exit.TERMINATED, 137)
_NAMES = {
    Exit.USAGE: "it does not understand the request",
    Exit.DATA: "upstream's answer cannot be its data",
    Exit.UNAVAILABLE: "upstream permanently says no",
    Exit.INTERNAL: "a defect that it recognised itself",
    Exit.IO: "it cannot write",
    Exit.TEMPORARY: "a temporary failure",
    Exit.PERMISSION: "access was denied",
    Exit.CONFIGURATION: "its configuration is wrong",
}


class Crashed(TemporaryError):
    """The extractor ended with a code that the protocol does not know: a defect. Trying again may help."""


class Killed(TemporaryError):
    """The extractor was ended by a limit or a signal. That is never a success; trying again may help."""


@dataclass(frozen=True)
class Ended:
    """How an extractor ended.

    `exit_code`: 128 + n where signal n ended it. `killed`: why the pipeline ended it (`deadline`, `silence`,
    `stopped`), or `signal` where somebody else did; None where it ended by itself. `last_error`: its last log line of
    level error or critical. `program`: what it is called, `extractor` or `reader`.
    """

    exit_code: int
    killed: str | None = None
    last_error: LogRecord | None = None
    program: str = "extractor"


def raise_for(ended: Ended, source: Source) -> None:
    """Raise what the end of an extractor means; returns only after exit 0 without a kill, which is no success yet.

    Exit 75 raises TemporaryError with `retry_after_s`; the caller decides whether a seal came with it.
    """
    if ended.killed or ended.exit_code in _KILLED:
        raise Killed(f"{source.name}: {_killed(ended, source)}{_why(ended)}", hint=_killed_hint(ended, source))
    if ended.exit_code == Exit.DONE:
        return
    raise _error(ended, source)


def _error(ended: Ended, source: Source) -> FieldhouseError:
    code, why = ended.exit_code, _why(ended)
    if code == Exit.TEMPORARY:
        return TemporaryError(f"{source.name}: {_said(ended)}{why}", retry_after_s=_retry_after(ended))
    if code in _NAMES:
        return BY_EXIT[code](f"{source.name}: {_said(ended)}{why}")
    if code in (126, 127):
        return ConfigurationError(
            f"{source.name}: the {ended.program} cannot be run (exit {code}){why}",
            hint=f"correct [{ended.program}] command or image in containers/{source.name}/source.toml",
        )
    return Crashed(f"{source.name}: the {ended.program} crashed (exit {code}){why}", hint="its log says more")


def _said(ended: Ended) -> str:
    return f"the {ended.program} ended with {ended.exit_code}, {_NAMES[Exit(ended.exit_code)]}"


def _why(ended: Ended) -> str:
    if ended.last_error is None:
        return "" if ended.killed else "; it did not say why"
    fields = ended.last_error.fields
    where = "/".join(str(fields[name]) for name in ("feed", "key") if fields.get(name))
    return f": {where + ': ' if where else ''}{ended.last_error.msg}"


def _killed(ended: Ended, source: Source) -> str:
    match ended.killed:
        case "deadline":
            return f"the {ended.program} was ended after limits.deadline_s = {source.limits.deadline_s:g} seconds"
        case "silence":
            return (
                f"the {ended.program} was ended: no log line for limits.silence_s = {source.limits.silence_s:g} seconds"
            )
        case "stopped":
            return f"the {ended.program} was ended, because the run was"
        case _:
            return f"the {ended.program} was killed by a signal (exit {ended.exit_code})"


def _killed_hint(ended: Ended, source: Source) -> str:
    limit = {"deadline": "deadline_s", "silence": "silence_s"}.get(ended.killed or "")
    return f"if it needs longer, raise limits.{limit} in containers/{source.name}/source.toml" if limit else ""


def _retry_after(ended: Ended) -> float | None:
    seconds = ended.last_error.fields.get("retry_after_s") if ended.last_error else None
    return float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < float("inf") else None
