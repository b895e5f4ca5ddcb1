"""A new source's folder: declaration, mapping, sample, and an extractor copied from the SDK of its language."""

import hashlib
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from fieldhouse import settings, sources
from fieldhouse.errors import ConfigurationError, UsageError
from fieldhouse.extract import program
from fieldhouse.kit import templates
from fieldhouse.kit.subject import LABEL

LANGUAGES = tuple(templates.NEEDS)
#: What an SDK's folder has for itself, and what its tools leave there.
_NOT_COPIED = shutil.ignore_patterns("README.md", "__pycache__", ".*_cache", "_build", "deps", "target", "*.pyc")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Scaffold:
    """What a new source will consist of: `files` to write, by path below `folder`, and the SDK that is copied into it."""

    name: str
    folder: Path
    sdk: Path
    files: dict[str, str]


def plan_new(name: str, language: str) -> Scaffold:
    """What `source new` will make; UsageError where the name is no name or taken, or there is no SDK to copy."""
    if language not in LANGUAGES:
        raise UsageError(f"--lang is {language!r}; one of {', '.join(LANGUAGES)} is expected")
    containers = settings.home() / "containers"
    sdk, folder = containers / "sdk" / language, containers / name
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a source", hint="lower-case letters, digits and _, such as open_leagues"
        )
    if folder.exists():
        raise UsageError(f"{folder} is there already", hint="take another name, or go on with what is there")
    if not (sdk / "Dockerfile").is_file():
        raise ConfigurationError(
            f"{containers} has no sdk/{language} to copy",
            hint="work in a checkout of Fieldhouse, or point FIELDHOUSE_HOME at one",
        )
    rank = max((source.rank for source in sources.load_all().values()), default=0) + 1
    return Scaffold(name, folder, sdk, _files(name, language, rank, sdk))


def _files(name: str, language: str, rank: int, sdk: Path) -> dict[str, str]:
    title = name.replace("_", " ").capitalize()
    sums = hashlib.sha256(templates.SAMPLE.encode()).hexdigest()
    found = {
        "source.toml": templates.DECLARATION.format(
            name=name, title=title, language=language, rank=rank, needs=templates.needs(language)
        ),
        "normalize/competition/core.competition.sql": templates.MAPPING,
        "sample/data/competitions.csv": templates.SAMPLE,
        "sample/README.md": templates.ABOUT.format(title=title),
        "sample/SHA256SUMS": f"{sums}  data/competitions.csv\n",
        "Dockerfile": _dockerfile(name, language, (sdk / "Dockerfile").read_text(encoding="utf-8")),
    }
    if not (sdk / "native").exists():
        found["native"] = templates.NATIVE[language]
    return found


def _dockerfile(name: str, language: str, text: str) -> str:
    """The SDK's, for this source: what it is called, and a label that says whose it is."""
    text = re.sub(r"fieldhouse/extract-\w+", program.image_called(name), text)
    text = text.replace(f"containers/sdk/{language}", f"containers/{name}")
    return f'{text.rstrip()}\nLABEL {LABEL}="{name}"\n'


def make(scaffold: Scaffold) -> None:
    """Make the folder; nothing of it is left if that fails."""
    draft = scaffold.folder.with_name(f".{scaffold.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        shutil.copytree(scaffold.sdk, draft, ignore=_NOT_COPIED)
        for name, text in scaffold.files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        native = draft / "native"
        native.chmod(native.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        draft.rename(scaffold.folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
