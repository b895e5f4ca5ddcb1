"""What is checked: a declared source, an image or a command, and how it is run."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fieldhouse import sources
from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.extract import container, program
from fieldhouse.extract.program import InImage, Native
from fieldhouse.sources import Source

#: The label by which an image says which declared source it serves.
LABEL = "fieldhouse.source"


@dataclass(frozen=True)
class Subject:
    """An extractor and the declaration that it serves."""

    source: Source
    program: Native | InImage

    @property
    def shown(self) -> str:
        """What is run, in words."""
        if isinstance(self.program, InImage):
            return f"image {self.program.image}"
        return " ".join(self.program.command)


def load(words: Sequence[str], declaration: Path | None) -> Subject:
    """The subject that the command line names: a source, an image, or a command with its arguments.

    An image says by its label or its name which source it serves, else `declaration` does; a command needs it.
    """
    own = sources.read(declaration.resolve()) if declaration else None
    if len(words) == 1 and own is None and words[0] in sources.load_all():
        source = sources.find(words[0])
        return Subject(source, _own(source))
    if len(words) > 1 or _is_command(words[0]):
        if own is None:
            raise UsageError("a command needs --declaration", hint="name the source.toml of the source that it serves")
        return Subject(own, Native(tuple(_absolute(word) for word in words)))
    return _image(words[0], own)


def _own(source: Source) -> Native | InImage:
    found = program.find(source, mirror="http://127.0.0.1")
    assert isinstance(found, Native | InImage)
    return found


def _image(name: str, own: Source | None) -> Subject:
    engine = container.engine()
    if engine is None or not engine.has(name):
        what = "there is neither podman nor docker" if engine is None else "there is no such image"
        raise ConfigurationError(
            f"{name}: no source is called that, and {what}",
            hint="name a source, an image of this machine, or -- a command with --declaration",
        )
    own = own or _served(name, engine.label(name, LABEL))
    if own is None:
        raise UsageError(f"the image {name} needs --declaration: neither its label {LABEL} nor its name is a source's")
    return Subject(own, InImage(engine, name, loopback=True))


def _served(image: str, label: str) -> Source | None:
    declared = sources.load_all()
    named = [source for source in declared.values() if program.image_of(source) == image]
    return declared.get(label) or next(iter(named), None)


def _is_command(word: str) -> bool:
    return bool(shutil.which(word)) or Path(word).is_file()


def _absolute(word: str) -> str:
    """A word that is a file here is one wherever the command is started."""
    path = Path(word)
    return str(path.absolute()) if not path.is_absolute() and path.exists() else word


def with_env(found: Native | InImage, env: dict[str, str]) -> Native | InImage:
    """The same program with these variables."""
    return replace(found, env={**found.env, **env})
