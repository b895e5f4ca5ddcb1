"""`site`: the catalog of a release as a folder of web pages."""

from pathlib import Path
from typing import Annotated

import typer

from fieldhouse.cli import screen
from fieldhouse.cli.call import Call, verb

Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="DIR", help="The folder; an older site in it is replaced.")
]


def register(app: typer.Typer) -> None:
    """Add the verb to the app."""
    verb(app, "release")(site)


def site(call: Call, output: Output) -> None:
    """Write a release's catalog: web pages of its datasets, sources, lineage and checks.

    They need no server: open DIR/index.html. A folder with anything else in it is left alone.
    """
    from fieldhouse.site import write

    made = write(output.expanduser(), call.release, call.lake)
    if call.json:
        screen.print_json(
            {"folder": str(made.folder), "release": made.release, "files": made.files, "bytes": made.bytes}
        )
        return
    screen.say(f"release {made.release}: {made.files:,} files, {made.bytes:,} bytes: {made.folder}/index.html")
