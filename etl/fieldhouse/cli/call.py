"""Verbs: what each takes besides its own arguments (`--lake`, `--json`, …), before or after the verb, in one place."""

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldhouse import settings
from fieldhouse.cli import complete
from fieldhouse.errors import Exit, UsageError

if TYPE_CHECKING:
    from fieldhouse.lake.store import Store

Verb = Callable[..., None]
LakeOption = Annotated[
    str | None, typer.Option("--lake", metavar="LAKE", help="The lake: a folder or bucket (FIELDHOUSE_LAKE).")
]
MirrorOption = Annotated[
    Path | None,
    typer.Option("--mirror", metavar="DIR", help="Frozen feeds instead of upstream (FIELDHOUSE_MIRROR)."),
]
ReleaseOption = Annotated[
    int | None,
    typer.Option(
        "--release",
        metavar="N",
        min=1,
        help="Read this release, not the newest.",
        autocompletion=complete.releases,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="With the traceback of an error.")]
#: Options that may stand before any verb, and after it where the verb can use them.
SHARED: dict[str, tuple[object, object]] = {
    "lake": (LakeOption, None),
    "mirror": (MirrorOption, None),
    "release": (ReleaseOption, None),
    "json": (JsonOption, False),
    "debug": (DebugOption, False),
}


@dataclass(frozen=True)
class Call:
    """What was asked for besides a verb's own arguments."""

    lake: str
    mirror: Path | None = None
    release: int | None = None
    json: bool = False
    given: frozenset[str] = frozenset()

    def store(self, *, make: bool = False) -> "Store":
        """The lake; a folder that is none yet is an error unless `make`, and one that cannot be written if `make`."""
        from fieldhouse.lake.store import open_store

        store = open_store(self.lake, make=make)
        if make:
            store.check_writable()
        return store


def verb(app: typer.Typer, *uses: str) -> Callable[[Verb], Verb]:
    """Make a function a verb of `app`: its first parameter is the Call, the others are the verb's own.

    Every verb has `--lake`, `--json` and `--debug`; `uses` adds `mirror` or `release`.
    """
    return _registering(app.command(), uses)


def group_verb(app: typer.Typer, *uses: str) -> Callable[[Verb], Verb]:
    """Make a function what a group does where none of its verbs is named: `warehouse` beside `warehouse status`.

    Otherwise like `verb`; what stands before a verb of the group goes to that verb.
    """
    return _registering(app.callback(invoke_without_command=True), uses)


def _registering(add: Callable[[Verb], object], uses: Sequence[str]) -> Callable[[Verb], Verb]:
    def register(function: Verb) -> Verb:
        own = list(inspect.signature(function).parameters.values())[1:]
        shared = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for key, (annotation, default) in SHARED.items()
            if key in ("lake", "json", "debug", *uses)
        ]
        context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        parameters = [context, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *shared]

        @wraps(function)
        def call(ctx: typer.Context, **given: object) -> None:
            asked = {p.name: given.pop(p.name) for p in shared}
            if ctx.invoked_subcommand is not None:
                _refuse_own(ctx.invoked_subcommand, given)
                ctx.obj = {**(ctx.obj or {}), **{key: value for key, value in asked.items() if value}}
                return
            try:
                function(_call(ctx.info_name or "", ctx.obj or {}, asked), **given)
                sys.stdout.flush()
            except BrokenPipeError:  # who reads the output has had enough of it: that is no failure
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(Exit.DONE) from None

        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {p.name: p.annotation for p in parameters}
        add(call)
        return function

    return register


def _refuse_own(name: str, given: Mapping[str, object]) -> None:
    """Refuse the options of a group that stand before one of its verbs, which does not take them."""
    for option, value in given.items():
        if value is not None:
            raise UsageError(f"`{name}` has no use for --{option}", hint=f"`{name} --help` shows what it takes")


def _call(name: str, before: Mapping[str, object], after: Mapping[str, object]) -> Call:
    """The Call from what stood before the verb and after it; the latter wins, then the environment, then the default."""
    for key in ("mirror", "release"):
        if before.get(key) is not None and key not in after:
            raise UsageError(f"`{name}` has no use for --{key}", hint=f"`fieldhouse {name} --help` shows what it takes")
    found = {key: value for given in (before, after) for key, value in given.items() if value}
    lake, mirror, release = found.get("lake"), found.get("mirror"), found.get("release")
    mirrored = settings.setting("FIELDHOUSE_MIRROR")
    return Call(
        lake=str(lake or settings.setting("FIELDHOUSE_LAKE")),
        mirror=Path(str(mirror)) if mirror else Path(mirrored) if mirrored and "mirror" in after else None,
        release=release if isinstance(release, int) else None,
        json=bool(found.get("json")),
        given=frozenset(found),
    )


def group(name: str, doc: str) -> typer.Typer:
    """A group of verbs, such as `release ls` and `release show`."""
    made = typer.Typer(name=name, help=doc, rich_markup_mode=None, pretty_exceptions_enable=False)

    @made.callback(invoke_without_command=True)
    def _(ctx: typer.Context) -> None:
        refuse_nothing(ctx)

    return made


def refuse_nothing(ctx: typer.Context) -> None:
    """Without a verb: show the help, and end as for a wrong call."""
    if ctx.invoked_subcommand is None:
        print(ctx.get_help(), file=sys.stderr)
        raise typer.Exit(Exit.USAGE)
