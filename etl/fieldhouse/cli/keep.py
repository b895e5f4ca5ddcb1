"""`lake verify` and `lake gc`: is the lake whole, and what nobody needs any more."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import screen
from fieldhouse.cli.call import Call, group, verb
from fieldhouse.errors import Exit

if TYPE_CHECKING:
    from fieldhouse.lake.gc import GcPlan
    from fieldhouse.lake.verify import Finding

app = group("lake", "The lake's files.")
#: Names of one kind that are listed on the screen; JSON has all.
LISTED = 20


@verb(app)
def verify(call: Call) -> None:
    """Hash every object again and follow every reference; ends with 74 if something is damaged."""
    from fieldhouse.lake.verify import verify as look

    store = call.store()
    report = look(store)
    if call.json:
        screen.print_json(report.doc())
    else:
        counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
        screen.say(f"Looked at {counts} in {store.url}.")
        _findings("damaged", report.problems)
        _findings("to know", report.notes)
        if report.junk:
            screen.say(f"{len(report.junk)} half-written files of killed writers; `fieldhouse lake gc` removes them")
        screen.say("The lake is whole." if report.clean else f"\n{len(report.problems)} files are damaged or missing.")
    if not report.clean:
        raise typer.Exit(Exit.IO)


def _findings(what: str, found: "tuple[Finding, ...]") -> None:
    for finding in found[:LISTED]:
        screen.say(f"{what}: {finding.name} {finding.what}\n  → {finding.step}")
    if len(found) > LISTED:
        screen.say(f"… and {len(found) - LISTED:,} more; --json lists all")


@verb(app)
def gc(
    call: Call,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    grace_days: Annotated[
        float, typer.Option("--grace-days", metavar="DAYS", min=0, help="Keep what was needed less than this long ago.")
    ] = 7.0,
) -> None:
    """Delete what nothing refers to: first what is remembered, one grace period later the files.

    Releases and landings stay, and whatever they refer to.
    """
    from fieldhouse.lake.gc import collect, plan_collect

    store = call.store()
    planned = plan_collect(store, timedelta(days=grace_days))
    done = planned if dry_run else collect(store, planned)
    if call.json:
        screen.print_json({"dry_run": dry_run, **done.doc()})
        return
    _say_plan(done, dry_run=dry_run)


def _say_plan(plan: "GcPlan", *, dry_run: bool) -> None:
    names = {kind: getattr(plan, kind) for kind in ("memo", "runs", "parts", "raw", "audits", "aside", "leftovers")}
    for kind, found in names.items():
        for name in found[:LISTED] if dry_run else ():
            screen.say(f"{kind:<10} {name}")
        if dry_run and len(found) > LISTED:
            screen.say(f"{kind:<10} … and {len(found) - LISTED:,} more")
    counts = ", ".join(f"{len(found):,} {kind}" for kind, found in names.items() if found) or "nothing"
    screen.say(f"{'Would delete' if dry_run else 'Deleted'} {counts} ({plan.bytes / (1 << 20):,.1f} MiB).")
    if plan.waiting:
        screen.say(f"{len(plan.waiting):,} files that nothing refers to wait for their grace period to end.")
