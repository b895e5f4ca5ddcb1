"""A body on its way to disk."""

import hashlib
import http.client
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.expect import HEAD, TAIL
from extractor.failure import Exit, Failure
from extractor.network import explained
from extractor.pace import Clock, seconds

CHUNK = 64 << 10
PIECE = 1 << 20
FLOOR = 1000  # bytes a second


class Body:
    """A body on its way to disk: gzip undone, bounded, hashed, not too slow, and whole or not at all."""

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.most = most
        self.size = 0
        self.head = self.tail = b""
        self.digest = hashlib.sha256()

    def save(self, answer: http.client.HTTPResponse, clock: Clock, where: str) -> None:
        """Write all of it; a temporary failure if it ends early or comes too slowly, a data failure if it is too large."""
        coding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip"):
            raise Failure(Exit.DATA, f"{where}: the content coding {coding!r}, which was not asked for")
        if coding == "identity" and (answer.length or 0) > self.most:
            raise self._too_large()
        pieces = _received(answer, clock, where)
        with self.path.open("wb") as file:
            for piece in pieces if coding == "identity" else _inflated(pieces, where):
                self._take(piece)
                file.write(piece)

    def _take(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self.most:
            raise self._too_large()
        self.digest.update(piece)
        if len(self.head) < HEAD:
            self.head = (self.head + piece)[:HEAD]
        self.tail = (self.tail + piece[-TAIL:])[-TAIL:]

    def _too_large(self) -> Failure:
        return Failure(Exit.DATA, f"the body has more than {self.most} bytes, decoded: raise limits.max_file_bytes")


def _received(answer: http.client.HTTPResponse, clock: Clock, where: str) -> Iterator[bytes]:
    """The bytes as they come off the wire; slow and cut ones are temporary failures."""
    since, count, window = time.monotonic(), 0, seconds("FLOOR", 60)
    with explained(where):
        while chunk := answer.read1(CHUNK):
            yield chunk
            count += len(chunk)
            clock.check()
            now = time.monotonic()
            if now - since >= window:
                if count < FLOOR * window:
                    raise Failure(
                        Exit.TEMPORARY, f"{where}: the body comes too slowly: {count} bytes in {window:.0f} s"
                    )
                since, count = now, 0
        if answer.length:
            raise Failure(Exit.TEMPORARY, f"{where}: the body is cut: {answer.length} bytes are missing")


def _inflated(pieces: Iterable[bytes], where: str) -> Iterator[bytes]:
    """Undoes gzip in portions of bounded size, however small the input that they come from; members may follow one another."""
    stream = zlib.decompressobj(31)
    began = False
    try:
        for piece in pieces:
            data, full = piece, False
            while data or full:
                if stream.eof:
                    stream = zlib.decompressobj(31)
                began, found = True, stream.decompress(data, PIECE)
                yield found
                full = len(found) == PIECE and not stream.eof  # more may wait inside
                data = stream.unused_data if stream.eof else stream.unconsumed_tail
    except zlib.error as error:
        raise Failure(Exit.TEMPORARY, f"{where}: the compressed body is damaged: {error}") from error
    if not began or not stream.eof:
        raise Failure(Exit.TEMPORARY, f"{where}: the compressed body is cut")
