"""What a shell offers after TAB: names of files in the declarations and in a local lake; nothing is opened or imported.

TAB is asked while somebody types: it must be quick, and never say that something is wrong.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

from fieldhouse import settings
from fieldhouse.errors import FieldhouseError

#: Runs that are offered: the newest.
RUNS = 20


def sources(incomplete: str) -> list[str]:
    """Names of sources."""
    return _offered((path.parent.name for path in _declared("containers/*/source.toml")), incomplete)


def datasets(incomplete: str) -> list[str]:
    """Names of datasets."""
    return _offered((f"{path.parent.name}.{path.stem}" for path in _declared("datasets/*/*.toml")), incomplete)


def domains(incomplete: str) -> list[str]:
    """Names of domains."""
    return _offered((name.split(".")[0] for name in datasets("")), incomplete)


def releases(ctx: typer.Context, incomplete: str) -> list[str]:
    """Numbers of the lake's releases, the newest first."""
    numbers = sorted((int(p.stem) for p in _lake(ctx, "releases/*.json") if p.stem.isdigit()), reverse=True)
    return [str(number) for number in numbers if str(number).startswith(incomplete)]


def tags(ctx: typer.Context, incomplete: str) -> list[str]:
    """Tags of the lake's releases."""
    return _offered((path.stem for path in _lake(ctx, "tags/*.json")), incomplete)


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids of the lake's newest runs, the newest first."""
    found: list[tuple[float, str]] = []
    with contextlib.suppress(OSError):  # one that was collected since it was listed
        found.extend((path.stat().st_mtime, path.name) for path in _lake(ctx, "runs/*"))
    return [name for _, name in sorted(found, reverse=True) if name.startswith(incomplete)][:RUNS]


def refused(ctx: typer.Context, incomplete: str) -> list[str]:
    """Attempts that were refused: `<source>/<run>-<attempt>`."""
    found = (f"{p.parent.parent.name}/{p.parent.name}" for p in _lake(ctx, "aside/*/*/report.json"))
    return _offered(found, incomplete)


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _declared(pattern: str) -> list[Path]:
    with contextlib.suppress(FieldhouseError, OSError):
        return list(settings.home().glob(pattern))
    return []


def _lake(ctx: typer.Context, pattern: str) -> list[Path]:
    """Paths in the lake that the line names so far; none where it is no folder: a bucket takes longer than a keystroke."""
    url = next(_named(ctx), "") or settings.setting("FIELDHOUSE_LAKE")
    if "://" in url:
        return []
    with contextlib.suppress(OSError, RuntimeError):
        return list(Path(url).expanduser().glob(pattern))
    return []


def _named(ctx: typer.Context) -> Iterator[str]:
    """What stands after --lake, nearest the cursor first."""
    at: typer.Context | None = ctx
    while at is not None:
        if at.params.get("lake"):
            yield str(at.params["lake"])
        at = at.parent  # type: ignore[assignment]
