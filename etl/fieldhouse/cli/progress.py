"""Progress of a run on standard error: a line a finished task; on a terminal, what is being done moves below them."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from fieldhouse.consume import notes
from fieldhouse.errors import FieldhouseError
from fieldhouse.extract.log import LogRecord
from fieldhouse.lake.runs import Receipt
from fieldhouse.plan import Task

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Progress(Protocol):
    """Who is told of every task's begin and end, and of what extractors log."""

    def task(self, task: Task, end: Receipt | FieldhouseError | None) -> None:
        """A task begins (None), has left its receipt, or has failed."""

    def log(self, source: str, record: LogRecord) -> None:
        """An extractor has logged a record."""


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """Progress as this standard error can show it."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    text = TextColumn("[bold]{task.fields[stage]:<12}[/] {task.description:<22}")
    console = Console(file=sys.stderr, highlight=False, emoji=False)
    with Bars(
        SpinnerColumn(),
        text,
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bars:
        yield Moving(bars)


class Lines:
    """One plain line for each task that ends, and for each warning and error of an extractor."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}

    def task(self, task: Task, end: Receipt | FieldhouseError | None) -> None:
        """A task begins, or ends with a line."""
        with self._lock:
            if end is None:
                self._began[task.id] = time.monotonic()
                self._begin(task)
                return
            took = time.monotonic() - self._began.pop(task.id, time.monotonic())
            self._end(task, end, end.seconds if isinstance(end, Receipt) else took)

    def log(self, source: str, record: LogRecord) -> None:
        """An extractor's warning or error is a line."""
        if record.level in ("warning", "error", "critical"):
            where = "/".join(str(record.fields[name]) for name in ("feed", "key") if record.fields.get(name))
            self._print(f"{source}: {record.level}: {where + ': ' if where else ''}{record.msg}")

    def _begin(self, task: Task) -> None:
        pass

    def _end(self, task: Task, end: Receipt | FieldhouseError, seconds: float) -> None:
        self._print(line(task, end, seconds))
        self._notes(end)

    def _notes(self, end: Receipt | FieldhouseError) -> None:
        for text in notes.lines(end.notes) if isinstance(end, Receipt) else ():
            self._print(f"  note: {text}")

    def _print(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Moving(Lines):
    """The same lines above bars of what is being done."""

    def __init__(self, bars: "Bars") -> None:
        super().__init__()
        self._bars = bars
        self._shown: dict[str, TaskID] = {}

    def log(self, source: str, record: LogRecord) -> None:
        """An extractor's `n` of `of` moves its bar."""
        done, total = record.fields.get("n"), record.fields.get("of")
        bar = self._shown.get(f"extract.{source}")
        if bar is not None and isinstance(done, int) and isinstance(total, int):
            self._bars.update(bar, completed=done, total=total, count=f"{done:,} of {total:,}")
        super().log(source, record)

    def _begin(self, task: Task) -> None:
        self._shown[task.id] = self._bars.add_task(task.of, total=None, stage=task.stage, count="")

    def _end(self, task: Task, end: Receipt | FieldhouseError, seconds: float) -> None:
        bar = self._shown.pop(task.id, None)
        if bar is not None:
            self._bars.remove_task(bar)
        from rich.text import Text

        if isinstance(end, FieldhouseError):
            mark, style = ("✗ ", "bold red"), "red"
        else:
            mark, style = ("✓ ", "green"), "dim" if end.remembered else ""
        self._bars.console.print(Text.assemble(mark, (line(task, end, seconds), style)), soft_wrap=True)
        self._notes(end)

    def _print(self, text: str) -> None:
        self._bars.console.print(text, style="yellow", markup=False, soft_wrap=True)


def line(task: Task, end: Receipt | FieldhouseError, seconds: float) -> str:
    """One task's end in a line: stage, source or domain, seconds, what it did."""
    if isinstance(end, FieldhouseError):
        what = f"failed: {end.message.splitlines()[0]}"
    else:
        what = did(end) + (" (remembered)" if end.remembered else "")
    return f"{task.stage:<12} {task.of:<20} {seconds:>7.2f} s  {what}"


def did(receipt: Receipt) -> str:
    """What a task did, from its receipt's counts."""
    stage = receipt.task.partition(".")[0]
    return _DID[stage](receipt) if stage in _DID else _built(receipt)


def _extracted(receipt: Receipt) -> str:
    return "sealed in part" if receipt.notes else "sealed"


def _landed(receipt: Receipt) -> str:
    counts = receipt.counts
    return f"landing {counts['landing']}: {_things(counts['changed'], 'file')} changed, {counts['gone']:,} gone"


def _cut(receipt: Receipt) -> str:
    return f"{_things(receipt.counts['sources'], 'source')} pinned"


def _normalized(receipt: Receipt) -> str:
    counts = dict(receipt.counts)
    buckets, built = counts.pop("buckets", 0), counts.pop("buckets built", 0)
    outcomes = sorted(counts.items(), key=lambda item: -item[1])
    records = (
        "records " + ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes) if outcomes else "no records"
    )
    return f"{records}; {built} of {_things(buckets, 'bucket')} built"


def _built(receipt: Receipt) -> str:
    tables = {name: rows for name, rows in receipt.counts.items() if not name.endswith(".origin")}
    return f"{_things(sum(tables.values()), 'row')} in {_things(len(tables), 'dataset')}"


def audited(counts: Mapping[str, int]) -> str:
    """What became of an audit's checks."""
    bad = [f"{counts['failed']:,} failed"] if counts.get("failed") else []
    bad += [_things(counts[f"{name}s"], name) for name in ("error", "warning") if counts.get(f"{name}s")]
    bad += [f"{counts['accepted']:,} accepted"] if counts.get("accepted") else []
    told = ", ".join(bad) or "all passed"
    return f"{_things(counts.get('checks', 0), 'check')}: {told}"


def _published(receipt: Receipt) -> str:
    number = receipt.counts["release"]
    return f"release {number} published" if receipt.counts["published"] else f"nothing new since release {number}"


def _shown(receipt: Receipt) -> str:
    counts = receipt.counts
    copied = f", {counts['copied']:,} copied within the server" if counts.get("copied") else ""
    what = "shown" if counts["switched"] else "was shown already"
    return f"release {counts['release']} {what}: {_things(counts['sent'], 'row')} sent{copied}"


def _things(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


_DID: dict[str, Callable[[Receipt], str]] = {
    "extract": _extracted,
    "land": _landed,
    "read": lambda receipt: f"{_things(receipt.counts['files'], 'file')} read",
    "cut": _cut,
    "normalize": _normalized,
    "audit": lambda receipt: audited(receipt.counts),
    "publish": _published,
    "warehouse": _shown,
}
