"""Which names a file of a feed may have: a key names it for ever, on every file system and in every language."""

import unicodedata
from collections.abc import Iterable

from fieldhouse.errors import DataError

MAX_PART = 200
MAX_KEY = 512


def check_key(key: str) -> None:
    """DataError unless `key` may name a file: parts joined by `/` that are safe everywhere.

    A part has 1 to 200 bytes of UTF-8 in NFC, no control characters, is neither `.` nor `..`, and does not end in a
    dot or a blank; a whole key has at most 512 bytes.
    """
    fault = _fault(key)
    if fault:
        raise DataError(
            f"the key {key!a} {fault}", hint="a key is made of plain parts joined by /, see docs/protocol.md"
        )


def check_keys(feed: str, keys: Iterable[str]) -> None:
    """DataError unless the `keys` can stand together in `feed`; it names the first one that cannot.

    No two are equal after case folding and none is a folder of another, so that they fit on any file system.
    """
    for fault in faults(feed, keys):
        raise DataError(fault, hint="a key names one file for ever, see docs/protocol.md")


def faults(feed: str, keys: Iterable[str]) -> list[str]:
    """Everything that `check_key` and `check_keys` hold against these keys, in words; empty when all is well."""
    found: list[str] = []
    seen: dict[str, str] = {}
    for key in keys:
        if fault := _fault(key):
            found.append(f"the key {feed}/{key!a} {fault}")
        elif (same := seen.setdefault(_folded(key), key)) != key:
            found.append(f"the keys {feed}/{same} and {feed}/{key} are equal but for upper and lower case")
    for folded, key in seen.items():
        for end in _slashes(folded):
            if folded[:end] in seen:
                found.append(f"the key {feed}/{seen[folded[:end]]} is a folder of {feed}/{key}")
    return found


def _fault(key: str) -> str:
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return "is no valid Unicode"
    if size > MAX_KEY:
        return f"has {size} bytes, more than {MAX_KEY}"
    if key.isascii() and key.isprintable():  # nearly every key: NFC and without control characters
        pass
    elif not unicodedata.is_normalized("NFC", key):
        return "is not in Unicode's normal form NFC"
    elif any(unicodedata.category(char) == "Cc" for char in key):
        return "holds a control character"
    for part in key.split("/"):
        if fault := _fault_of_part(part):
            return fault
    return ""


def _fault_of_part(part: str) -> str:
    if not part:
        return "has an empty part"
    if part in (".", ".."):
        return f"has the part {part!r}, which leads elsewhere"
    if part[-1] in ". ":
        return f"has the part {part!r}, which ends in a dot or a blank"
    if len(part.encode()) > MAX_PART:
        return f"has a part of {len(part.encode())} bytes, more than {MAX_PART}"
    return ""


def _folded(key: str) -> str:
    if key.isascii():
        return key.lower()
    # Canonical caseless matching (Unicode, D145): folding alone can leave the normal form.
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", key).casefold())


def _slashes(text: str) -> list[int]:
    return [index for index, char in enumerate(text) if char == "/"]
