"""What a person reads: tables as wide as the terminal, or whole in a pipe; and JSON where that is asked for."""

import datetime
import decimal
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

#: Wider cells are cut on a terminal.
WIDEST = 48
_PIPE_WIDTH = 100_000
NULL = "–"
Row = Sequence[object]


@dataclass(frozen=True)
class Head:
    """The head of one column; numbers stand to the right."""

    name: str
    right: bool = False


def print_json(value: object) -> None:
    """Print one JSON document, the only thing on standard output."""
    print(json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=1))


def plain(value: object) -> object:  # noqa: PLR0911 - one line a type
    """The value in JSON's terms: dates as ISO 8601, decimals as numbers, NaN as null."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case str() | bool() | int() | None:
            return value
        case float():
            return value if math.isfinite(value) else None
        case decimal.Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            return str(value)


def cell(value: object) -> str:  # noqa: PLR0911 - one line a type
    """A value as it stands in a table."""
    match value:
        case None:
            return NULL
        case bool():
            return "yes" if value else "no"
        case float():
            return NULL if math.isnan(value) else f"{value:.6g}"
        case list() | tuple():
            return ", ".join(cell(item) for item in value)
        case datetime.datetime():
            return value.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        case str():
            return value.replace("\n", " ")
        case _:
            return str(value)


def number(value: int) -> str:
    """A count with separators: 12,345."""
    return f"{value:,}"


def moment(text: str) -> str:
    """An instant of a document, short: `2026-11-23 17:05 UTC`."""
    return f"{text[:16].replace('T', ' ')} UTC" if text.endswith("+00:00") else text


def duration(seconds: float) -> str:
    """A length of time in the largest unit that fits: `4 s`, `12 min`, `3 h`, `5 days`."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= (2 if unit == "days" else 1) * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def console() -> "Console":
    """Standard output as rich sees it: colours and the terminal's width only on a terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, emoji=False, markup=False)


def table(heads: Sequence[Head], rows: Sequence[Row], *, fold: str = "") -> None:
    """Print a table. The column `fold` is the one that wraps on a narrow terminal, the others stay whole."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        wraps = head.name == fold
        grid.add_column(
            head.name,
            justify="right" if head.right else "left",
            no_wrap=not wraps,
            overflow="fold" if wraps else "ellipsis",
            max_width=None if wraps or not sys.stdout.isatty() else WIDEST,
        )
    for row in rows:
        grid.add_row(*(Text(cell(value), style="dim" if value is None else "") for value in row))
    _print(grid)


def _print(grid: object) -> None:
    to = console()
    if to.is_terminal:
        to.print(grid)
        return
    with to.capture() as captured:
        to.print(grid)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def fitting(heads: Sequence[Head], rows: Sequence[Row]) -> list[int]:
    """The columns, by index, that stand side by side on this terminal; all of them in a pipe.

    Where not all fit, ids and columns without a value make room first, then those to the right.
    """
    everything = list(range(len(heads)))
    if not sys.stdout.isatty():
        return everything
    from rich.cells import cell_len

    width = console().width + 2
    needs = [
        min(WIDEST, max([cell_len(head.name), *(cell_len(cell(row[index])) for row in rows)])) + 2
        for index, head in enumerate(heads)
    ]
    if sum(needs) <= width:
        return everything
    telling = [i for i in everything if not heads[i].name.endswith("_id") and any(row[i] is not None for row in rows)]
    chosen: list[int] = []
    for index in telling or everything:
        width -= needs[index]
        if width < 0:
            break
        chosen.append(index)
    return chosen or everything[:1]


def wrapped(text: str) -> str:
    """The text in lines of the terminal's width."""
    import shutil
    import textwrap

    return textwrap.fill(text, shutil.get_terminal_size().columns, break_long_words=False, break_on_hyphens=False)


def heading(text: str) -> None:
    """Print a line that stands above what it names."""
    console().print(text, style="bold", soft_wrap=True)


def say(text: str = "") -> None:
    """Print lines of the answer."""
    print(text)


def hint(text: str) -> None:
    """Print what helps a person and is no part of the answer, on standard error."""
    print(text, file=sys.stderr)
