"""A pod's log: every line once and in order, however often the connection breaks; what is lost is said."""

import itertools
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.pods import logs
from fieldhouse.pods.cluster import Refused
from fieldhouse.pods.following import Follower, Unreadable
from fieldhouse.pods.logs import Ledger, Line

T0 = 1_785_560_400_000_000_000


def raw(line: Line) -> bytes:
    return f"{line.time.replace(' ', 'T')}.{line.ns % 1_000_000_000:09}Z ".encode() + line.text + b"\n"


def log_of(texts: Sequence[bytes], steps: Sequence[int]) -> list[Line]:
    times = itertools.accumulate(steps, initial=T0)
    return [Line(ns, text) for ns, text in zip(times, texts, strict=False)]


texts = st.lists(st.sampled_from([b"", b"a", b"same", b"b c", "\N{SNOWMAN}".encode(), b"\xff"]), max_size=60)
steps = st.lists(st.sampled_from([0, 0, 1, 1000, 900_000_000, 30_000_000_000]), min_size=60, max_size=60)


class Runtime:
    """Keeps a log as a kubelet does; `rotated` of its lines are gone."""

    def __init__(self, lines: list[Line], rotated: int = 0) -> None:
        self.lines = lines
        self.rotated = rotated

    def read(self, since_ns: int | None, upto: int) -> list[Line]:
        found = self.lines[self.rotated : upto]
        return [line for line in found if since_ns is None or line.ns >= since_ns]


def gather(ledger: Ledger, reading: logs.Reading, lines: list[Line]) -> list[Line]:
    return [line for line in lines if reading.take(line)]


@given(texts, steps, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.booleans()), max_size=12))
def test_no_line_is_lost_or_doubled_however_readings_overlap(words, gaps, plan) -> None:
    lines = log_of(words, gaps)
    runtime, ledger, got = Runtime(lines), Ledger(), []
    there = 0
    for grown, back, all_of_it in plan:
        there = min(len(lines), max(there, grown))  # a log only grows
        last = ledger.last
        whole = all_of_it or last is None
        since = None if whole else last.ns - back * 1_000_000_000
        reading = ledger.reading(whole=whole)
        found = runtime.read(since, there)
        got += gather(ledger, reading, found[: back or len(found)])  # the connection breaks
    reading = ledger.reading(whole=True)
    got += gather(ledger, reading, runtime.read(None, len(lines)))
    assert sorted(map(repr, got)) == sorted(map(repr, lines))
    assert [line.ns for line in got] == [line.ns for line in lines]
    assert ledger.count == len(lines)
    assert ledger.gaps == []


@given(texts, steps, st.integers(0, 60), st.integers(0, 60))
def test_what_rotation_took_is_a_gap(words, gaps, read, rotated) -> None:
    lines = log_of(words, gaps)
    ledger = Ledger()
    gather(ledger, ledger.reading(whole=True), lines[:read])
    runtime = Runtime(lines, rotated)
    reading = ledger.reading(whole=True)
    gather(ledger, reading, runtime.read(None, len(lines)))
    apart = 0 < len(lines[:read]) <= rotated < len(lines)  # that nothing lay between cannot be known
    distinct = len({line.ns for line in lines}) == len(lines)
    if distinct:
        assert bool(ledger.gaps) == apart
        assert bool(ledger.gaps) == ("may be lost" in ledger.ending())


def test_a_reading_that_begins_too_late_takes_nothing() -> None:
    lines = log_of([b"a", b"b", b"c"], [10**9] * 3)
    ledger = Ledger()
    gather(ledger, ledger.reading(whole=True), lines[:1])
    reading = ledger.reading(whole=False)
    assert gather(ledger, reading, lines[2:]) == []
    assert reading.disconnected


def test_old_lines_are_forgotten_and_still_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "REMEMBERED", 10)
    lines = log_of([b"x"] * 50, [1000] * 50)
    ledger = Ledger()
    assert gather(ledger, ledger.reading(whole=True), lines[:40]) == lines[:40]
    assert gather(ledger, ledger.reading(whole=True), lines) == lines[40:]
    assert len(ledger._known) == 10


@pytest.mark.parametrize(
    ("stored", "ns", "text"),
    [
        (b"2026-08-01T05:00:00.000000001Z hello\n", T0 + 1, b"hello"),
        (b"2026-08-01T05:00:00Z hello", T0, b"hello"),
        (b"2026-08-01T07:00:00.5+02:00 two words", T0 + 500_000_000, b"two words"),
        (b"2026-08-01T05:00:00.1Z ", T0 + 100_000_000, b""),
        (b"2026-08-01T05:00:00.1Z", T0 + 100_000_000, b""),
    ],
)
def test_a_stored_line_is_read(stored: bytes, ns: int, text: bytes) -> None:
    assert logs.line(stored) == Line(ns, text)


@pytest.mark.parametrize(
    "excuse", [b"unable to retrieve container logs for containerd://1", b"", b"2026-99-01T05:00:00Z x"]
)
def test_an_excuse_is_no_line(excuse: bytes) -> None:
    assert logs.line(excuse) is None


@given(st.lists(st.binary(max_size=40)), st.lists(st.integers(0, 200)))
def test_lines_are_split_alike_however_they_arrive(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"\n".join(parts)
    at = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in itertools.pairwise(at)]
    assert list(logs.split(chunks)) == list(logs.split([stream]))


def test_a_line_without_end_is_cut_alike_however_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_LINE", 8)
    once = list(logs.split([b"0123456789\nx"]))
    assert once == list(logs.split([b"01234", b"56789", b"\nx"]))
    assert once == [("01234567 … (cut)".encode(), True), (b"x", False)]


@pytest.mark.parametrize(
    ("text", "level", "msg"),
    [
        (b'{"level": "warning", "msg": "slow", "feed": "results"}', "warning", "slow"),
        (b"error: data refused", "error", "error: data refused"),
        (b"plain", "info", "plain"),
        (b"errors: 0", "info", "errors: 0"),
    ],
)
def test_a_line_is_shown_at_its_own_level(text: bytes, level: str, msg: str) -> None:
    assert (logs.record(text).level, logs.record(text).msg) == (level, msg)


def test_the_last_failure_is_remembered() -> None:
    ledger = Ledger()
    gather(
        ledger,
        ledger.reading(whole=True),
        log_of([b'{"level": "error", "msg": "no", "retry_after_s": 5}', b"x"], [1, 1]),
    )
    assert ledger.last_error is not None
    assert ledger.last_error.fields["retry_after_s"] == 5


def test_the_end_says_how_many_lines_there_are() -> None:
    ledger = Ledger()
    gather(ledger, ledger.reading(whole=True), log_of([b"x"] * 1500, [1] * 1500))
    assert ledger.ending() == "end of log: 1,500 lines"
    assert ledger.ending("the pod is gone") == "log cut after 1,500 lines: the pod is gone"


class Kubelet:
    """Serves a log that ends now, by a clock of its own; connections that follow it break after so many bytes."""

    def __init__(self, lines: list[Line], breaks: Iterator[int] | None = None, skew_s: int = 0) -> None:
        self.skew_ns = skew_s * 1_000_000_000
        later = time.time_ns() + self.skew_ns - (lines[-1].ns if lines else 0)
        self.lines = [Line(line.ns + later, line.text) for line in lines]
        self.breaks = breaks or iter(())
        self.excuses: list[bytes] = []

    def open(self, since_s: int | None, follow: bool) -> Iterator[bytes]:
        if self.excuses and not follow:
            yield self.excuses.pop()
            return
        begin = 0 if since_s is None else time.time_ns() + self.skew_ns - since_s * 1_000_000_000
        stream = b"".join(raw(line) for line in self.lines if line.ns >= begin)
        after = next(self.breaks, None) if follow else None
        yield from (stream[:after][n : n + 7] for n in range(0, len(stream[:after]), 7))
        if after is not None and after < len(stream):
            raise ConnectionError("reset by peer")


@given(texts, steps, st.lists(st.integers(0, 1500), max_size=4), st.sampled_from([-3600, -7, 0, 7, 3600]))
def test_a_follower_rides_out_dropped_connections_whatever_the_clocks(words, gaps, breaks, skew) -> None:
    kubelet = Kubelet(log_of(words, gaps), iter(breaks), skew)
    follower = Follower(kubelet.open, pause_s=0.001)
    got = list(follower.drain(0.001)) + list(follower.finish(0.05))
    assert got == kubelet.lines
    many = len(got)
    assert follower.ledger.ending() == f"end of log: {many} line{'' if many == 1 else 's'}"


def test_an_excuse_in_the_place_of_the_log_is_not_its_end() -> None:
    kubelet = Kubelet(log_of([b"a", b"b"], [1, 1]))
    kubelet.excuses = [b"unable to retrieve container logs\n"]
    follower = Follower(kubelet.open, pause_s=0.001)
    assert list(follower.finish(1.0)) == kubelet.lines


def test_a_log_that_cannot_be_read_to_its_end_is_no_log() -> None:
    def open_log(since_s: int | None, follow: bool) -> Iterator[bytes]:
        raise ConnectionError("connection refused")

    follower = Follower(open_log, pause_s=0.001)
    with pytest.raises(Unreadable, match="refused"):
        list(follower.finish(0.01))


def test_nobody_waits_for_the_log_of_a_pod_that_is_no_more() -> None:
    asked: list[bool] = []

    def open_log(since_s: int | None, follow: bool) -> Iterator[bytes]:
        if not follow:
            asked.append(follow)
        raise Refused(404, 'pods "x" not found')

    follower = Follower(open_log, pause_s=0.001)
    with pytest.raises(Unreadable, match="not found") as ended:
        list(follower.finish(60.0))
    assert ended.value.gone
    assert len(asked) == 1


def test_half_a_line_counts_at_the_end_only() -> None:
    [line] = log_of([b"no line end"], [1])

    def open_log(since_s: int | None, follow: bool) -> Iterator[bytes]:
        yield raw(line).rstrip(b"\n") if not follow else raw(line)[:35]

    assert list(Follower(open_log, pause_s=0.001).finish(1.0)) == [line]
