"""`trace`: the raw records that a row came from."""

from typing import Annotated

import typer

from fieldhouse.cli import complete, screen
from fieldhouse.cli.call import Call, verb

Dataset = Annotated[
    str, typer.Argument(metavar="DATASET", help="A dataset: core.match.", autocompletion=complete.datasets)
]
Key = Annotated[
    list[str],
    typer.Argument(metavar="KEY", help="The values that identify the row, in order; or one text, joined by |."),
]


def register(app: typer.Typer) -> None:
    """Add the verb to the app."""
    verb(app, "release")(trace)


def trace(call: Call, dataset: Dataset, key: Key) -> None:
    """The raw records that a row came from.

    `fieldhouse describe DATASET` says which values identify a row.
    """
    from fieldhouse import explain

    found = explain.trace(call.store(), dataset, key[0] if len(key) == 1 else key, call.release)
    if call.json:
        screen.print_json(found.doc())
    else:
        screen.say(explain.tell_trace(found))
