"""The grammar of log lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.extract.log import MAX_LINE, Lines, LogRecord, parse


@pytest.mark.parametrize(
    ("line", "record"),
    [
        (b"plain text", LogRecord("info", "plain text")),
        (b'{"level": "error", "msg": "no", "code": 65}', LogRecord("error", "no", {"code": 65})),
        (b'{"level": "fatal", "msg": "no"}', LogRecord("info", '{"level": "fatal", "msg": "no"}')),
        (b'{"level": "error"}', LogRecord("info", '{"level": "error"}')),
        (b'{"level": ["error"], "msg": "x"}', LogRecord("info", '{"level": ["error"], "msg": "x"}')),
        (b'{"broken', LogRecord("info", '{"broken')),
        (b"\x1b[2Jhidden\r", LogRecord("info", "\N{REPLACEMENT CHARACTER}[2Jhidden")),
        (b"\xff", LogRecord("info", "\N{REPLACEMENT CHARACTER}")),
    ],
)
def test_a_line_is_one_record(line: bytes, record: LogRecord) -> None:
    assert parse(line) == record


@given(st.binary(max_size=300))
def test_any_line_is_a_record_that_fits_on_a_line(line: bytes) -> None:
    assert "\n" not in parse(line.replace(b"\n", b"")).msg


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=20)), st.integers(1, 9))
def test_lines_do_not_depend_on_how_they_arrive(lines: list[str], size: int) -> None:
    text = "".join(f"{line}\n" for line in lines).encode()
    cutter = Lines()
    found = [line for start in range(0, len(text), size) for line in cutter.feed(text[start : start + size])]
    assert [*found, *cutter.end()] == [line.encode() for line in lines]


def test_memory_is_bounded_for_a_line_without_end() -> None:
    cutter = Lines()
    found = [line for _ in range(100) for line in cutter.feed(b"x" * 1000)]
    found += [*cutter.feed(b"\nnext\n")]
    assert [len(line) for line in found] == [MAX_LINE + len(" … (cut)".encode()), 4]
