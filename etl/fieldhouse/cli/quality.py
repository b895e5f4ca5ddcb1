"""`quality run|report|new`: the audit as a question, what it found as pages and files, and a check of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, group, verb
from fieldhouse.errors import Exit, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldhouse.stages.audit.asking import Document

app = group("quality", "Checks of tables: make them, read what they found, add one.")
RunId = Annotated[
    str, typer.Option("--run", metavar="ID", help="This run's tables, not a release's.", autocompletion=complete.runs)
]
Datasets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset", metavar="NAME", help="This dataset or domain; again for more.", autocompletion=complete.datasets
    ),
]
Season = Annotated[str, typer.Option("--season", metavar="LABEL", help="Only what is wrong in this season.")]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit's XML, too.")]
Pages = Annotated[
    Path | None, typer.Option("--docs", metavar="DIR", help="Write Great Expectations' Data Docs, a folder a domain.")
]


@verb(app, "release")
def run(call: Call, run: RunId = "", dataset: Datasets = None, season: Season = "", junit: Junit = None) -> None:
    """Make the checks of a release (the newest, or --release N), or of a run, now.

    Ends with 65 where a critical check fails or one cannot be run. Nothing is written to the lake.
    """
    from fieldhouse.stages.audit import asking, basis

    _refuse_both(call, run)
    store = call.store()
    about = basis.of_run(store, run) if run else basis.of_release(store, call.release)
    found = asking.ask(store, about, asking.Asked(tuple(dataset or ()), season))
    _tell(call, about.name, found, junit)


@verb(app, "release")
def report(call: Call, run: RunId = "", junit: Junit = None, docs: Pages = None) -> None:
    """What the checks found with which a release was published, or a run's audit ended.

    Ends with 65 where a critical check failed or one could not be run.
    """
    from fieldhouse.stages.audit import asking, datadocs

    _refuse_both(call, run)
    store = call.store()
    name, found = asking.of_run(store, run) if run else asking.of_release(store, call.release)
    if docs:
        for document in found:
            screen.hint(str(datadocs.render(document, docs / asking.folder(document))))
    _tell(call, name, found, junit)


@verb(app)
def new(
    call: Call,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="The domain.", autocompletion=complete.domains)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What must hold: no_goal_is_lost.")],
    dataset: Annotated[
        str,
        typer.Option(
            "--dataset", metavar="NAME", help="The dataset that is checked.", autocompletion=complete.datasets
        ),
    ] = "",
) -> None:
    """Begin a check: a file under quality/DOMAIN that runs at once, and fails until it says what must hold."""
    from fieldhouse import contracts, settings
    from fieldhouse.stages.audit import scaffold

    planned = scaffold.plan(settings.home(), domain, name, dataset, contracts.load_all())
    scaffold.make(planned)
    if call.json:
        screen.print_json({"check": name, "dataset": planned.dataset, "file": str(planned.path)})
        return
    screen.say(f"{planned.path} is made: write what must hold of {planned.dataset} (docs/quality.md says how).")
    screen.hint(f"`fieldhouse quality run --dataset {planned.dataset}` makes its checks")


def _refuse_both(call: Call, run: str) -> None:
    if run and call.release:
        raise UsageError("--run and --release: one of them is expected")


def _tell(call: Call, name: str, found: "Sequence[Document]", junit: Path | None) -> None:
    """Print what was found, write it for continuous integration; ends with 65 where it stops publication."""
    from fieldhouse.stages.audit import telling

    lines = telling.lines(found)
    counts = telling.summary(lines)
    if junit:
        _write(junit, telling.junit(name, lines))
    if call.json:
        screen.print_json({"of": name, "counts": counts, "audits": found})
    else:
        for line in lines:
            if line.state != "passed":
                screen.say(line.text())
        told = ", ".join(f"{number:,} {state}" for state, number in counts.items())
        screen.say(f"{name}: {told}{'' if len(counts) > 1 else ', all passed'}")
    if counts.get("failed") or counts.get("error"):
        raise typer.Exit(Exit.DATA)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}", hint="name another file") from error
