"""Whether bytes can be what a feed holds, judged by their first and last ones: an error page is no data."""

from typing import assert_never

from fieldhouse.errors import DataError
from fieldhouse.extract.http.plan import Expect

HEAD = 4096
TAIL = 64
_BOM = b"\xef\xbb\xbf"
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_CLOSING = {ord("{"): ord("}"), ord("["): ord("]")}


def check(expect: Expect, head: bytes, tail: bytes) -> None:
    """DataError unless a file with these first 4096 and last 64 bytes may be `expect`."""
    fault = _fault(expect, head.removeprefix(_BOM).lstrip(), tail.rstrip(), head)
    if fault:
        raise DataError(f"{fault}; {expect} is expected", hint="look at the bytes that were kept aside")


def _fault(expect: Expect, start: bytes, end: bytes, head: bytes) -> str:
    if not start:
        return "the body is empty"
    if start.lower().startswith(_HTML):
        return f"the body is an HTML page: {start[:60]!r}"
    match expect:
        case "json" | "ndjson":
            return _json_fault(start, end, lines=expect == "ndjson")
        case "csv":
            if start.startswith((b"<", b'{"')) or b"\0" in head:
                return f"the body does not begin like a CSV file: {start[:60]!r}"
        case "parquet":
            if not (start.startswith(b"PAR1") and end.endswith(b"PAR1")):
                return f"the body lacks Parquet's marks: it begins with {start[:8]!r}"
        case "text":
            pass
        case _:
            assert_never(expect)
    return ""


def _json_fault(start: bytes, end: bytes, *, lines: bool) -> str:
    closing = _CLOSING.get(start[0])
    if closing is None:
        return f"the body is neither a JSON object nor a list: {start[:60]!r}"
    if end[-1:] != bytes([closing]) and not (lines and end[-1:] in (b"}", b"]")):
        return f"the body ends in {end[-20:]!r}: it is cut"
    return ""
