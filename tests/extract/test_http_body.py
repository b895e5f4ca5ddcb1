"""Bodies: content coding is undone in bounded pieces, however the bytes arrive."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldhouse.errors import DataError, TemporaryError
from fieldhouse.extract.http import body

BODIES = st.binary(max_size=300) | st.integers(0, 5000).map(bytes)


def pack(data: bytes, coding: str) -> bytes:
    match coding:
        case "gzip":
            return gzip.compress(data, mtime=0)
        case "deflate":
            return zlib.compress(data)
        case "members":
            return gzip.compress(data[:7], mtime=0) + gzip.compress(data[7:], mtime=0)
        case _:
            return zlib.compress(data)[2:-4]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def unpack(packed: bytes, size: int, piece: int) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(body, "_PIECE", piece)
        decoder = body._decoder("gzip")
        return list(body._decoded(pieces(packed, size), decoder))


@given(BODIES, st.sampled_from(["gzip", "deflate", "members", "raw"]), st.integers(2, 64), st.integers(1, 64))
def test_it_does_not_depend_on_how_the_bytes_arrive(data: bytes, coding: str, size: int, piece: int) -> None:
    found = unpack(pack(data, coding), size, piece)
    assert b"".join(found) == data
    assert all(len(part) <= piece for part in found)


@given(BODIES, st.sampled_from(["gzip", "deflate", "members"]), st.integers(1, 64), st.data())
def test_any_cut_is_noticed(data: bytes, coding: str, size: int, draw: st.DataObject) -> None:
    packed = pack(data, coding)
    cut = draw.draw(st.integers(0, len(packed) - 1))
    if coding == "members" and cut == len(gzip.compress(data[:7], mtime=0)):
        return  # after a whole member nothing says that there was to be another
    with pytest.raises(TemporaryError, match="cut"):
        unpack(packed[:cut], size, 1 << 20)


def test_one_byte_at_a_time() -> None:
    assert b"".join(unpack(gzip.compress(b"abc"), 1, 10)) == b"abc"


@pytest.mark.parametrize("data", [b"<html>", b"date,home\n", b"\xff\xfe\x00"])
def test_what_is_not_compressed_is_no_data(data: bytes) -> None:
    with pytest.raises(DataError, match="not compressed as its header says"):
        unpack(data, 100, 100)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress"])
def test_other_codings_were_not_asked_for(coding: str) -> None:
    with pytest.raises(DataError, match="not asked for"):
        body._decoder(coding)
