"""All verbs of `fieldhouse`, in the order in which its help lists them."""

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from fieldhouse.cli import (
    call,
    demo,
    doctor,
    keep,
    quality,
    reading,
    release,
    run,
    site,
    source,
    stage,
    trace,
    warehouse,
)
from fieldhouse.cli.call import DebugOption, JsonOption, LakeOption, MirrorOption, ReleaseOption

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

#: The sections of the help, and the verbs in each.
SECTIONS = {
    "Make releases": ("demo", "run", "plan"),
    "Read tables": ("ls", "describe", "load", "sql", "trace"),
    "Look at": ("site", "release", "quality", "source", "lake", "doctor"),
    "One stage": (
        "extract",
        "request",
        "land",
        "read",
        "cut",
        "normalize",
        "conform",
        "denormalize",
        "audit",
        "publish",
        "warehouse",
    ),
}
EPILOG = (
    "Exit codes: 0 done, 64 usage, 65 data refused, 69 unavailable, 70 internal, 74 input or output, 75 try again later, "
    "77 permission, 78 configuration, 130 interrupted, 143 terminated."
)


class Sections(TyperGroup):
    """Lists verbs in sections, so that what a newcomer wants stands first."""

    def list_commands(self, ctx: "Context") -> list[str]:
        """All verbs in the order of the sections."""
        return [name for names in SECTIONS.values() for name in names]

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the sections."""
        widest = max(map(len, self.list_commands(ctx)))
        for title, names in SECTIONS.items():
            rows = [(f"{name:<{widest}}", self.commands[name].get_short_help_str(90)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)


app = typer.Typer(name="fieldhouse", cls=Sections, rich_markup_mode=None, pretty_exceptions_enable=False)


def _version(asked: bool) -> None:
    if asked:
        import fieldhouse

        print(f"fieldhouse {fieldhouse.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True, epilog=EPILOG)
def fieldhouse(
    ctx: typer.Context,
    lake: LakeOption = None,
    mirror: MirrorOption = None,
    release: ReleaseOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Sports tables by name, from numbered releases that never change.

    Begin with `fieldhouse demo`. Options may stand before the verb or after it.
    """
    ctx.obj = {"lake": lake, "mirror": mirror, "release": release, "json": json, "debug": debug}
    call.refuse_nothing(ctx)


for module in (demo, run, stage, reading, trace, site, doctor):
    module.register(app)
for module in (release, quality, source, keep, warehouse):
    app.add_typer(module.app)
