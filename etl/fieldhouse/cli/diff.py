"""`release diff`: what one release has otherwise than an earlier one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import answer, complete, screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.cli.screen import Head
from fieldhouse.errors import UsageError

if TYPE_CHECKING:
    from fieldhouse.consume.changes import Difference

Earlier = Annotated[
    int, typer.Argument(metavar="A", min=1, help="The earlier release.", autocompletion=complete.releases)
]
Later = Annotated[
    int | None,
    typer.Argument(metavar="B", min=1, help="The later one; the newest if left out.", autocompletion=complete.releases),
]
Name = Annotated[
    str,
    typer.Option("--dataset", metavar="NAME", help="List the rows of this dataset.", autocompletion=complete.datasets),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=0, help=answer.LIMIT_HELP)]
Output = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help=answer.OUTPUT_HELP)]
Force = Annotated[bool, typer.Option("--force", help="Overwrite FILE.")]


def register(app: typer.Typer) -> None:
    """Add the verb to the group `release`."""
    verb(app)(diff)


def diff(
    call: Call,
    earlier: Earlier,
    later: Later = None,
    dataset: Name = "",
    limit: Limit = None,
    output: Output = "",
    force: Force = False,
) -> None:
    """What a release has otherwise than an earlier one: rows added, removed and changed by key, and why.

    Only parts that differ are read. With --dataset its rows are listed, a line for each column that differs.
    """
    if dataset:
        _rows(call, earlier, later, dataset, limit, answer.target(output, force=force))
        return
    if output or limit is not None:
        raise UsageError("--limit and --output are for the rows of one dataset", hint="name it with --dataset")
    from fieldhouse.consume.changes import compare
    from fieldhouse.consume.opened import open_release

    before, after = open_release(earlier, call.lake), open_release(later, call.lake)
    found = compare(before, after)
    if call.json:
        numbers = {"from": before.release.number, "to": after.release.number}
        screen.print_json({**numbers, "datasets": [asdict(item) for item in found]})
        return
    screen.heading(f"From release {before.release.number} to {after.release.number}, lake {after.store.url}")
    if not found:
        screen.say("Their tables are equal.")
        return
    _show(found)
    screen.hint("\n--dataset NAME lists the rows of one of them")


def _show(found: "list[Difference]") -> None:
    heads = [
        Head("dataset"),
        Head("added", right=True),
        Head("removed", right=True),
        Head("changed", right=True),
        Head("columns"),
        Head("why"),
    ]
    rows = [
        [d.dataset, *map(screen.number, (d.added, d.removed, d.changed)), _most(d.columns), d.note or _most(d.reasons)]
        for d in found
    ]
    screen.table(heads, rows, fold="columns")


def _most(counts: Mapping[str, int], shown: int = 4) -> str:
    told = [f"{name} {count:,}" for name, count in list(counts.items())[:shown]]
    more = len(counts) - shown
    return ", ".join([*told, f"{more} more"] if more > 0 else told)


def _rows(
    call: Call, earlier: int, later: int | None, dataset: str, limit: int | None, to: answer.Target | None
) -> None:
    from fieldhouse.consume.changes import changes

    answer.give(call, changes(dataset, earlier, later, engine="arrow", lake=call.lake), to, limit)
