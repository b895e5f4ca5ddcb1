"""The reference of the command line, docs/commands.md, made from the verbs themselves.

`python -m fieldhouse.cli.reference > docs/commands.md` writes it anew.
"""

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fieldhouse.errors import Exit

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

MEANINGS: dict[Exit, str] = {
    Exit.DONE: "done; also where there was nothing to do",
    Exit.USAGE: "the call is wrong: an unknown verb, option, dataset, column or release",
    Exit.DATA: "data are refused: an audit failed, a seal does not hold, too many records do not fit their schema",
    Exit.UNAVAILABLE: "upstream, or the lake, says no for good",
    Exit.INTERNAL: "a defect of Fieldhouse; `--debug` prints where",
    Exit.IO: "bytes could not be read or written, or are damaged",
    Exit.TEMPORARY: "try again later; `ReleaseConflict` is one of these",
    Exit.PERMISSION: "access was denied",
    Exit.CONFIGURATION: "a declaration or a setting is wrong",
    Exit.INTERRUPTED: "ended by Ctrl-C; nothing half-done is visible",
    Exit.TERMINATED: "ended by SIGTERM; nothing half-done is visible",
}
HEAD = """\
# The command line

Made from the verbs by `python -m fieldhouse.cli.reference > docs/commands.md`; a test fails where it is not current.

Standard output holds the answer and nothing else; progress, logs of extractors, notes and errors go to standard error.
With `--json` the answer is one JSON document, and an error is one, too: `error`, `exit`, `message`, `hint`.
On a terminal progress moves and tables show the columns that fit; in a pipe nothing is cut.
`--lake`, `--mirror`, `--release`, `--json` and `--debug` may stand before the verb or after it. A flag goes before its
environment variable, and that before the default (see the README, *Settings*).

`fieldhouse --install-completion` lets bash, zsh or fish complete verbs, options, and the names of sources, datasets,
releases, tags and runs: those of the declarations, and of the lake where that is a folder. `--show-completion` prints the
script instead of installing it. Both find out which shell they are in, or are told: `--show-completion zsh`.
"""
RUNS = """\
## Runs

Stages meet in the lake under the id of a run. `extract` and `cut` begin one: without `--run` they make a new id and print
it. All other stages need `--run`: which run is meant is never guessed. One run by hand:

    fieldhouse extract openfootball --run today
    fieldhouse land openfootball --run today
    fieldhouse cut --run today
    fieldhouse normalize openfootball --run today      # each source that `cut` has pinned
    fieldhouse conform --run today
    fieldhouse denormalize football --run today
    fieldhouse audit core --run today
    fieldhouse audit football --run today
    fieldhouse publish --run today

`fieldhouse run` does all of it. A source that fails keeps its last landing; the release is made nevertheless, and `run`
ends with the exit code of the first source that failed.
"""


def render() -> str:
    """The whole page."""
    from fieldhouse.cli.app import SECTIONS

    parts = [HEAD, _exits(), RUNS]
    verbs = dict(commands())
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        for path, command in verbs.items():
            if path.split()[0] in names:
                parts.append(_verb(path, command))
    return "\n".join(parts)


def commands() -> "Iterator[tuple[str, TyperCommand | TyperGroup]]":
    """Every verb with its words: `load`, `release show`."""
    import typer
    from typer.core import TyperGroup

    from fieldhouse.cli.app import app

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    yield from _below(root, "")


def _below(group: "TyperGroup", before: str) -> "Iterator[tuple[str, TyperCommand | TyperGroup]]":
    from typer.core import TyperCommand, TyperGroup

    for name, command in group.commands.items():
        path = f"{before} {name}".strip()
        if isinstance(command, TyperGroup):
            if does_something(command):
                yield path, command
            yield from _below(command, path)
        elif isinstance(command, TyperCommand):
            yield path, command


def does_something(group: "TyperGroup") -> bool:
    """Whether a group is a verb, too, such as `warehouse` beside `warehouse status`: then it has options of its own."""
    return any("--json" in param.opts for param in group.params)


def _exits() -> str:
    rows = [f"| {int(code)} | {code.name.lower()} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["## Exit codes\n", "| code | name | meaning |", "|---|---|---|", *rows, ""])


def _verb(path: str, command: "TyperCommand | TyperGroup") -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    words = " ".join(_usage(str(p.metavar), required=p.required, several=p.nargs == -1) for p in arguments)
    lines = [
        f"### {path}\n",
        f"    fieldhouse {path} [OPTIONS] {words}".rstrip() + "\n",
        inspect.cleandoc(command.help or ""),
        "",
    ]
    rows = [(f"`{p.metavar!s}`", getattr(p, "help", "")) for p in arguments]
    rows += [(_option(p), getattr(p, "help", "")) for p in command.params if p.param_type_name == "option"]
    lines += ["| | |", "|---|---|", *(f"| {name} | {doc} |" for name, doc in rows), ""]
    return "\n".join(lines)


def _usage(name: str, *, required: bool, several: bool) -> str:
    return (name if required else f"[{name}]") + ("..." if several else "")


def _option(param: object) -> str:
    names = ", ".join(f"`{name}`" for name in getattr(param, "opts", ()))
    metavar = getattr(param, "metavar", None)
    return f"{names} `{metavar}`" if metavar else names


if __name__ == "__main__":
    print(render(), end="")
