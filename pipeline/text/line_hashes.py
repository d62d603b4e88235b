"""Lines of UTF-8 as hashes, without making a single string: equal lines, equal hashes.

A line counts without the blank space around it, and else as it stands: a site's furniture is the
same to the letter, and what is folded together may be a score or a date.
"""

import numpy as np
import numpy.typing as npt

from pipeline.compile import bare_kernel, kernel
from pipeline.text.line_bits import Bytes, eight_at

Hashes = npt.NDArray[np.uint64]

FEWEST_LETTERS = 2
SEED = np.uint64(0x9E3779B97F4A7C15)
MULTIPLIER = np.uint64(0xC2B2AE3D27D4EB4F)
FINISHER = np.uint64(0xD6E8FEB86659FD93)
U8, U29, U32 = np.uint64(8), np.uint64(29), np.uint64(32)
NOTHING, ONE = np.uint64(0), np.uint64(1)
SPACE = 0x20


@kernel
def line_end(data: Bytes, at: int, stop: int) -> int:
    """Where the line feed stands that ends the line, or the end of all."""
    # Unsigned: else every index is tested for its sign.
    place, end = np.uint64(at), np.uint64(max(at, stop))
    while place < end and data[place] != 10:
        place += ONE
    return signed(place)


@kernel
def signed(place: np.uint64) -> int:
    """The place as other numbers are: numba makes a float of an unsigned and a signed one."""
    return np.int64(place)  # type: ignore[return-value]  # which is numba's int


@kernel
def _blank(data: Bytes, at: int, stop: int) -> int:
    """Bytes of the blank character that stands there, or 0; blank is what `str.split` says."""
    byte = data[at]
    if byte <= SPACE:
        return 1 if 9 <= byte <= 13 or byte >= 28 else 0
    if byte == 0xC2 and at + 1 < stop:
        return 2 if data[at + 1] in (0xA0, 0x85) else 0
    if not 0xE1 <= byte <= 0xE3 or at + 2 >= stop:
        return 0
    code = (np.int64(byte) & 15) << 12 | (data[at + 1] & 63) << 6 | (data[at + 2] & 63)
    odd = code in (0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
    return 3 if odd or 0x2000 <= code <= 0x200A else 0


@kernel
def skip_blanks(data: Bytes, at: int, stop: int) -> int:
    """Where the first character stands that is not blank."""
    while at < stop:
        width = _blank(data, at, stop)
        if width == 0:
            return at
        at += width
    return stop


@kernel
def _trim_blanks(data: Bytes, at: int, stop: int) -> int:
    """Where the last character that is not blank ends."""
    while stop > at:
        last = stop - 1
        while last > at and (data[last] & 0xC0) == 0x80:
            last -= 1
        if _blank(data, last, stop) == 0:
            return stop
        stop = last
    return at


@kernel
def _has_letters(data: Bytes, at: int, stop: int) -> bool:
    letters = 0
    while at < stop:
        byte = data[at]
        letters += 97 <= (byte | SPACE) <= 122 or byte >= 0xC3
        if letters == FEWEST_LETTERS:
            return True
        at += 1
    return False


@kernel
def _mix(state: np.uint64, word: np.uint64) -> np.uint64:
    state = (state ^ word) * MULTIPLIER
    return state ^ (state >> U29)


@bare_kernel
def mix_bytes(data: Bytes, at: int, stop: int, state: np.uint64) -> np.uint64:
    """A state into which the bytes between went, its last bits not yet well mixed."""
    while at + 8 <= stop:
        state = _mix(state, eight_at(data, at))
        at += 8
    rest = NOTHING
    while at < stop:
        rest = (rest << U8) | np.uint64(data[at])
        at += 1
    return _mix(state, rest)


@kernel
def spread(state: np.uint64) -> np.uint64:
    """The bits well mixed; never 0, which means that there is nothing."""
    state ^= state >> U32
    state *= FINISHER
    state ^= state >> U29
    return state if state != NOTHING else SEED


@kernel
def hash_line(data: Bytes, at: int, stop: int, max_chars: int) -> np.uint64:
    """The hash of a line without its outer blanks, or 0 where it is never told of."""
    at = skip_blanks(data, at, stop)
    stop = _trim_blanks(data, at, stop)
    size = stop - at
    if size < FEWEST_LETTERS or size > 4 * max_chars or not _has_letters(data, at, stop):
        return NOTHING
    if size > max_chars:
        chars = 0
        for k in range(at, stop):
            chars += (data[k] & 0xC0) != 0x80
        if chars > max_chars:
            return NOTHING
    return spread(mix_bytes(data, at, stop, SEED ^ np.uint64(size)))
