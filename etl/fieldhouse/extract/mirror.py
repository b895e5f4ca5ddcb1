"""A mirror: a folder of frozen feeds, served over real HTTP on this machine's loopback interface.

It runs in threads of the calling process: that was measured against a process of its own (docs/http-extractor.md).
"""

import os
import socket
import stat
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fieldhouse.errors import NotFound
from fieldhouse.extract.wire import Asked, LoopbackServer, Requests

_SMALL = 256 << 10
_NOTHING = b"Content-Length: 0\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\n" + _NOTHING
_NOT_ALLOWED = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n" + _NOTHING


class Mirror(LoopbackServer):
    """Serves the files below `folder`, with ETag, Last-Modified, Range and 304; it lists no folders.

    `with Mirror(folder) as mirror: … mirror.url …`. A request cannot leave the folder; links that its owner put there
    are followed.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise NotFound(
                f"the mirror {folder} is no folder", hint="name a folder laid out as <source>/<path of a URL>"
            )
        super().__init__()
        self._root = os.fspath(folder.resolve())

    def serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until it ends."""
        requests = Requests(connection)
        while asked := requests.next():
            if asked.method in ("GET", "HEAD"):
                self.answer(connection, asked)
            else:
                connection.sendall(_NOT_ALLOWED)
                return  # a body may follow
            if not asked.keeps:
                return

    def answer(self, connection: socket.socket, asked: Asked) -> None:
        """Answer one request: the file that its path names, or why not."""
        path = _below(asked.target)
        try:
            status = os.stat(self._root + path) if path else None
        except (OSError, ValueError):
            status = None
        if path is None or status is None or not stat.S_ISREG(status.st_mode):
            connection.sendall(_NOT_FOUND)
            return
        # The change time and the inode tell files apart that an archive gave the same size and time.
        tag, head = _validators(status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size)
        if _is_current(asked, tag, head):
            connection.sendall(b"HTTP/1.1 304 Not Modified\r\n" + head + b"\r\n")
        else:
            self._send(connection, asked, self._root + path, head, status.st_size)

    def _send(self, connection: socket.socket, asked: Asked, path: str, head: bytes, size: int) -> None:
        start, end = _range(asked.headers.get("range", ""), size)
        if start >= end and size:  # an empty file has no ranges
            connection.sendall(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */%d\r\n" % size + _NOTHING)
            return
        line = b"HTTP/1.1 200 OK\r\n"
        if (start, end) != (0, size):
            line = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\n" % (start, end - 1, size)
        head = line + head + b"Accept-Ranges: bytes\r\nContent-Length: %d\r\n\r\n" % (end - start)
        if asked.method == "HEAD":
            connection.sendall(head)
            return
        with open(path, "rb") as file:
            if end - start <= _SMALL:
                file.seek(start)
                connection.sendall(head + file.read(end - start))
            else:
                connection.sendall(head)
                connection.sendfile(file, start, end - start)


@lru_cache(maxsize=1 << 16)
def _below(target: str) -> str | None:
    """The path of a request's target below the root, with a leading slash; None where it would lead elsewhere."""
    path = unquote(urlsplit(target).path)
    parts = path.split("/")[1:]
    if not parts or any(part in ("", ".", "..") for part in parts) or "\0" in path:
        return None
    return "/" + "/".join(parts)


@lru_cache(maxsize=1 << 16)
def _validators(modified: int, changed: int, inode: int, size: int) -> tuple[str, bytes]:
    tag = f'"{modified:x}-{changed:x}-{inode:x}-{size:x}"'
    date = formatdate(modified // 10**9, usegmt=True)
    return tag, f"ETag: {tag}\r\nLast-Modified: {date}\r\n".encode()


def _is_current(asked: Asked, tag: str, head: bytes) -> bool:
    if (tags := asked.headers.get("if-none-match")) is not None:
        return tags == "*" or any(given.strip().removeprefix("W/") == tag for given in tags.split(","))
    since = asked.headers.get("if-modified-since")
    # Exactly equal, not "not later": an older revision may be laid over a newer one.
    return since is not None and f"Last-Modified: {since}\r\n".encode() in head


def _range(text: str, size: int) -> tuple[int, int]:
    """[start, end) of a Range header with one range; the whole file for anything else."""
    first, dash, last = text.removeprefix("bytes=").partition("-")
    if not size or not text.startswith("bytes=") or not dash or not (first + last).isdigit():
        return 0, size
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)
