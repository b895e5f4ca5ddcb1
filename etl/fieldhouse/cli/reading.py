"""`ls`, `describe`, `load` and `sql`: what a release holds, printed or written to a file."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse.cli import answer, complete, screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.cli.screen import Head
from fieldhouse.errors import NotFound, UnavailableError

if TYPE_CHECKING:
    from fieldhouse.consume.described import Description
    from fieldhouse.consume.opened import Opened

DATASETS = (Head("dataset"), Head("layer"), Head("rows", right=True), Head("title"))

Dataset = Annotated[
    str, typer.Argument(metavar="NAME", help="A dataset: football.standing.", autocompletion=complete.datasets)
]
Columns = Annotated[
    list[str] | None, typer.Option("--columns", metavar="A,B", help="Only these columns; commas or several times.")
]
Seasons = Annotated[
    list[str] | None, typer.Option("--seasons", metavar="A,B", help="Only these seasons: 2013-14,2014-15.")
]
Where = Annotated[
    str | None, typer.Option("--where", metavar="SQL", help="Only rows for which this holds: 'points > 80'.")
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=0, help=answer.LIMIT_HELP)]
Output = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help=answer.OUTPUT_HELP)]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the file.")]
Odcs = Annotated[bool, typer.Option("--odcs", help="As a contract of the Open Data Contract Standard, in YAML.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the app."""
    for function in (ls, describe, load, sql):
        verb(app, "release")(function)


def ls(call: Call) -> None:
    """What datasets there are, with their rows."""
    from fieldhouse.consume.opened import open_release

    try:
        opened = open_release(call.release, call.lake)
    except (NotFound, UnavailableError) as error:
        if call.release is not None:
            raise
        _ls_declared(call, error.message)
        return
    if not call.json:
        show_datasets(opened)
        return
    release = opened.release
    fields = ("name", "title", "layer", "grain", "rows", "version")
    found = [{field: getattr(table, field) for field in fields} for _, table in sorted(release.datasets.items())]
    screen.print_json({"release": release.number, "time": release.time, "datasets": found})


def show_datasets(opened: "Opened") -> None:
    """The datasets of a release as a table."""
    release = opened.release
    screen.heading(f"Release {release.number}, {screen.moment(release.time)}, lake {opened.store.url}\n")
    tables = [release.datasets[name] for name in sorted(release.datasets)]
    rows = [(table.name, table.layer, screen.number(table.rows), table.title) for table in tables]
    screen.table(DATASETS, rows, fold="title")


def _ls_declared(call: Call, why: str) -> None:
    """What the declarations promise, where there is no release to look into."""
    from fieldhouse import contracts

    declared = list(contracts.load_all().values())
    if call.json:
        found = [
            {"name": c.name, "title": c.title, "layer": c.layer, "grain": c.grain, "rows": None, "version": c.version}
            for c in declared
        ]
        screen.print_json({"release": None, "time": None, "datasets": found})
    else:
        rows = [(c.name, c.layer, None, c.title) for c in declared]
        screen.table(DATASETS, rows, fold="title")
    screen.hint(f"note: {why}; these are the datasets as declared, without rows")


def describe(call: Call, name: Dataset, odcs: Odcs = False) -> None:
    """What a dataset means: every column with type and unit."""
    from fieldhouse.consume.catalog import describe as find

    found = find(name, call.release, call.lake)
    if odcs:
        _give_odcs(call, found)
    elif call.json:
        screen.print_json(found.to_dict())
    else:
        screen.say(str(found))


def _give_odcs(call: Call, found: "Description") -> None:
    from fieldhouse.consume import odcs

    if call.json:
        screen.print_json(odcs.document(found))
    else:
        sys.stdout.write(odcs.text(found))


def load(
    call: Call,
    name: Dataset,
    columns: Columns = None,
    seasons: Seasons = None,
    where: Where = None,
    limit: Limit = None,
    output: Output = "",
    force: Force = False,
) -> None:
    """Print rows of a dataset, or write CSV, Parquet or JSON."""
    from fieldhouse.consume.load import load as find

    target = answer.target(output, force=force)
    table = find(name, call.release, _several(columns), _several(seasons), where, engine="arrow", lake=call.lake)
    answer.give(call, table, target, limit)


def sql(
    call: Call,
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="DuckDB's SQL over the release; - reads standard input.")
    ],
    limit: Limit = None,
    output: Output = "",
    force: Force = False,
) -> None:
    """Ask a release in SQL; print the answer, or write it.

    Every dataset is a table: SELECT team, points FROM football.standing WHERE is_final.
    """
    from fieldhouse.consume.query import sql as find

    target = answer.target(output, force=force)
    text = sys.stdin.read() if query == "-" else query
    answer.give(call, find(text, call.release, engine="arrow", lake=call.lake), target, limit)


def _several(given: list[str] | None) -> list[str] | None:
    """Values given several times or with commas, as one list."""
    return [part.strip() for item in given for part in item.split(",") if part.strip()] if given else None
