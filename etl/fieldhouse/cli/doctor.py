"""`doctor`: whether this machine, the lake and the declarations are in order, with a next step where they are not."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from fieldhouse import settings
from fieldhouse.cli import screen
from fieldhouse.cli.call import Call, verb
from fieldhouse.errors import Exit, FieldhouseError, RefusedError, UsageError

NEEDED = ("pyarrow", "pandas", "duckdb", "obstore", "typer", "rich")
PIPELINE = ("urllib3", "great-expectations", "sqlglot", "sqlalchemy")
#: Scratch space, in bytes, below which a run of all sources may not fit.
ROOM = 1 << 30
State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One finding; `step` is what to do about it."""

    name: str
    state: State
    found: str
    step: str = ""


def register(app: typer.Typer) -> None:
    """Add the verb to the app."""
    verb(app, "mirror")(doctor)


def doctor(call: Call) -> None:
    """Check this machine, the lake and the declarations.

    Ends with 78 if something is wrong.
    """
    found = [_guarded(name, check, call) for name, check in CHECKS.items()]
    found += [_setting(s, call) for s in settings.SETTINGS]
    if call.json:
        screen.print_json({"ok": not any(c.state == "fail" for c in found), "checks": [asdict(c) for c in found]})
    else:
        for check in found:
            _say(check)
    if any(check.state == "fail" for check in found):
        raise typer.Exit(Exit.CONFIGURATION)


def _say(check: Check) -> None:
    colours = {"ok": "\033[32m", "warn": "\033[33m", "fail": "\033[1;31m"}
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR")
    state = f"{check.state:<4}" if plain else f"{colours[check.state]}{check.state:<4}\033[0m"
    screen.say(f"{state}  {check.name:<20}  {check.found}" + (f"\n        → {check.step}" if check.step else ""))


def _guarded(name: str, check: Callable[[Call], Check], call: Call) -> Check:
    try:
        return check(call)
    except FieldhouseError as error:
        return Check(name, "fail", error.message, error.hint)
    except OSError as error:
        return Check(name, "fail", str(error), "check free space and permissions")


def _python(_: Call) -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", "ok", f"{found}, {sys.executable}")


def _packages(_: Call) -> Check:
    versions, absent = _versions(NEEDED)
    if absent:
        return Check("packages", "fail", f"not installed: {', '.join(absent)}", "pip install fieldhouse")
    return Check("packages", "ok", versions)


def _pipeline(_: Call) -> Check:
    versions, absent = _versions(PIPELINE)
    if absent:
        step = "pip install 'fieldhouse[pipeline]'; reading releases works without"
        return Check("pipeline packages", "warn", f"not installed: {', '.join(absent)}", step)
    return Check("pipeline packages", "ok", versions)


def _versions(names: tuple[str, ...]) -> tuple[str, list[str]]:
    found, absent = [], []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
    return ", ".join(found), absent


def _declarations(_: Call) -> Check:
    from fieldhouse import contracts, sources

    found = f"{len(sources.load_all())} sources, {len(contracts.load_all())} datasets in {settings.home()}"
    return Check("declarations", "ok", found)


def _lake(call: Call) -> Check:
    from fieldhouse.errors import UnavailableError
    from fieldhouse.lake import releases

    try:
        store = call.store()
    except UnavailableError as error:
        return Check("lake", "warn", error.message, error.hint)
    number = releases.newest(store)
    what = f"{store.url}, newest release {number}" if number else f"{store.url}, no release yet"
    try:
        store.check_writable()
    except (RefusedError, UsageError) as error:
        return Check("lake", "warn", f"{what}; {error.message}", error.hint)
    return Check("lake", "ok", what)


def _scratch(_: Call) -> Check:
    folder = settings.scratch()
    free = shutil.disk_usage(folder).free
    what = f"{free / (1 << 30):,.1f} GiB free in {folder}"
    if not os.access(folder, os.W_OK):
        return Check("scratch", "fail", f"{folder} cannot be written", "set FIELDHOUSE_SCRATCH to a folder of your own")
    if free < ROOM:
        return Check("scratch", "warn", what, "set FIELDHOUSE_SCRATCH to a folder with more room")
    return Check("scratch", "ok", what)


def _mirror(call: Call) -> Check:
    if call.mirror is None:
        return Check("mirror", "ok", "none: sources are fetched from upstream")
    from fieldhouse import sources

    if not call.mirror.is_dir():
        return Check("mirror", "fail", f"{call.mirror} is no folder", "correct --mirror or FIELDHOUSE_MIRROR")
    absent = [name for name in sources.load_all() if not (call.mirror / name).is_dir()]
    if absent:
        step = f"name the other sources: `fieldhouse run SOURCE --mirror {call.mirror}`"
        return Check("mirror", "warn", f"{call.mirror} has no folder {', '.join(absent)}", step)
    return Check("mirror", "ok", str(call.mirror))


def _extractors(_: Call) -> Check:
    from fieldhouse import sources
    from fieldhouse.extract import program

    ways: dict[str, list[str]] = {}
    why = ""
    for source in sources.load_all().values():
        try:
            found = program.find(source)
            way = "own" if source.extractor.uses else "image" if found.inbox else "native"
        except program.NotRunnable as error:
            way, why = "left out", why or error.message
        ways.setdefault(way, []).append(source.name)
    what = "; ".join(f"{way}: {', '.join(names)}" for way, names in ways.items())
    return Check("extractors", "warn" if why else "ok", what, why)


def _setting(known: settings.Setting, call: Call) -> Check:
    flags = {"FIELDHOUSE_LAKE": "lake", "FIELDHOUSE_MIRROR": "mirror"}
    flag = flags.get(known.variable, "")
    if flag in call.given:
        return Check(known.variable, "ok", f"{shown(str(getattr(call, flag)))} (--{flag})")
    if known.variable == "FIELDHOUSE_WAREHOUSE" and os.environ.get(known.variable):
        return _warehouse(os.environ[known.variable])
    if os.environ.get(known.variable):
        return _given(known.variable, shown(os.environ[known.variable]))
    return Check(known.variable, "ok", f"{known.default or 'not set'} (default)")


def _warehouse(url: str) -> Check:
    """How the warehouse is called; its URL may hold a password."""
    from fieldhouse.stages.warehouse import address

    try:
        return Check("FIELDHOUSE_WAREHOUSE", "ok", f"{address.parse(url).shown} (environment)")
    except FieldhouseError as error:
        return Check("FIELDHOUSE_WAREHOUSE", "fail", error.message, error.hint)


def _given(variable: str, value: str) -> Check:
    try:
        if variable == "FIELDHOUSE_THREADS":
            settings.threads()
        if variable == "FIELDHOUSE_PATIENCE":
            settings.patience()
        if variable == "FIELDHOUSE_WAREHOUSE_PATIENCE":
            settings.warehouse_patience()
        if variable == "FIELDHOUSE_WAREHOUSE_OLD_DAYS":
            settings.warehouse_old_days()
        if variable == "FIELDHOUSE_CONFIG" and not Path(value).is_file():
            return Check(variable, "fail", f"{value} is no file", "correct it, or unset it")
    except FieldhouseError as error:
        return Check(variable, "fail", error.message, error.hint or "correct it, or unset it")
    return Check(variable, "ok", f"{value} (environment)")


def shown(value: str) -> str:
    """A setting as it may be shown: an address without user, password and query."""
    scheme, separated, rest = value.partition("://")
    if not separated:
        return value
    server, slash, path = rest.partition("/")
    return f"{scheme}://{server.rpartition('@')[2]}{slash}{path.partition('?')[0]}"


CHECKS: dict[str, Callable[[Call], Check]] = {
    "python": _python,
    "packages": _packages,
    "pipeline packages": _pipeline,
    "declarations": _declarations,
    "lake": _lake,
    "scratch": _scratch,
    "mirror": _mirror,
    "extractors": _extractors,
}
