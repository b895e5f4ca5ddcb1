"""A container's log, put together from several readings: every line once, in order, and what is missing is said.

The runtime stamps each line with the time in nanoseconds. A reading begins at the log's start, or some seconds ago, and
then holds all lines of that time: so a line is known by its stamp, its text, and which of its equals in the reading it is.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from fieldhouse.extract import log
from fieldhouse.extract.log import LogRecord

_LINE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?(.*)", re.DOTALL)
_PLAIN_LEVEL = re.compile(r"(debug|info|warning|error|critical): ", re.IGNORECASE)
#: How many lines are remembered one by one; what is older than the oldest of them counts as read.
REMEMBERED = 100_000
TAIL = 20
#: Longer lines are cut, the same way in every reading.
MAX_LINE = 256 << 10
_Key = tuple[int, int, int]


def split(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The lines in a stream of bytes without their ends, and whether each had one: the last may be half of a line."""
    held = b""
    for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        held = (held + first)[: MAX_LINE + 1]
        for following in rest:
            yield _cut(held), True
            held = following[: MAX_LINE + 1]
    if held:
        yield _cut(held), False


def _cut(text: bytes) -> bytes:
    return text if len(text) <= MAX_LINE else text[:MAX_LINE] + " … (cut)".encode()


@dataclass(frozen=True)
class Line:
    """One line as the runtime stored it: nanoseconds since 1970, and the bytes that the container wrote."""

    ns: int
    text: bytes

    @property
    def time(self) -> str:
        """When it was written, in UTC."""
        return datetime.fromtimestamp(self.ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def record(self) -> LogRecord:
        """What it says, at which level."""
        return record(self.text)


def line(raw: bytes) -> Line | None:
    """The line in `raw`; None for what no runtime stamped, such as the API server's own excuses."""
    found = _LINE.fullmatch(raw.rstrip(b"\r\n"))
    if found is None:
        return None
    stamp, fraction, zone, text = found.groups()
    try:
        seconds = int(datetime.fromisoformat((stamp + zone).decode()).timestamp())
    except (ValueError, OverflowError):
        return None
    return Line(seconds * 1_000_000_000 + int((fraction or b"").ljust(9, b"0")), text)


def record(text: bytes) -> LogRecord:
    """A line's record: as the protocol has it, and `error: …` of plain text at its level, too."""
    found = log.parse(text)
    if found.fields or found.level != "info":
        return found
    for level in log.LEVELS:
        plain = _PLAIN_LEVEL.match(found.msg)
        if plain and plain[1].lower() == level:
            return LogRecord(level, found.msg)  # type: ignore[arg-type]
    return found


@dataclass(frozen=True)
class Gap:
    """Two stamps (nanoseconds) between which there may have been lines that nobody has any more."""

    after: int
    before: int

    def __str__(self) -> str:
        first, last = Line(self.after, b"").time, Line(self.before, b"").time
        return f"lines between {first} and {last} UTC may be lost: the node rotated its log before they were read"


class Ledger:
    """All lines of one container that were read so far."""

    def __init__(self) -> None:
        self.count = 0
        self.last: Line | None = None
        self.last_error: LogRecord | None = None
        self.tail: deque[str] = deque(maxlen=TAIL)
        self.gaps: list[Gap] = []
        self.unjoined = False
        self._known: set[_Key] = set()
        self._order: deque[_Key] = deque()
        self._read_up_to = -1

    def reading(self, *, whole: bool) -> "Reading":
        """A new reading; `whole`: it begins at the start of what there is."""
        return Reading(self, whole=whole)

    def _knows(self, key: _Key) -> bool:
        return key in self._known or key[0] <= self._read_up_to

    def _add(self, found: Line, key: _Key) -> None:
        self.count += 1
        if self.last is None or found.ns >= self.last.ns:
            self.last = found
        shown = found.record
        self.tail.append(shown.msg)
        if shown.failed:
            self.last_error = shown
        self._known.add(key)
        self._order.append(key)
        if len(self._order) > REMEMBERED:
            oldest = self._order.popleft()
            self._known.discard(oldest)
            self._read_up_to = max(self._read_up_to, oldest[0])

    def ending(self, why_cut: str = "") -> str:
        """The last line of a log: how many lines it has, and whether that is all of them."""
        many = f"{self.count:,} line{'' if self.count == 1 else 's'}"
        told = [f"end of log: {many}" if not why_cut else f"log cut after {many}: {why_cut}", *map(str, self.gaps)]
        if self.unjoined:
            told.append("the node has rotated the log since, so that lines after these may be lost")
        return "; ".join(told)


class Reading:
    """One reading of a log, from a connection that may break at any time.

    `joined`: it holds a line that is known, or begins the log, so that nothing lies between. `disconnected`: it holds a
    new line before any that is known: read the whole log.
    """

    def __init__(self, ledger: Ledger, *, whole: bool) -> None:
        self.disconnected = False
        self._ledger = ledger
        self._whole = whole
        self._equals: Counter[tuple[int, bytes]] = Counter()
        self.joined = ledger.last is None

    def take(self, found: Line) -> bool:
        """Take the reading's next line; True if it is new. A line of a disconnected reading is not taken."""
        same = (found.ns, found.text)
        key = (found.ns, hash(found.text), self._equals[same])
        self._equals[same] += 1
        if len(self._equals) > REMEMBERED:  # equals stand close together
            self._equals.clear()
        if self.disconnected:
            return False
        if self._ledger._knows(key):
            self.joined = True
            return False
        if not self._join(found):
            return False
        self._ledger._add(found, key)
        return True

    def _join(self, found: Line) -> bool:
        """Whether the new line follows on what is known, or begins what is left of the log."""
        if not self.joined:
            if not self._whole:
                self.disconnected = True
                return False
            last = self._ledger.last
            if last is not None:
                self._ledger.gaps.append(Gap(last.ns, found.ns))
            self.joined = True
        return True
