"""Finds the words that count wherever they stand in a line.

They are looked for in whole texts: first all words that begin with the right letters are listed,
a block of bits after the other, then each is looked up. Nothing in either step depends on what
the one before found, or on where lines end, so that the processor need not wait or guess: word by
word and line by line it took twice as long.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel
from pipeline.text.line_bits import ALL, LANES, Bits, Bytes, Marks, trailing_zeros
from pipeline.text.line_keys import (
    FOR_LINES,
    FOR_SENTENCES,
    KEY_LETTERS,
    LANE,
    NEEDED_BY_LINE,
    NEEDED_BY_SENTENCE,
    ONE,
    SIX,
    Triggers,
    key_at,
    may_be_needed,
    meaning_of,
)
from pipeline.text.line_lanes import count_ones

Places = NDArray[np.int64]

# Words are listed before they are looked up, so many or a few more; of most blocks at most FEW.
LISTED, FEW = 1024, 8
# A bit behind the letters of a word that count.
ENOUGH = np.uint64(1 << KEY_LETTERS)


def room_for_places() -> Places:
    """Room for the places of words, for `tell_needed`."""
    return np.empty(LISTED + LANES, np.int64)


@bare_kernel
def tell_needed(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    begin: int,
    end: int,
    marks: Marks,
    triggers: Triggers,
    lines: tuple[NDArray[np.int64], NDArray[np.uint8]],
    places: Places,
) -> None:
    """Adds to the flags of a text's lines (number, start, stop) what words say wherever they stand.

    The text is data[begin:end], the lines count from its begin.
    """
    block, last = begin >> 6, (end - 1) >> 6
    within, before = ALL << np.uint64(begin & 63), np.uint64(0)
    count = row = 0
    while block <= last:
        bits = marks.letters[block] & within
        begins = bits & ~((bits << ONE) | before) & marks.certain[block]
        if block == last:
            begins &= ALL >> np.uint64(63 - ((end - 1) & 63))
        count = _list_places(begins, block << 6, places, count)
        if count >= LISTED or block == last:
            row = _look_up(data, (begin, end), marks.letters, triggers, lines, places[:count], row)
            count = 0
        block, before, within = block + 1, bits >> LANE, ALL


@bare_kernel
def _list_places(bits: np.uint64, first: int, places: Places, count: int) -> int:
    """Adds the places of the bits that are set to `count` others; how many these are then."""
    found = count + count_ones(bits)
    for k in range(FEW):  # whether or not there are as many: what is too much is written over
        places[count + k] = first + trailing_zeros(bits)
        bits &= bits - ONE
    count += FEW
    while bits:
        places[count] = first + trailing_zeros(bits)
        bits &= bits - ONE
        count += 1
    return found


@bare_kernel
def _look_up(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    text: tuple[int, int],
    letters: Bits,
    triggers: Triggers,
    lines: tuple[NDArray[np.int64], NDArray[np.uint8]],
    places: Places,
    row: int,
) -> int:
    """Adds to flags what the words say that begin at the places; the row of the last such word.

    They lie in no row before the given one.
    """
    begin, end = text
    rows, flags = lines
    for k in range(places.size):
        at = places[k]
        key = key_at(data, at, min(_letters_at(letters, at), end - at))
        if may_be_needed(triggers, key):  # few words
            meaning = meaning_of(triggers, key)
            while rows[row, 2] <= at - begin:
                row += 1
            flags[row] |= FOR_LINES if meaning & NEEDED_BY_LINE else 0
            flags[row] |= FOR_SENTENCES if meaning & NEEDED_BY_SENTENCE else 0
    return row


@bare_kernel
def _letters_at(letters: Bits, at: int) -> int:
    """How many letters follow each other from a place on, up to those that count."""
    block, lane = np.uint64(at) >> SIX, np.uint64(at) & LANE
    after = letters[min(block + ONE, np.uint64(letters.size - 1))]
    word = (letters[block] >> lane) | ((after << ONE) << (LANE - lane))
    return trailing_zeros(~word | ENOUGH)
