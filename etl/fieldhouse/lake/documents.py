"""JSON documents of the lake: canonical bytes, their digests, and the format number that each carries."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from fieldhouse.errors import StorageError

FORMAT = 1


def canonical(value: object) -> bytes:
    """The one way a value is written where its bytes are hashed: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical form, in lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def dump(value: Mapping[str, object]) -> bytes:
    """A document as it is stored: readable, with its format number."""
    return json.dumps({"format": FORMAT, **value}, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def parse(data: bytes, name: str) -> dict[str, object]:
    """The document in `data`; StorageError where it is damaged or of a format that this version does not know."""
    if data[:64].lstrip().startswith(b"<"):
        raise StorageError(f"{name} is a web page, no document", hint="is that the address of a lake?")
    try:
        value = json.loads(data)
    except ValueError as error:
        raise StorageError(f"{name} is damaged: {error}", hint="`fieldhouse lake verify` lists all damage") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise StorageError(f"{name} has another format than {FORMAT}", hint="read it with a newer Fieldhouse")
    return value


def named(notes: Iterable[Mapping[str, object]]) -> set[str]:
    """The documents that notes (of receipts and results) name as `document`: they are content-named files of the lake."""
    return {str(note["document"]) for note in notes if "document" in note}
