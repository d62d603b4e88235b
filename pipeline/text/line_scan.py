"""Finds the lines of texts in their bytes, and the few of them that some rule could match.

A rule's pattern is tried only on lines that begin with a word a rule begins with, or that hold a
word a rule needs: reading bytes costs a tenth of trying the patterns. All texts of a batch are
read in one call.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel
from pipeline.text.line_bits import Bits, Bytes, Marks, mark_bytes, next_clear, next_set
from pipeline.text.line_keys import (
    ASKS_SECOND,
    BEGINS_RULE,
    FOR_LINES,
    FOR_SENTENCES,
    GOES_BEYOND,
    KEY_LETTERS,
    STANDS_ALONE,
    WRAPPED,
    Triggers,
    key_at,
    may_be_first,
    meaning_of,
    pair_key,
)
from pipeline.text.line_needs import room_for_places, tell_needed

Rows = NDArray[np.int64]
Offsets = NDArray[np.int64]
Flags = NDArray[np.uint8]

AT, SPACE, QUOTE = 64, 32, 34
# A line without words that a rule may want is a date or a counter.
WORDLESS_BYTES = 60
# Texts wrapped by hand break their lines at 60 to 80 characters, rarely below 40.
WRAPPED_BYTES = 40


@bare_kernel
def blank_before(data: Bytes, start: int, end: int) -> int:
    """Bytes of the blank character that ends at `end`, 0 if it is none."""
    byte = data[end - 1]
    if byte <= SPACE:
        return 1 if 9 <= byte <= 13 or byte >= 28 else 0
    if byte < 0x80 or byte > 0xAF or end - start < 2:
        return 0
    before = data[end - 2]
    if before == 0xC2:
        return 2 if byte in (0xA0, 0x85) else 0
    if end - start < 3:
        return 0
    first = data[end - 3]
    wide = first == 0xE3 and before == 0x80 and byte == 0x80
    ogham = first == 0xE1 and before == 0x9A and byte == 0x80
    thin = first == 0xE2 and before == 0x80 and (byte <= 0x8A or byte in (0xA8, 0xA9, 0xAF))
    return 3 if wide or ogham or thin or (first == 0xE2 and before == 0x81 and byte == 0x9F) else 0


@bare_kernel
def blank_at(data: Bytes, start: int, end: int) -> int:
    """Bytes of the blank character that begins at `start`, 0 if it is none."""
    byte = data[start]
    if byte <= SPACE:
        return 1 if 9 <= byte <= 13 or byte >= 28 else 0
    if byte == 0xC2 and end - start >= 2:
        return blank_before(data, start, start + 2)
    if 0xE1 <= byte <= 0xE3 and end - start >= 3:
        return blank_before(data, start, start + 3)
    return 0


def scan_texts(
    data: Bytes, offsets: Offsets, triggers: Triggers, longest: int
) -> tuple[Rows, Flags, Offsets]:
    """Number, start and end of every line that is not blank, without blanks around; its flags.

    Text k is data[offsets[k]:offsets[k + 1]], where its lines lie counts from there, and they are
    rows[ends[k]:ends[k + 1]]. A line of more than `longest` bytes is no candidate for line rules.
    """
    marks = mark_bytes(data, triggers.initials)
    most = int(np.bitwise_count(marks.feeds).sum()) + offsets.size
    rows, flags = np.empty((most, 3), np.int64), np.empty(most, np.uint8)
    ends = np.zeros(offsets.size, np.int64)
    found = _scan(data, offsets, marks, triggers, longest, rows, flags, ends, room_for_places())
    return rows[:found], flags[:found], ends


@bare_kernel
def _scan(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    offsets: Offsets,
    marks: Marks,
    triggers: Triggers,
    longest: int,
    rows: Rows,
    flags: Flags,
    ends: Offsets,
    places: Offsets,
) -> int:
    """`scan_texts` into arrays with room for all; how many lines it found."""
    found = 0
    for text in range(offsets.size - 1):
        begin, end = offsets[text], offsets[text + 1]
        first, found = found, _list_lines(data, begin, end, marks.feeds, rows, found)
        ends[text + 1] = found
        lines = rows[first:found], flags[first:found]
        _tell_firsts(data, begin, marks.letters, triggers, lines)
        tell_needed(data, begin, end, marks, triggers, lines, places)
        _mend_flags(data[begin:], lines, longest)
    return found


@bare_kernel
def _list_lines(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes, begin: int, end_of_text: int, feeds: Bits, rows: Rows, found: int
) -> int:
    """Adds the lines of a text to `found` others; how many these are then."""
    at, number = begin, 0
    while at <= end_of_text:
        end = next_set(feeds, at, end_of_text)
        start, stop = _trimmed(data, at, end)
        if start < stop:
            rows[found, 0], rows[found, 1], rows[found, 2] = number, start - begin, stop - begin
            found += 1
        number += 1
        at = end + 1
    return found


@bare_kernel
def _tell_firsts(
    data: Bytes, begin: int, letters: Bits, triggers: Triggers, lines: tuple[Rows, Flags]
) -> None:
    """What the first two words of each line say of it, and the signs before them.

    All lines of a text, which begins at `begin`, in one call: a call that is not inlined hands
    over dozens of numbers.
    """
    rows, flags = lines
    for row in range(flags.size):
        start, stop = begin + rows[row, 1], begin + rows[row, 2]
        at = next_set(letters, start, stop)
        flags[row] = 0
        if at > start and _looks_odd(data, start, at, stop):
            flags[row] = FOR_LINES
        if flags[row] or at == stop:
            continue
        end = next_clear(letters, at, stop)
        below = next_set(letters, end, stop)
        key = key_at(data, at, min(end - at, KEY_LETTERS))
        if below < stop and not may_be_first(triggers, key):  # most lines
            continue
        meaning = meaning_of(triggers, key)
        if meaning & ASKS_SECOND and below < stop:
            second = next_clear(letters, below, stop) - below
            pair = pair_key(key, key_at(data, below, min(second, KEY_LETTERS)))
            meaning |= meaning_of(triggers, pair) & BEGINS_RULE
        alone = meaning & STANDS_ALONE > 0 and below == stop
        beyond = meaning & GOES_BEYOND > 0 and _holds_beyond(data, end, below)
        if meaning & BEGINS_RULE or alone or beyond:
            flags[row] = FOR_LINES


@bare_kernel
def _mend_flags(data: Bytes, lines: tuple[Rows, Flags], longest: int) -> None:
    """Takes back what is said of lines that no rule for lines may cut, whatever their words."""
    rows, flags = lines
    for row in range(flags.size):
        if flags[row] & FOR_LINES:
            if rows[row, 2] - rows[row, 1] > longest or data[rows[row, 1]] == QUOTE:
                flags[row] &= FOR_SENTENCES
            elif goes_on(data, rows, row):
                flags[row] |= WRAPPED


@bare_kernel
def _trimmed(data: Bytes, start: int, stop: int) -> tuple[int, int]:
    """The line without the blanks around."""
    while start < stop and (data[start] <= SPACE or data[start] >= 0xC2):
        size = blank_at(data, start, stop)
        if size == 0:
            break
        start += size
    while start < stop and (data[stop - 1] <= SPACE or data[stop - 1] >= 0x80):
        size = blank_before(data, start, stop)
        if size == 0:
            break
        stop -= size
    return start, stop


@bare_kernel
def goes_on(data: Bytes, lines: Rows, row: int) -> bool:
    """Whether a line goes on with a sentence of the line above, in a text wrapped by hand."""
    if row == 0 or lines[row, 0] - lines[row - 1, 0] != 1:
        return False
    above, end = lines[row - 1, 1], lines[row - 1, 2]
    last = data[end - 1]
    whole = last in (46, 33, 63, 58, 34, 39, 41, 93, 42) or last >= 0x80
    return 97 <= data[lines[row, 1]] <= 122 and end - above >= WRAPPED_BYTES and not whole


@bare_kernel
def _holds_beyond(data: Bytes, start: int, stop: int) -> bool:
    """Whether there is a byte beyond ASCII, or an @."""
    found = False
    for at in range(start, stop):
        found |= data[at] >= 0x80 or data[at] == AT
    return found


@bare_kernel
def _looks_odd(data: Bytes, start: int, first: int, stop: int) -> bool:
    """Whether a letter beyond ASCII, an @ or a copyright sign stands before the first ASCII letter.

    In a short line without ASCII letters digits are odd enough: "1 / 23".
    """
    digits = False
    for at in range(start, first):
        byte = data[at]
        if byte >= 0xC2 and at + 1 < stop:
            if byte == 0xC2:
                if data[at + 1] == 0xA9:
                    return True
            elif byte != 0xE2 or data[at + 1] == 0x93:  # circled letters
                return True
        if byte == AT:
            return True
        digits |= 48 <= byte <= 57
    return digits and first == stop and stop - start <= WORDLESS_BYTES
