"""`warehouse` and the verbs beside it: a release in a database, what is there, and what goes."""

from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, group_verb, verb
from fieldhouse.cli.screen import Head

if TYPE_CHECKING:
    from fieldhouse.stages.warehouse import Books

app = typer.Typer(name="warehouse", rich_markup_mode=None, pretty_exceptions_enable=False)


@group_verb(app, "release")
def load(
    call: Call,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="ID",
            help="Leave a receipt in this run; without it the lake may be read only.",
            autocompletion=complete.runs,
        ),
    ] = None,
) -> None:
    """Show the newest release in the warehouse, or the one given.

    The setting FIELDHOUSE_WAREHOUSE says where it is. Readers of its views see the release before until all of this one
    is there, and then all of it.
    """
    from fieldhouse.cli import termination
    from fieldhouse.cli.progress import line, progress
    from fieldhouse.cli.run import receipt_doc
    from fieldhouse.plan import Task
    from fieldhouse.stages import warehouse as stage

    task, store = Task("warehouse"), call.store()
    if run:
        store.check_writable()
    with progress() as shown:
        shown.task(task, None)
        receipt = stage.run(store, run or "", release=call.release)
    termination.done(receipt)
    if call.json:
        screen.print_json(receipt_doc(receipt))
        return
    screen.say(line(task, receipt, receipt.seconds))
    for note in receipt.notes:
        screen.hint(f"note: {note['note']}")


@verb(app)
def status(call: Call) -> None:
    """The releases that the warehouse holds, and which one each view shows."""
    from fieldhouse.stages import warehouse as stage

    name, books = stage.status()
    if call.json:
        screen.print_json({"warehouse": name, **_doc(books)})
        return
    current = books.current
    screen.say(f"{name} shows release {current.number}." if current else f"{name} shows no release yet.")
    heads = [Head("release", right=True), Head("state"), Head("shown since"), Head("datasets", right=True)]
    rows = [
        [held.number, held.state, held.shown and held.shown.isoformat(sep=" ", timespec="minutes"), len(held.datasets)]
        for held in books.releases.values()
    ]
    if rows:
        screen.table(heads, rows)
    for view in books.views.values():
        if view.retired:
            screen.say(f"{view.view.full} is retired: it shows release {view.release} since {view.retired:%Y-%m-%d}")


def _doc(books: "Books") -> dict[str, object]:
    return {
        "release": books.current.number if books.current else None,
        "releases": [
            {
                "number": h.number,
                "content": h.content,
                "state": h.state,
                "shown": h.shown,
                "datasets": sorted(h.datasets),
            }
            for h in books.releases.values()
        ],
        "views": [
            {"view": v.view.full, "dataset": v.view.dataset, "release": v.release, "retired": v.retired}
            for v in books.views.values()
        ],
    }


@verb(app)
def prune(
    call: Call,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="Keep the N releases shown last.")] = 2,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Drop old releases from the warehouse, and views that were retired long ago; each load does, too.

    What objects of users depend on stays, and those objects are named.
    """
    from fieldhouse.stages import warehouse as stage

    done = stage.prune(keep, dry_run=dry_run)
    if call.json:
        screen.print_json({"dry_run": dry_run, **done.doc()})
        return
    gone = [*(f"release {number}" for number in done.releases), *done.views]
    screen.say(f"{'Would drop' if dry_run else 'Dropped'} {', '.join(gone) or 'nothing'}.")
    for what, why in done.stays.items():
        screen.say(f"{what} stays: {why}")


@verb(app)
def roles(call: Call) -> None:
    """Print the SQL that makes the roles of loader and readers, for an administrator to run in psql."""
    from fieldhouse.stages import warehouse as stage

    if call.json:
        screen.print_json({"sql": stage.ROLES})
        return
    screen.say(stage.ROLES.rstrip())
