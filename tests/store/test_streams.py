import gzip
import io
import tracemalloc
from collections import deque

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.listing import Packing
from pipeline.store.streams import BrokenInputError, read_lines, read_pieces

LINES = b"".join(b"line %d of many\n" % n for n in range(50_000))


def zstd(data):
    """As a stream: without the content's size in the header, in many blocks."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(data) + packer.flush()


PACKED = {Packing.GZIP: gzip.compress, Packing.ZSTD: zstd}
packings = pytest.mark.parametrize("packing", [Packing.GZIP, Packing.ZSTD])


def unpack(data, packing, *, max_bytes=10**9):
    return b"".join(read_pieces(io.BytesIO(data), packing, max_bytes=max_bytes))


def unpack_until_it_breaks(data, packing):
    pieces = []
    with pytest.raises(BrokenInputError) as broken:
        pieces.extend(read_pieces(io.BytesIO(data), packing, max_bytes=10**9))
    return pieces, broken.value


def lines_of(pieces, *, max_bytes=10**6):
    return list(read_lines(pieces, max_bytes=max_bytes))


@packings
def test_packed_content_comes_out_as_it_went_in(packing):
    assert unpack(PACKED[packing](LINES), packing) == LINES
    assert unpack(PACKED[packing](b""), packing) == b""


@packings
def test_members_follow_each_other_and_zeros_may_pad_them(packing):
    packed = PACKED[packing](LINES)
    assert unpack(packed + packed + b"\0" * 5_000, packing) == LINES + LINES


@packings
def test_what_lies_before_a_truncation_is_kept(packing):
    packed = PACKED[packing](LINES)
    pieces, error = unpack_until_it_breaks(packed[: len(packed) // 2], packing)
    kept = b"".join(pieces)
    assert error.reason == "truncated_file"
    assert LINES.startswith(kept)
    assert len(kept) > len(LINES) // 10


@packings
@pytest.mark.parametrize("length", [0, 1, 3, 20])
def test_a_file_cut_in_its_first_bytes_is_truncated(packing, length):
    assert unpack_until_it_breaks(PACKED[packing](LINES)[:length], packing)[1].reason == (
        "truncated_file"
    )


@packings
def test_what_was_never_packed_is_damaged(packing):
    assert unpack_until_it_breaks(LINES, packing)[1].reason == "damaged_file"


@packings
def test_a_bomb_is_stopped_at_the_bound_in_little_memory(packing):
    bomb = PACKED[packing](b"\0" * 300_000_000)
    tracemalloc.start()
    with pytest.raises(BrokenInputError) as broken:
        deque(read_pieces(io.BytesIO(bomb), packing, max_bytes=200_000_000), maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert broken.value.reason == "file_too_large"
    assert peak < 100_000_000


def test_a_stream_that_fails_says_why():
    class Failing(io.RawIOBase):
        def read(self, _size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(BrokenInputError) as broken:
        list(read_pieces(Failing(), Packing.NONE, max_bytes=10**9))
    assert broken.value.reason == "unreadable_file"
    assert broken.value.detail == "Input/output error after 0 bytes"


@given(st.lists(st.binary(max_size=8)))
def test_lines_do_not_depend_on_how_the_pieces_are_cut(pieces):
    whole = b"".join(pieces)
    assert [line.data for line in lines_of(pieces)] == [
        line.data for line in lines_of([whole] if whole else [])
    ]


@given(st.binary().filter(lambda data: not data.startswith(b"\xef\xbb\xbf")))
def test_lines_together_are_the_content(data):
    lines = lines_of([data])
    assert b"".join(line.data for line in lines) == data
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert [line.data for line in lines_of([b"\xef\xbb", b"\xbfa\n\xef\xbb\xbfb"])] == [
        b"a\n",
        b"\xef\xbb\xbfb",
    ]


def test_a_line_beyond_the_bound_is_counted_and_not_held():
    lines = lines_of([b"ab\n", b"c" * 600, b"d" * 600, b"\n", b"e"], max_bytes=1_000)
    assert [(line.size, line.data) for line in lines] == [(3, b"ab\n"), (1_201, None), (1, b"e")]


def test_a_break_hands_over_the_unfinished_line():
    def breaking():
        yield b"ab\ncd"
        raise BrokenInputError("truncated_file", "ends early")

    lines = read_lines(breaking(), max_bytes=10)
    assert next(lines).data == b"ab\n"
    with pytest.raises(BrokenInputError) as broken:
        next(lines)
    assert broken.value.tail == b"cd"
