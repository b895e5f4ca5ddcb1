"""`run` and `plan`: the whole way from upstream to a release, and what it would do."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.cli.ending import doc
from fieldhouse.errors import UnavailableError

if TYPE_CHECKING:
    from fieldhouse.embedded import Outcome
    from fieldhouse.lake.ages import Age
    from fieldhouse.lake.runs import Receipt
    from fieldhouse.lake.store import Store

Sources = Annotated[
    list[str] | None,
    typer.Argument(metavar="SOURCE", help="Sources; all, if none is named.", autocompletion=complete.sources),
]
RunId = Annotated[str | None, typer.Option("--run", metavar="ID", help="The run's id; a new one if it is left out.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the app."""
    verb(app, "mirror")(run)
    verb(app)(plan)


def run(call: Call, sources: Sources = None, run: RunId = None) -> None:
    """Extract, land, and make a release of all that has landed.

    Ends with the exit code of the first source that failed, if one did; the others are published nevertheless.
    """
    from fieldhouse import embedded
    from fieldhouse.cli.progress import progress

    began = time.monotonic()
    store = call.store(make=True)
    with progress() as shown:
        outcome = embedded.run(store, sources or (), run_id=run, mirror=call.mirror, show=shown.task, log=shown.log)
    tell(call, store, outcome, time.monotonic() - began)


def tell(call: Call, store: "Store", outcome: "Outcome", seconds: float) -> None:
    """Print what a run did; ends with the exit code of the first source that failed."""
    if call.json:
        screen.print_json(outcome_doc(store, outcome, seconds))
    else:
        say_outcome(store, outcome, seconds)
    for error in outcome.failed.values():
        raise typer.Exit(int(error.exit))


def say_outcome(store: "Store", outcome: "Outcome", seconds: float) -> None:
    """Print the release, and why sources failed."""
    from fieldhouse.lake import releases

    release = releases.read(store, outcome.release)
    rows = sum(table.rows for table in release.datasets.values())
    if outcome.published:
        what = f"Release {release.number} is published: {rows:,} rows in {len(release.datasets)} datasets"
    else:
        what = f"Nothing new: release {release.number} holds all that has landed"
    screen.say(f"{what} ({seconds:.1f} s, lake {store.url}).")
    for name, error in outcome.failed.items():
        screen.say(f"\nThe source {name} failed; {_kept(outcome.ages.get(name))}.\n  {error}")
    for name, error in outcome.left_out.items():
        screen.say(f"\nThe source {name} is left out; {_kept(outcome.ages.get(name))}: {error.message}.")
    if outcome.failed and not set(outcome.ages) - set(outcome.failed):
        screen.say("\nAll sources failed: the release can only hold what had landed before.")
    for age in outcome.stale:
        screen.say(f"\n{stale_line(age)}")


def _kept(age: "Age | None") -> str:
    """What the release has of a source that failed."""
    if age is None:
        return "it has never landed, and the release has nothing of it"
    return f"the release keeps its landing {age.landing}, {screen.duration(age.age_days * 86400)} old"


def stale_line(age: "Age") -> str:
    """A source that is older than it may be, and what to do, in a line."""
    return (
        f"stale: {age.source} landed {screen.duration(age.age_days * 86400)} ago; its limit is {age.limit_days:g} days. "
        f"`fieldhouse run {age.source}` fetches it again, `fieldhouse source aside ls` shows what was refused"
    )


def outcome_doc(store: "Store", outcome: "Outcome", seconds: float) -> dict[str, object]:
    """What a run did, as it stands in JSON."""
    return {
        "run": outcome.run,
        "lake": store.url,
        "release": outcome.release,
        "published": outcome.published,
        "seconds": round(seconds, 3),
        "failed": {name: doc(error) for name, error in outcome.failed.items()},
        "left_out": {name: doc(error) for name, error in outcome.left_out.items()},
        "sources": {name: age.doc() for name, age in outcome.ages.items()},
        "tasks": [receipt_doc(receipt) for receipt in outcome.receipts],
    }


def receipt_doc(receipt: "Receipt") -> dict[str, object]:
    """A receipt in JSON, with its parts counted instead of listed."""
    listed = {key: value for key, value in receipt.doc().items() if key not in ("outputs", "inputs")}
    return {**listed, "parts": len(receipt.outputs), "rows": sum(part.rows for part in receipt.outputs)}


def plan(call: Call, sources: Sources = None) -> None:
    """What the next run would do, and why; does nothing.

    Looks at what has landed: what upstream has changed meanwhile is not known before it is fetched. Where there is no
    lake yet, the first run makes one, and everything.
    """
    from dataclasses import asdict

    from fieldhouse import explain

    store = _to_plan_for(call)
    steps = explain.plan_run(store, sources or ())
    if call.json:
        screen.print_json({"lake": store.url, "steps": [asdict(step) for step in steps]})
        return
    screen.say(explain.tell_plan(steps))
    build = sum(step.action == "build" for step in steps)
    screen.hint(f"\n{build} of {len(steps)} steps to build; upstream is asked first (extract, land)")


def _to_plan_for(call: Call) -> "Store":
    """The lake; a folder that is none yet counts as an empty one, and stays what it is."""
    from fieldhouse.lake.folder import Folder

    try:
        return call.store()
    except UnavailableError as error:
        if "://" in call.lake:
            raise
        screen.hint(f"note: {error.message} yet; the first `fieldhouse run` makes it\n")
        return Folder(Path(call.lake).expanduser().resolve())
