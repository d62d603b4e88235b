"""Whether the words of a line occur in the rest of its text: what tells a sentence from furniture.

A background sentence that a paper repeats under a dozen articles speaks of what these are about; a
footer does not. Words are told by their first letters, so that "boat" and "boats" are one.
"""

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.text.line_bits import Bytes
from pipeline.text.line_hashes import (
    NOTHING,
    ONE,
    SPACE,
    U8,
    Hashes,
    line_end,
    signed,
    spread,
)

Offsets = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint8]

STEM_LETTERS = 5
MOST_STEMS = 31
# The top of an article says what it is about; to hear all of a long one costs a third more.
HEARD_BYTES = 3_000
# Of each byte: a letter in lower case, the first of a letter beyond ASCII, or something else. Signs
# and marks begin with C2 or E2, and what only goes on with a character is nothing by itself.
OTHER, BEYOND = 0, 0xFF
KINDS = np.zeros(256, np.uint8)
KINDS[97:123] = KINDS[65:91] = np.arange(97, 123)
KINDS[0xC3:0xF5] = BEYOND
KINDS[0xE2] = OTHER


@kernel
def listen(  # noqa: PLR0913, PLR0917  arrays in, arrays out
    data: Bytes, first: int, last: int, lines: Offsets,
    stems: Counts, echoes: Counts, room: Hashes, tallies: Offsets, own: Hashes, used: Offsets,
) -> None:  # fmt: skip
    """How many stems each of these lines has, and how many are heard outside of it too."""
    count = 0
    for k in range(lines.shape[0]):
        at, stop, most = lines[k, 0], lines[k, 1], count + MOST_STEMS
        while at < stop and count < most:
            stem, at = _next_stem(data, at, stop)
            if stem != NOTHING:
                slot = _slot(room, stem)
                own[count], used[count], room[slot] = stem, slot, stem
                count += 1
        lines[k, 1] = count
    at, reach = first, line_end(data, min(first + HEARD_BYTES, last), last)
    while at < reach:
        stem, at = _next_stem(data, at, reach)
        if stem != NOTHING:
            slot = _slot(room, stem)
            tallies[slot] += room[slot] == stem
    start = 0
    for k in range(lines.shape[0]):
        line, heard_itself = lines[k, 2], lines[k, 0] < reach
        mine = own[start : lines[k, 1]]
        stems[line], echoes[line] = _echo(mine, room, tallies, heard_itself)
        start = lines[k, 1]
    for k in range(count):
        room[used[k]], tallies[used[k]] = NOTHING, 0


@kernel
def _echo(
    mine: Hashes,
    room: Hashes,
    tallies: Offsets,
    heard_itself: bool,
) -> tuple[int, int]:
    """How many different stems there are, and how many were heard more often than here."""
    mine.sort()
    different = echoes = k = 0
    while k < mine.size:
        times = 1
        while k + times < mine.size and mine[k + times] == mine[k]:
            times += 1
        different += 1
        echoes += tallies[_slot(room, mine[k])] > (times if heard_itself else 0)
        k += times
    return different, echoes


@kernel
def may_end_sentence(data: Bytes, at: int, stop: int) -> bool:
    """Whether the last character of a line is anything but a letter or digit of ASCII."""
    while stop > at and (data[stop - 1] <= SPACE):
        stop -= 1
    byte = data[stop - 1]
    return not (48 <= byte <= 57 or 97 <= (byte | SPACE) <= 122)


@kernel
def _next_stem(  # noqa: C901  a branch for each kind of byte; one loop, for it sees every byte
    data: Bytes, start: int, stop: int
) -> tuple[np.uint64, int]:
    """The next longer word by its beginning, and where to read on; 0 where there is none.

    Scripts without spaces have no words to tell: there each character stands for one, which makes
    their sentences echo, and none of them is learned.
    """
    state, letters = NOTHING, 0
    at, end = np.uint64(start), np.uint64(max(start, stop))
    while at < end:
        byte = data[at]
        kind = KINDS[byte]
        if kind == OTHER:
            if letters >= STEM_LETTERS:
                return spread(state), signed(at)
            state, letters = NOTHING, 0
            at += ONE
        elif kind < BEYOND:
            if letters < STEM_LETTERS:
                state = (state << U8) | np.uint64(kind)
            letters += 1
            at += ONE
        else:
            width = np.uint64(2 if byte < 0xE0 else 3 if byte < 0xF0 else 4)
            if at + width > end:
                break
            spaceless = 0xE3 <= byte <= 0xEC or (byte == 0xE0 and data[at + ONE] >= 0xB8)
            if spaceless and letters >= STEM_LETTERS:
                break
            if spaceless:
                state, letters = NOTHING, 0
            if letters < STEM_LETTERS:
                for j in range(width):
                    state = (state << U8) | np.uint64(_fold(data, at, np.uint64(j)))
            letters += 1
            at += width
            if spaceless:
                return spread(state), signed(at)
    return (spread(state), signed(at)) if letters >= STEM_LETTERS else (NOTHING, stop)


@kernel
def _fold(data: Bytes, at: np.uint64, j: np.uint64) -> np.uint8:
    """Byte j of the letter there in lower case, where it is Latin or Cyrillic."""
    lead, byte = data[at], data[at + ONE]
    first = j == NOTHING
    if lead == 0xC3 and 0x80 <= byte <= 0x9E:
        return lead if first else np.uint8(byte + 0x20)
    if lead == 0xD0 and 0x90 <= byte <= 0x9F:
        return lead if first else np.uint8(byte + 0x20)
    if lead == 0xD0 and 0xA0 <= byte <= 0xAF:
        return np.uint8(0xD1) if first else np.uint8(byte - 0x20)
    return np.uint8(data[at + j])


@kernel
def _slot(room: Hashes, stem: np.uint64) -> np.int64:
    mask = room.size - 1
    slot = np.int64(stem & np.uint64(mask))
    while room[slot] != NOTHING and room[slot] != stem:
        slot = (slot + 1) & mask
    return slot
