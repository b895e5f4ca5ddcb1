"""`release tag`, `untag` and `prune`: which releases are kept."""

from collections.abc import Sequence
from typing import Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, verb

TagName = Annotated[str, typer.Argument(metavar="TAG", help="The tag: paper-2026.", autocompletion=complete.tags)]
Number = Annotated[
    int | None,
    typer.Argument(metavar="N", min=1, help="The release; the newest if left out.", autocompletion=complete.releases),
]


def register(app: typer.Typer) -> None:
    """Add the verbs to the group `release`."""
    for function in (tag, untag, prune):
        verb(app)(function)


def tag(call: Call, name: TagName, number: Number = None) -> None:
    """Give a release a name; a release that has one is never forgotten."""
    from dataclasses import asdict

    from fieldhouse.lake import tags

    given = tags.give(call.store(), name, number)
    if call.json:
        screen.print_json(asdict(given))
        return
    screen.say(f"Release {given.release} is tagged {given.name}.")


def untag(call: Call, name: TagName) -> None:
    """Take a tag away from its release."""
    from dataclasses import asdict

    from fieldhouse.lake import tags

    taken = tags.take(call.store(), name)
    if call.json:
        screen.print_json(asdict(taken))
        return
    screen.say(f"Release {taken.release} is no longer tagged {taken.name}.")


def prune(
    call: Call,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="Keep the newest N releases.")] = 10,
    keep_days: Annotated[
        float,
        typer.Option("--keep-days", metavar="DAYS", min=0, help="Keep what was published less than this long ago."),
    ] = 30.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be forgotten.")] = False,
) -> None:
    """Forget old releases that have no tag; `lake gc` later deletes what only they referred to.

    A release stays if it is among the newest, young, tagged, or a run in progress is built upon it.
    """
    from fieldhouse.lake import pruning

    store = call.store()
    planned = pruning.plan_prune(store, keep, keep_days)
    done = planned if dry_run else pruning.prune(store, planned)
    if call.json:
        screen.print_json({"dry_run": dry_run, **done.doc()})
        return
    for number, why in done.stays.items():
        if why not in ("among the newest", "young"):
            screen.say(f"release {number} stays: {why}")
    count = f"{len(done.forget)} release{'' if len(done.forget) == 1 else 's'}"
    what = f"{count} ({spans(done.forget)})" if done.forget else "nothing"
    screen.say(f"{'Would forget' if dry_run else 'Forgot'} {what}; {len(done.stays)} stay.")
    if done.forget and not dry_run:
        screen.hint("`fieldhouse lake gc` deletes what only they referred to, one grace period later")


def spans(numbers: Sequence[int]) -> str:
    """Ascending numbers in short: 1-7, 9."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ", ".join("-".join(map(str, span)) for span in found)
