"""Whether bytes can be what a feed holds: an error page is no data."""

from extractor.failure import Exit, Failure

HEAD, TAIL = 4096, 64


def fault_of(expect: str, head: bytes, tail: bytes) -> str:
    """What speaks against bytes that begin and end like this being what a feed holds; empty if nothing does."""
    start, end = head.removeprefix(b"\xef\xbb\xbf").lstrip(), tail.rstrip()
    if not start:
        return "the body is empty"
    if start.lower().startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return f"the body is an HTML page: {start[:60]!r}"
    match expect:
        case "json" | "ndjson":
            return _fault_of_json(start, end, lines=expect == "ndjson")
        case "csv":
            wrong = start.startswith((b"<", b'{"')) or b"\0" in head
        case "parquet":
            wrong = not (start.startswith(b"PAR1") and end.endswith(b"PAR1"))
        case "text":
            wrong = False
        case _:
            raise Failure(Exit.CONFIGURATION, f"expect is {expect!r}; json, ndjson, csv, parquet or text is known")
    return f"the body begins like no {expect}: {start[:60]!r}" if wrong else ""


def _fault_of_json(start: bytes, end: bytes, *, lines: bool) -> str:
    closing = {b"{": b"}", b"[": b"]"}.get(start[:1])
    if closing is None:
        return f"the body is neither a JSON object nor a list: {start[:60]!r}"
    closed = end.endswith(closing) or (lines and end.endswith((b"}", b"]")))
    return "" if closed else "the body is cut: it has no closing bracket"
