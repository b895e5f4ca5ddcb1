"""A body, streamed to disk: content coding undone, bounded, hashed, not too slow, and whole or not at all."""

import hashlib
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import urllib3
from urllib3.exceptions import HTTPError

from fieldhouse.errors import DataError, TemporaryError
from fieldhouse.extract.http.expect import HEAD, TAIL
from fieldhouse.extract.http.politeness import Clock
from fieldhouse.extract.http.pools import translated

_CHUNK = 64 << 10
_PIECE = 1 << 20
_FLOOR = 1000  # bytes a second
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Saved:
    """A whole body on disk. `head`, `tail`: its first and last bytes."""

    path: Path
    size: int
    sha256: str
    head: bytes
    tail: bytes


@dataclass(frozen=True)
class Patience:
    """How much and how slow a body may be. `most`: bytes after decoding. `window`: seconds to reach 1 kB/s over."""

    most: int
    clock: Clock
    window: float


def save(response: urllib3.BaseHTTPResponse, path: Path, patience: Patience, url: str) -> Saved:
    """Write the body of `response` to `path`.

    TemporaryError if it ends early or comes too slowly, DataError if it is too large or coded in an unknown way.
    """
    decoder = _decoder(response.headers.get("Content-Encoding", ""))
    length = response.headers.get("Content-Length", "")
    if decoder is None and length.isdigit() and int(length) > patience.most:
        raise _too_large(patience)
    digest, size, head, tail = hashlib.sha256(), 0, b"", b""
    with path.open("wb") as file:
        for piece in _decoded(_received(response, patience, url), decoder):
            size += len(piece)
            if size > patience.most:
                raise _too_large(patience)
            digest.update(piece)
            file.write(piece)
            head = head if len(head) >= HEAD else (head + piece)[:HEAD]
            tail = (tail + piece[-TAIL:])[-TAIL:]
    return Saved(path, size, digest.hexdigest(), head, tail)


def discard(response: urllib3.BaseHTTPResponse) -> None:
    """Read what is left of a short body, so that its connection can be used again; close it otherwise."""
    length = response.headers.get("Content-Length", "")
    try:
        if response.status == 304 or (length.isdigit() and int(length) <= _CHUNK):
            response.drain_conn()
        else:
            response.close()
    except HTTPError:
        response.close()


def _too_large(patience: Patience) -> DataError:
    return DataError(
        f"the body has more than {patience.most} bytes, decoded",
        hint="if upstream's files are that large, raise limits.max_file_bytes",
    )


def _received(response: urllib3.BaseHTTPResponse, patience: Patience, url: str) -> Iterator[bytes]:
    """The bytes as they come off the wire; the slow and the cut ones raise TemporaryError."""
    since, count = time.monotonic(), 0
    try:
        while chunk := response.read1(_CHUNK, decode_content=False):
            yield chunk
            count += len(chunk)
            patience.clock.check()
            now = time.monotonic()
            if now - since >= patience.window:
                if count < _FLOOR * patience.window:
                    raise TemporaryError(f"the body comes too slowly: {count} bytes in {now - since:.0f} s")
                since, count = now, 0
    except HTTPError as error:
        raise translated(error, url) from error


def _decoded(chunks: Iterator[bytes], decoder: "_Inflate | None") -> Iterator[bytes]:
    if decoder is None:
        yield from chunks
        return
    for chunk in chunks:
        yield from decoder.feed(chunk)
    decoder.end()


def _decoder(coding: str) -> "_Inflate | None":
    names = [name.strip().lower() for name in coding.split(",") if name.strip().lower() not in ("", "identity")]
    match names:
        case []:
            return None
        case ["gzip" | "x-gzip" | "deflate"]:
            return _Inflate()
        case _:
            raise DataError(f"the body has the content coding {coding!r}, which was not asked for")


class _Inflate:
    """Undoes gzip or deflate in pieces of bounded size, however small the input that they come from."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()
        self._members = 0
        self._held = b""  # the start of a member, until its first two bytes are there
        self._padding = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to."""
        data, self._held = self._held + data, b""
        while data and not self._padding:
            if self._stream.eof or not self._members:
                if len(data) < 2:
                    self._held = data
                    return
                self._open(data)
                continue
            yield from self._pieces(data)
            data = self._stream.unused_data

    def end(self) -> None:
        """TemporaryError unless the stream came to its end."""
        if not self._members or not self._stream.eof or self._held == _GZIP[:1]:
            raise TemporaryError("the compressed body is cut")

    def _open(self, data: bytes) -> None:
        """Begin with the member that `data` starts with; after the first, what is no gzip is padding."""
        if data.startswith(_GZIP):
            self._stream = zlib.decompressobj(wbits=31)
        elif self._members:
            self._padding = True
        else:
            self._stream = _deflate(data)
        self._members += 1

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._stream.decompress(data, _PIECE)
            while piece:
                yield piece
                full = len(piece) == _PIECE and not self._stream.eof  # more may wait inside
                piece = self._stream.decompress(self._stream.unconsumed_tail, _PIECE) if full else b""
        except zlib.error as error:
            raise TemporaryError(f"the compressed body is damaged: {error}") from error


def _deflate(data: bytes) -> "zlib._Decompress":
    """A decoder for deflate, with zlib's header or, as some servers send it, without."""
    for wbits in (15, -15):
        try:
            zlib.decompressobj(wbits).decompress(data[:2] if wbits > 0 else data, _CHUNK)
        except zlib.error as error:
            fault = error
        else:
            return zlib.decompressobj(wbits)
    raise DataError(f"the body is not compressed as its header says: {fault}")
