"""How a source's program runs on this machine: in its image, as a process, or not at all, and then what would help."""

import os
import re
import secrets
import shlex
import shutil
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from fieldhouse import settings
from fieldhouse.errors import ConfigurationError
from fieldhouse.extract import container as containers
from fieldhouse.extract.container import Container, Engine
from fieldhouse.extract.ended import Ended
from fieldhouse.extract.log import LogRecord
from fieldhouse.extract.runner import run_process
from fieldhouse.sources import Extractor, Limits, Reader, Source

#: Memory of an extractor in its image, as its pod has it.
MEMORY_MIB = 512
_ENGINE_FAILED = 125
#: How engines end where nothing of ours has run, for which the engine's own last line is the reason.
_NOT_STARTED = (_ENGINE_FAILED, 126, 127)
RUNNERS = ("auto", "image", "native")


class NotRunnable(ConfigurationError):
    """A source's program cannot run on this machine; the message says what would make it run."""


class Program(Protocol):
    """An extractor (or reader) that can be run on this machine."""

    @property
    def inbox(self) -> Path | None:
        """Where it sees the folder of its request; None where it sees it as it is."""

    def run(
        self,
        request: Path,
        out: Path,
        *,
        limits: Limits,
        log: Callable[[LogRecord], None],
        stop: threading.Event | None = None,
        mounts: Sequence[Path] = (),
    ) -> Ended:
        """Run it to its end. `mounts`: folders that it reads besides that of its request."""


@dataclass(frozen=True)
class Native:
    """A command of this machine. `env`: variables that it has besides this process's own; `cwd`: where it is started."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    inbox: None = None

    def run(
        self,
        request: Path,
        out: Path,
        *,
        limits: Limits,
        log: Callable[[LogRecord], None],
        stop: threading.Event | None = None,
        mounts: Sequence[Path] = (),
    ) -> Ended:
        """Run it to its end as a process; it may read whatever this process may."""
        env = {**os.environ, **self.env} if self.env else None
        return run_process(self.command, request, out, limits=limits, log=log, stop=stop, env=env, cwd=self.cwd)


@dataclass(frozen=True)
class InImage:
    """An image and the engine that runs it. `env`: variables that it is given; `user`: whom it runs as.

    `out_kib`: in place of the output's folder it is given one in memory, of so many KiB; nothing of it is kept.
    """

    engine: Engine
    image: str
    memory_mib: int = MEMORY_MIB
    env: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    out_kib: int = 0
    loopback: bool = False

    @property
    def inbox(self) -> Path:
        """Where it sees the folder of its request."""
        return containers.INBOX

    def run(
        self,
        request: Path,
        out: Path,
        *,
        limits: Limits,
        log: Callable[[LogRecord], None],
        stop: threading.Event | None = None,
        mounts: Sequence[Path] = (),
    ) -> Ended:
        """Run it to its end in a container, which is gone afterwards however that comes."""
        container = Container(
            self.image,
            inbox=request.parent.resolve(),
            out=None if self.out_kib else out.resolve(),
            memory_mib=self.memory_mib,
            loopback=self.loopback,
            mounts=mounts,
            user=self.user,
            env=self.env,
            out_kib=self.out_kib,
        )
        containers.own(container)
        name = f"fieldhouse-{secrets.token_hex(8)}"
        last = [LogRecord("info", "")]

        def remember(record: LogRecord) -> None:
            last[0] = record
            log(record)

        command = containers.command(self.engine, container, name)
        ended = run_process(
            command,
            containers.INBOX / request.name,
            containers.OUT,
            limits=limits,
            log=remember,
            stop=stop,
            left=self.engine.endings(name),
        )
        if ended.exit_code in _NOT_STARTED and not ended.killed and ended.last_error is None:
            code = 126 if ended.exit_code == _ENGINE_FAILED else ended.exit_code
            return replace(ended, exit_code=code, last_error=replace(last[0], level="error"))
        return ended


def find(source: Source, *, mirror: str | None = None) -> Program:
    """How the source's extractor runs here: FIELDHOUSE_RUNNER, else its image, else its command; else NotRunnable.

    The generic extractors need neither. `mirror`: the URL that it will be asked to use in the place of upstream.
    """
    if source.extractor.uses:
        return Native((sys.executable, "-m", f"fieldhouse.extract.{source.extractor.uses}"))
    found = _find(source, source.extractor)
    return replace(found, loopback=containers.is_loopback(mirror or "")) if isinstance(found, InImage) else found


def _find(source: Source, declared: Extractor | Reader) -> InImage | Native:
    runner = settings.setting("FIELDHOUSE_RUNNER")
    if runner not in RUNNERS:
        raise ConfigurationError(f"FIELDHOUSE_RUNNER is {runner!r}; one of {', '.join(RUNNERS)} is expected")
    whys = []
    for kind, way in (("image", _image), ("native", _native)):
        if runner in ("auto", kind):
            found = way(source, declared)
            if not isinstance(found, str):
                return found
            whys.append(found)
    what = "the reader of " if isinstance(declared, Reader) else ""
    raise NotRunnable(f"{what}{source.name} cannot run on this machine: {'; '.join(whys)}")


def find_reader(source: Source) -> Program:
    """How the source's reader runs here: its reader.py as a process, else as `find` says of an extractor."""
    if any(feed.reader == "reader.py" for feed in source.feeds.values()):
        return Native((sys.executable, "-m", "fieldhouse.extract.python_reader", str(source.folder / "reader.py")))
    return _find(source, source.reader)


def image_of(source: Source, declared: Extractor | Reader | None = None) -> str:
    """The name of the image of its extractor, or its reader: declared, or made of the source's name."""
    given = declared or source.extractor
    return given.image or image_called(source.name + ("_reader" if isinstance(given, Reader) else ""))


def image_called(name: str) -> str:
    """The image of the source called `name` on this machine, as FIELDHOUSE_IMAGE says."""
    return settings.setting("FIELDHOUSE_IMAGE").replace("{name}", name.replace("_", "-"))


def _image(source: Source, declared: Extractor | Reader) -> InImage | str:
    """Its image, or what is missing."""
    image = image_of(source, declared)
    folder = source.folder / "reader" if isinstance(declared, Reader) else source.folder
    if not declared.image and not (folder / "Dockerfile").is_file():
        return "it has no image"
    engine = containers.engine()
    if engine is None:
        return f"its image {image} needs podman or docker"
    # A name without a registry is whose it is on this machine only: somebody else's of that name is never fetched.
    if engine.has(image) or ("." in image.split("/")[0] and engine.pull(image)):
        return InImage(engine, image)
    build = shlex.join((*engine.command, "build", "-t", image, *build_context(source, folder)))
    return f"there is no image {image}: `{build}` makes it"


def build_context(source: Source, folder: Path) -> tuple[str, ...]:
    """What an image is built from, as arguments of `docker build` at the repository's root: its own folder, or all.

    All where its Dockerfile copies from other folders of the repository, too.
    """
    own = f"containers/{folder.relative_to(source.folder.parent)}"
    dockerfile = folder / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8") if dockerfile.is_file() else ""
    return ("-f", f"{own}/Dockerfile", ".") if re.search(r"(?m)^COPY +containers/", text) else (own,)


def _native(source: Source, declared: Extractor | Reader) -> Native | str:
    """Its command, or what is missing."""
    if not declared.command:
        return "it has no command that runs without its image"
    absent = [name for name in declared.needs if not shutil.which(name)]
    if absent:
        return f"its command needs {', '.join(absent)} on PATH"
    first, *rest = declared.command
    own = source.folder / first
    return Native((str(own) if own.is_file() else first, *rest))
