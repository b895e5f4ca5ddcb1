"""`source check` and `source new`: the conformance kit on an extractor, and a new one that passes it."""

from pathlib import Path
from typing import Annotated

import typer

from fieldhouse.cli import screen
from fieldhouse.cli.call import Call
from fieldhouse.errors import ConfigurationError, Exit, StorageError, UsageError

Words = Annotated[
    list[str], typer.Argument(metavar="NAME|IMAGE|-- COMMAND…", help="A source, an image, or a command's words.")
]
Declaration = Annotated[
    Path | None, typer.Option("--declaration", metavar="FILE", help="The source.toml that an image or command serves.")
]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit's XML, too.")]
Level = Annotated[str, typer.Option("--level", metavar="LEVEL", help="Succeed at bronze, silver or gold.")]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="CHECK", help="This check, and what it needs.")]
Large = Annotated[
    int, typer.Option("--large", metavar="MIB", min=1, help="Size of the body that memory must not hold.")
]


def check(
    call: Call,
    words: Words,
    declaration: Declaration = None,
    junit: Junit = None,
    level: Level = "gold",
    only: Only = None,
    large: Large = 1024,
) -> None:
    """Try an extractor as a black box against an upstream with faults; its level is bronze, silver or gold.

    Ends with 65 if the level asked for is not reached. docs/conformance.md says what each check proves.
    """
    from fieldhouse.kit import conformance, report, subject
    from fieldhouse.kit.verdicts import LEVELS

    if level not in LEVELS:
        raise UsageError(f"--level is {level!r}; one of {', '.join(LEVELS)} is expected")
    try:
        found = subject.load(words, declaration)
    except ConfigurationError as error:
        if declaration is None:
            raise
        done = conformance.refused(" ".join(words), declaration.resolve().parent.name, error)
    else:
        told = (lambda _: None) if call.json else (lambda verdict: screen.say(report.line(verdict)))
        done = conformance.check(found, only=only or (), large=large << 20, show=told)
    if junit:
        _write(junit, report.junit(done))
    if call.json:
        screen.print_json(report.document(done))
    else:
        screen.say("\n" + report.text(done))
    if done.level is None or LEVELS.index(done.level) < LEVELS.index(level):
        raise typer.Exit(Exit.DATA)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name: lower-case words joined by _.")]
Language = Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="elixir, rust, python or shell.")]


def new(call: Call, name: Name, lang: Language) -> None:
    """Make containers/NAME: declaration, mapping, sample, and an extractor that is gold as it stands."""
    from fieldhouse import sources
    from fieldhouse.kit import scaffold

    plan = scaffold.plan_new(name, lang)
    scaffold.make(plan)
    made = sorted(str(path.relative_to(plan.folder)) for path in plan.folder.rglob("*") if path.is_file())
    if call.json:
        screen.print_json({"source": name, "folder": str(plan.folder), "files": made})
        return
    sources.load_all.cache_clear()
    screen.say(f"{plan.folder} is made: {len(made)} files.")
    screen.say(NEXT.format(name=name, language=lang))


NEXT = """
What to do next (docs/sources.md says more):

  fieldhouse source check {name}          # gold, in {language}, with the sample as its upstream
  fieldhouse demo {name} --lake try       # the sample, from its bytes to a release
  $EDITOR containers/{name}/source.toml   # then: who publishes it, where it is, what its records look like"""


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}", hint="name another file") from error
