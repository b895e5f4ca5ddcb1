"""What an upstream does in conformance checks beyond its faults: it is late, it waits, it sends very much."""

import contextlib
import gzip
import threading
import time
from dataclasses import dataclass, field

from fieldhouse.kit.faults import Behaviour, Exchange


@dataclass(frozen=True)
class Late(Behaviour):
    """Answers as `then` does, after so many seconds in which nothing comes."""

    seconds: float
    then: Behaviour

    def answer(self, exchange: Exchange) -> bool:
        return exchange.pause(self.seconds) and self.then.answer(exchange)


@dataclass(frozen=True)
class Held(Behaviour):
    """Sends `sent` bytes of an announced `body`, tells `reached`, and then nothing more comes."""

    reached: threading.Event
    body: bytes = b""
    sent: int = 0

    def answer(self, exchange: Exchange) -> bool:
        if self.sent:
            exchange.send(200, {"Content-Length": str(len(self.body))}, self.body[: self.sent])
        self.reached.set()
        exchange.closing.wait()
        return False


@dataclass(frozen=True)
class Noted(Behaviour):
    """Answers as `then` does, and notes when it was asked (seconds of a monotonic clock)."""

    then: Behaviour
    times: list[float] = field(default_factory=list)

    def answer(self, exchange: Exchange) -> bool:
        self.times.append(time.monotonic())
        return self.then.answer(exchange)


@dataclass(frozen=True)
class Together(Behaviour):
    """Answers as `then` does once all parties of `gate` have asked; without the others after the gate's own patience."""

    gate: threading.Barrier
    then: Behaviour

    def answer(self, exchange: Exchange) -> bool:
        with contextlib.suppress(threading.BrokenBarrierError):  # the others do not come, or have come already
            self.gate.wait()
        return self.then.answer(exchange)


@dataclass(frozen=True)
class Packed(Behaviour):
    """`body`, as gzip for who takes that."""

    body: bytes

    def answer(self, exchange: Exchange) -> bool:
        if "gzip" in exchange.asked.headers.get("accept-encoding", ""):
            exchange.send(200, {"Content-Encoding": "gzip"}, gzip.compress(self.body, mtime=0))
        else:
            exchange.send(200, {}, self.body)
        return True


@dataclass(frozen=True)
class Much(Behaviour):
    """`head`, then `piece` so many `times`, then `tail`: a body of any size that is nowhere held whole."""

    head: bytes
    piece: bytes
    times: int
    tail: bytes = b""

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        return len(self.head) + len(self.piece) * self.times + len(self.tail)

    @property
    def body(self) -> bytes:
        """The whole body, where it is small enough for that."""
        return self.head + self.piece * self.times + self.tail

    def answer(self, exchange: Exchange) -> bool:
        exchange.send(200, {"Content-Length": str(self.size)}, self.head)
        at_once = max(1, (1 << 20) // max(1, len(self.piece)))
        block = self.piece * at_once
        for _ in range(self.times // at_once):
            exchange.connection.sendall(block)
        exchange.connection.sendall(self.piece * (self.times % at_once) + self.tail)
        return True
