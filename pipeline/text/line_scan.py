"""Finds the lines of texts in their bytes, and the few of them that some rule could match.

A rule's pattern is tried only on lines that begin with a word a rule begins with, or that hold a
word a rule needs: reading bytes costs a tenth of trying the patterns. All texts of a batch are
read in one call.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_bits import Bits, Bytes, Marks, mark_bytes, next_clear, next_set

Rows = NDArray[np.int64]
Offsets = NDArray[np.int64]

# Letters of a word that are compared: enough to tell words apart, and they fit one integer.
KEY_LETTERS = 6
# What a word says of its line: as the first (two words count as one), or wherever it stands; that
# it must be the only one, or that a letter beyond ASCII must come next.
BEGINS_RULE, NEEDED_BY_LINE, NEEDED_BY_SENTENCE = 1, 2, 4
ASKS_SECOND, STANDS_ALONE, GOES_BEYOND = 8, 16, 32
# Flags of a line; one that goes on with a sentence of the line above is none for line rules.
FOR_LINES, FOR_SENTENCES, WRAPPED = 1, 2, 4

AT, SPACE, QUOTE = 64, 32, 34
# A line without words that a rule may want is a date or a counter.
WORDLESS_BYTES = 60
# Texts wrapped by hand break their lines at 60 to 80 characters, rarely below 40.
WRAPPED_BYTES = 40
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SHIFT, NEEDED_BITS = np.uint64(40), 14
NEEDED_SHIFT = np.uint64(64 - NEEDED_BITS)


class Triggers(NamedTuple):
    """What words say, by open addressing: keys and meanings.

    Of most words it counts only where they stand first; `needed` has a bit set for the others.
    """

    keys: NDArray[np.uint64]
    meanings: NDArray[np.uint8]
    needed: Bits


def word_key(word: str) -> int:
    """The first letters of an ASCII word, or of two, as one integer."""
    first, _, second = word.partition(" ")
    key = int.from_bytes(first.lower().encode("ascii")[:KEY_LETTERS], "little")
    return int(_pair(np.uint64(key), np.uint64(word_key(second)))) if second else key


def word_table(meanings: Iterable[tuple[str, int]]) -> Triggers:
    """Words that share a key share their meanings."""
    found: dict[int, int] = {}
    for word, meaning in meanings:
        found[word_key(word)] = found.get(word_key(word), 0) | meaning
    size = 1 << max(4, (4 * len(found)).bit_length())
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    needed = np.zeros(1 << (NEEDED_BITS - 6), np.uint64)
    for key, meaning in sorted(found.items()):
        mixed = int(_mixed(np.uint64(key)))
        at = mixed >> int(SHIFT) & (size - 1)
        while keys[at]:
            at = (at + 1) & (size - 1)
        keys[at], values[at] = key, meaning
        if meaning & (NEEDED_BY_LINE | NEEDED_BY_SENTENCE):
            place = mixed >> int(NEEDED_SHIFT)
            needed[place >> 6] |= np.uint64(1 << (place & 63))
    return Triggers(keys, values, needed)


@kernel
def _mixed(key: np.uint64) -> np.uint64:
    return key * MULTIPLIER


@kernel
def _pair(first: np.uint64, second: np.uint64) -> np.uint64:
    return (first * MULTIPLIER) ^ second


@kernel
def _is_needed(needed: Bits, key: np.uint64) -> bool:
    """Whether a word may count wherever it stands."""
    place = _mixed(key) >> NEEDED_SHIFT
    return bool((needed[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1))


@kernel
def _meaning(triggers: Triggers, key: np.uint64) -> int:
    mask = np.uint64(triggers.keys.size - 1)
    at = (_mixed(key) >> SHIFT) & mask
    while triggers.keys[at] != np.uint64(0):
        if triggers.keys[at] == key:
            return int(triggers.meanings[at])
        at = (at + np.uint64(1)) & mask
    return 0


@kernel
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


@kernel
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


@kernel
def join_spans(data: Bytes, starts: Offsets, stops: Offsets) -> Bytes:
    """The bytes of all spans, end to end."""
    joined, size = np.empty((stops - starts).sum(), np.uint8), 0
    for span in range(starts.size):
        more = size + stops[span] - starts[span]
        joined[size:more] = data[starts[span] : stops[span]]
        size = more
    return joined


@kernel
def scan_texts(
    data: Bytes, offsets: Offsets, triggers: Triggers, longest: int
) -> tuple[Rows, NDArray[np.uint8], Offsets]:
    """Number, start and end of every line that is not blank, without blanks around; its flags.

    Text k is data[offsets[k]:offsets[k + 1]], where its lines lie counts from there, and they are
    rows[ends[k]:ends[k + 1]]. A line of more than `longest` bytes is no candidate for line rules.
    """
    marks = mark_bytes(data)
    lines, flags = (
        np.empty((data.size // 32 + 16, 3), np.int64),
        np.empty(data.size // 32 + 16, np.uint8),
    )
    ends = np.zeros(offsets.size, np.int64)
    found = 0
    for text in range(offsets.size - 1):
        at, end_of_text = offsets[text], offsets[text + 1]
        number, first = 0, found
        while at <= end_of_text:
            end = next_set(marks.feeds, at, end_of_text)
            start, stop = _trimmed(data, at, end)
            if start < stop:
                if found == flags.size:
                    lines, flags = _grown(lines, flags)
                lines[found, 0], lines[found, 1], lines[found, 2] = number, start, stop
                flags[found] = _flags(data, start, stop, marks, triggers, longest)
                if flags[found] & FOR_LINES and found > first and goes_on(data, lines, found):
                    flags[found] |= WRAPPED
                found += 1
            number += 1
            at = end + 1
        ends[text + 1] = found
        lines[first:found, 1:] -= offsets[text]
    return lines[:found], flags[:found], ends


@kernel
def _grown(lines: Rows, flags: NDArray[np.uint8]) -> tuple[Rows, NDArray[np.uint8]]:
    """Twice the room, so that a text of short lines is read in linear time as well."""
    more_lines, more_flags = (
        np.empty((2 * flags.size, 3), np.int64),
        np.empty(2 * flags.size, np.uint8),
    )
    more_lines[: flags.size], more_flags[: flags.size] = lines, flags
    return more_lines, more_flags


@kernel
def _trimmed(data: Bytes, start: int, stop: int) -> tuple[int, int]:
    """The line without the blanks around."""
    size = 1
    while start < stop and size > 0:
        size = blank_at(data, start, stop)
        start += size
    size = 1
    while start < stop and size > 0:
        size = blank_before(data, start, stop)
        stop -= size
    return start, stop


@kernel
def goes_on(data: Bytes, lines: Rows, row: int) -> bool:
    """Whether a line goes on with a sentence of the line above, in a text wrapped by hand."""
    if row == 0 or lines[row, 0] - lines[row - 1, 0] != 1:
        return False
    above, end = lines[row - 1, 1], lines[row - 1, 2]
    last = data[end - 1]
    whole = last in (46, 33, 63, 58, 34, 39, 41, 93, 42) or last >= 0x80
    return 97 <= data[lines[row, 1]] <= 122 and end - above >= WRAPPED_BYTES and not whole


@kernel
def _flags(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes, start: int, stop: int, marks: Marks, triggers: Triggers, longest: int
) -> int:
    """What the words of a line say of it."""
    at = next_set(marks.letters, start, stop)
    found = FOR_LINES * _looks_odd(data, start, at, stop)
    words, asking = 0, np.uint64(0)
    while at < stop:
        end = next_clear(marks.letters, at, stop)
        below = next_set(marks.letters, end, stop)
        key = _key(data, at, end)
        if words == 0:
            meaning = _meaning(triggers, key)
            asking = key if meaning & ASKS_SECOND else np.uint64(0)
            alone = below == stop and meaning & STANDS_ALONE
            beyond = meaning & GOES_BEYOND and _holds_beyond(data, end, below)
            if meaning & BEGINS_RULE or alone or beyond:
                found |= FOR_LINES
        elif words == 1 and asking != np.uint64(0):
            found |= FOR_LINES * (_meaning(triggers, _pair(asking, key)) & BEGINS_RULE)
        if _is_needed(triggers.needed, key):
            meaning = _meaning(triggers, key)
            found |= FOR_LINES if meaning & NEEDED_BY_LINE else 0
            found |= FOR_SENTENCES if meaning & NEEDED_BY_SENTENCE else 0
        words += 1
        at = below
    return found if stop - start <= longest and data[start] != QUOTE else found & FOR_SENTENCES


@kernel
def _holds_beyond(data: Bytes, start: int, stop: int) -> bool:
    """Whether there is a byte beyond ASCII, or an @."""
    found = False
    for at in range(start, stop):
        found |= data[at] >= 0x80 or data[at] == AT
    return found


@kernel
def _key(data: Bytes, at: int, end: int) -> np.uint64:
    """`word_key` of the letters between."""
    letters = min(end - at, KEY_LETTERS)
    if at + KEY_LETTERS > data.size:
        key = np.uint64(0)
        for k in range(letters):
            key |= np.uint64(data[at + k] | 32) << np.uint64(8 * k)
        return key
    # Read as one number: no loop whose end the processor would have to guess.
    place, key = np.uint64(at), np.uint64(0)
    for k in range(KEY_LETTERS):
        key |= np.uint64(data[place + np.uint64(k)] | 32) << np.uint64(8 * k)
    return key & ((np.uint64(1) << np.uint64(8 * letters)) - np.uint64(1))


@kernel
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
