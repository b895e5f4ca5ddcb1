"""An extractor's log: one record a line, JSON or plain text; lines without end are cut, floods are bounded."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Level = Literal["debug", "info", "warning", "error", "critical"]
LEVELS: tuple[str, ...] = get_args(Level)
MAX_LINE = 16 << 10
MAX_LOG = 8 << 20


@dataclass(frozen=True)
class LogRecord:
    """One line of an extractor's log. `fields`: what else the line carried (`feed`, `key`, `n`, `of`, `code`, …)."""

    level: Level
    msg: str
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the line tells of a failure."""
        return self.level in ("error", "critical")


def parse(line: bytes) -> LogRecord:
    """The record of one line without its end. What is not a JSON object with `level` and `msg` is `info`, as it is."""
    text = line.decode(errors="replace").strip()
    if text.startswith("{"):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = {}
        level, msg = values.pop("level", None), values.pop("msg", None)
        if level in LEVELS and isinstance(msg, str):
            return LogRecord(level, printable(msg), values)
    return LogRecord("info", printable(text))


def printable(text: str) -> str:
    """`text` without characters that could move a terminal's cursor or hide other lines."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


class Lines:
    """Cuts a stream of bytes into lines in bounded memory: what exceeds `MAX_LINE` in one line is left out."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that `chunk` completes; a line that grows too long is given once, cut, and its rest dropped."""
        *whole, last = (self._rest + chunk).split(b"\n")
        for line in whole:
            if not self._skipping:
                yield line[:MAX_LINE]
            self._skipping = False
        if len(last) > MAX_LINE:
            if not self._skipping:
                yield last[:MAX_LINE] + " … (cut)".encode()
            self._skipping, last = True, b""
        self._rest = b"" if self._skipping else last

    def end(self) -> Iterator[bytes]:
        """The last line, if it had no end."""
        if self._rest:
            yield self._rest
            self._rest = b""


class Log:
    """Hands records to `show` until `MAX_LOG` bytes are reached, and remembers the last failure in any case."""

    def __init__(self, show: Callable[[LogRecord], None]) -> None:
        self._show = show
        self._left = MAX_LOG
        self.last_error: LogRecord | None = None

    def line(self, line: bytes) -> None:
        """Take one line; blank ones are passed over."""
        if self._left < 0:
            self._after_limit(line)
        elif line.strip():
            self._left -= len(line) + 1
            record = parse(line)
            self._remember(record)
            self._show(record)
            if self._left < 0:
                self._show(LogRecord("warning", f"the log exceeds {MAX_LOG >> 20} MiB: what follows is not shown"))

    def _after_limit(self, line: bytes) -> None:
        # A flood is not parsed, but the line that says why the extractor fails is still looked for.
        if line.startswith(b"{") and (b'"error"' in line or b'"critical"' in line):
            self._remember(parse(line))

    def _remember(self, record: LogRecord) -> None:
        if record.failed:
            self.last_error = record
