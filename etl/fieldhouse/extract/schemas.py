"""The two JSON Schemas of the protocol (draft 2020-12), for tests and for authors of extractors."""

import json
from pathlib import Path

_HERE = Path(__file__).parent


def request() -> dict[str, object]:
    """The schema of request.json; its `$defs` describe a line of known.ndjson and of a reading's files, too."""
    return _load("request.schema.json")


def manifest() -> dict[str, object]:
    """The schema of the seal, manifest.json."""
    return _load("manifest.schema.json")


def _load(name: str) -> dict[str, object]:
    schema: dict[str, object] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return schema
