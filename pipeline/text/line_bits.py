"""What is asked of every byte, asked of 64 at once: one bit for each.

A byte of whatever text costs a tenth of a nanosecond here; what is then done per word or per line
looks at bits alone. Everything counts from the begin of the bytes the bits were made of.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np
from numba.cpython.unsafe import numbers
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, part

Bytes = NDArray[np.uint8]
Bits = NDArray[np.uint64]

LANES = 64
NEWLINE = 10
# How many bits below the lowest set one are clear.
trailing_zeros = cast("Callable[[np.uint64], int]", numbers.trailing_zeros)
ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Marks(NamedTuple):
    """Where the ASCII letters of some bytes are, where certain of them, where the line feeds."""

    letters: Bits
    certain: Bits
    feeds: Bits


def mark_bytes(data: Bytes, certain: np.uint32) -> Marks:
    """One bit per byte, in the order of the bytes, the lowest first.

    Bit k of `certain` is set where the k-th letter of the alphabet is one of them.
    """
    whole = data.size // LANES
    # Made here, since numpy asks for large pages: to touch small ones costs as much as all else.
    marks = Marks(*(np.empty(whole + 1, np.uint64) for _ in range(3)))
    rest = np.frombuffer(bytes(data[whole * LANES :]).ljust(LANES, b"\0"), np.uint8)
    _mark_blocks(data, certain, Marks(*(bits[:whole] for bits in marks)))
    _mark_blocks(rest, certain, Marks(*(bits[whole:] for bits in marks)))
    return marks


@bare_kernel
def _mark_blocks(data: Bytes, certain: np.uint32, marks: Marks) -> None:
    for block in range(marks.feeds.size):
        bits = _mark(data[block * LANES : (block + 1) * LANES], certain)
        marks.letters[block], marks.certain[block], marks.feeds[block] = bits


@bare_kernel
def _mark(block: Bytes, certain: np.uint32) -> tuple[np.uint64, np.uint64, np.uint64]:
    letters, some, feeds = np.uint64(0), np.uint64(0), np.uint64(0)
    for lane in range(LANES):  # without a branch, so that the compiler takes all lanes at once
        byte, place = block[lane], np.uint64(lane)
        letter = np.uint8((byte | np.uint8(32)) - np.uint8(97)) < np.uint8(26)
        letters |= np.uint64(letter) << place
        some |= np.uint64((certain >> np.uint32(byte & np.uint8(31))) & np.uint32(1)) << place
        feeds |= np.uint64(byte == NEWLINE) << place
    return letters, some & letters, feeds


@bare_kernel
def next_set(bits: Bits, at: int, stop: int) -> int:
    """The first place from `at` on whose bit is set, `stop` if there is none before."""
    if at >= stop:
        return stop
    block = at >> 6
    found = bits[block] >> np.uint64(at & 63)
    if found:
        return min(at + trailing_zeros(found), stop)
    last = (stop - 1) >> 6
    while block < last:
        block += 1
        if bits[block]:
            return min((block << 6) + trailing_zeros(bits[block]), stop)
    return stop


@bare_kernel
def next_clear(bits: Bits, at: int, stop: int) -> int:
    """The first place from `at` on whose bit is clear, `stop` if there is none before."""
    if at >= stop:
        return stop
    block = at >> 6
    found = ~bits[block] >> np.uint64(at & 63)
    if found:
        return min(at + trailing_zeros(found), stop)
    last = (stop - 1) >> 6
    while block < last:
        block += 1
        if bits[block] != ALL:
            return min((block << 6) + trailing_zeros(~bits[block]), stop)
    return stop


@part
def eight_at(data: Bytes, at: int) -> np.uint64:
    """The eight bytes from a place on as one number, the first one lowest."""
    eight, first = np.uint64(0), np.uint64(at)
    for k in range(8):  # the compiler makes one reading of it
        eight |= np.uint64(data[first + np.uint64(k)]) << np.uint64(8 * k)
    return eight
