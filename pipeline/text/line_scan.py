"""Finds the lines of a text in its bytes, and the few of them that some rule could match.

A rule's pattern is tried only on lines that begin with a word a rule begins with, or that hold a
word a rule needs: reading bytes costs a tenth of trying the patterns.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel

Bytes = NDArray[np.uint8]

# Letters of a word that are compared: enough to tell words apart, and they fit one integer.
KEY_LETTERS = 6
# What a word says of its line.
BEGINS_RULE, NEEDED_BY_LINE, NEEDED_BY_SENTENCE, ASKS_SECOND = 1, 2, 4, 8
# Flags of a line.
FOR_LINES, FOR_SENTENCES = 1, 2

AT, NEWLINE, SPACE, QUOTE = 64, 10, 32, 34
# A line without words that a rule may want is a date or a counter.
WORDLESS_BYTES = 60
# Texts wrapped by hand break their lines at 60 to 80 characters, rarely below 40.
WRAPPED_BYTES = 40
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(40)


def word_key(word: str) -> int:
    """The first letters of an ASCII word, or of two, as one integer."""
    first, _, second = word.partition(" ")
    key = int.from_bytes(first.lower().encode("ascii")[:KEY_LETTERS], "big")
    return int(_pair(np.uint64(key), np.uint64(word_key(second)))) if second else key


def word_table(meanings: Iterable[tuple[str, int]]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Keys and meanings by open addressing; words that share a key share their meanings."""
    found: dict[int, int] = {}
    for word, meaning in meanings:
        found[word_key(word)] = found.get(word_key(word), 0) | meaning
    size = 1 << max(4, (4 * len(found)).bit_length())
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    for key, meaning in sorted(found.items()):
        at = int(_slot(np.uint64(key), size - 1))
        while keys[at]:
            at = (at + 1) & (size - 1)
        keys[at], values[at] = key, meaning
    return keys, values


@kernel
def _pair(first: np.uint64, second: np.uint64) -> np.uint64:
    return (first * MULTIPLIER) ^ second


@kernel
def _slot(key: np.uint64, mask: int) -> int:
    return int(np.int64((key * MULTIPLIER) >> SHIFT) & mask)


@kernel
def _meaning(keys: NDArray[np.uint64], values: NDArray[np.uint8], key: np.uint64) -> int:
    mask = keys.size - 1
    at = _slot(key, mask)
    while keys[at] != np.uint64(0):
        if keys[at] == key:
            return int(values[at])
        at = (at + 1) & mask
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
def count_lines(data: Bytes) -> int:
    """Line feeds and one."""
    count = 1
    for at in range(data.size):
        count += data[at] == NEWLINE
    return count


@kernel
def scan_lines(
    data: Bytes, keys: NDArray[np.uint64], values: NDArray[np.uint8], longest: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Number, start and end of every line that is not blank, without blanks around; its flags.

    A line of more than `longest` bytes is no candidate for line rules.
    """
    most = count_lines(data)
    lines, flags = np.empty((most, 3), np.int64), np.empty(most, np.uint8)
    found = at = number = 0
    while at <= data.size:
        end = at
        while end < data.size and data[end] != NEWLINE:
            end += 1
        start, stop = at, end
        size = 1
        while start < stop and size > 0:
            size = blank_at(data, start, stop)
            start += size
        size = 1
        while start < stop and size > 0:
            size = blank_before(data, start, stop)
            stop -= size
        if start < stop:
            lines[found, 0], lines[found, 1], lines[found, 2] = number, start, stop
            flags[found] = _flags(data, start, stop, keys, values, longest)
            if found and number - lines[found - 1, 0] == 1 and _goes_on(data, lines, found):
                flags[found] &= FOR_SENTENCES
            found += 1
        number += 1
        at = end + 1
    return lines[:found], flags[:found]


@kernel
def _goes_on(data: Bytes, lines: NDArray[np.int64], row: int) -> bool:
    """Whether a line goes on with a sentence of a text wrapped by hand."""
    above, end = lines[row - 1, 1], lines[row - 1, 2]
    last = data[end - 1]
    whole = last in (46, 33, 63, 58, 34, 39, 41, 93, 42) or last >= 0x80
    return 97 <= data[lines[row, 1]] <= 122 and end - above >= WRAPPED_BYTES and not whole


@kernel
def _flags(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    start: int,
    stop: int,
    keys: NDArray[np.uint64],
    values: NDArray[np.uint8],
    longest: int,
) -> int:
    found = words = digits = letters = 0
    key, common = np.uint64(0), np.uint64(0)
    for at in range(start, stop + 1):
        byte = int(data[at]) if at < stop else SPACE
        if _is_letter(byte):
            if letters < KEY_LETTERS:
                key = (key << np.uint64(8)) | np.uint64(byte | 32)
            letters += 1
            continue
        if byte == AT or (words + letters == 0 and _is_sign(data, at, stop)):
            found |= FOR_LINES
        digits += 48 <= byte <= 57
        if letters > 0:
            meaning = _meaning(keys, values, key)
            words += 1
            if common != np.uint64(0):
                meaning |= _meaning(keys, values, _pair(common, key)) & BEGINS_RULE
                found |= FOR_LINES * (meaning & BEGINS_RULE)
            common = key if words == 1 and meaning & ASKS_SECOND else np.uint64(0)
            if meaning & NEEDED_BY_LINE or (words == 1 and meaning & BEGINS_RULE):
                found |= FOR_LINES
            if meaning & NEEDED_BY_SENTENCE:
                found |= FOR_SENTENCES
            key, letters = np.uint64(0), 0
    if words == 0 and digits and stop - start <= WORDLESS_BYTES:  # "1 / 23"
        found |= FOR_LINES
    return found if stop - start <= longest and data[start] != QUOTE else found & FOR_SENTENCES


@kernel
def _is_sign(data: Bytes, at: int, stop: int) -> bool:
    """Whether a letter beyond ASCII or a copyright sign begins here."""
    byte = data[at]
    if byte < 0xC2 or at + 1 == stop:
        return False
    if byte == 0xC2:
        return bool(data[at + 1] == 0xA9)
    return bool(byte != 0xE2 or data[at + 1] == 0x93)  # circled letters


@kernel
def _is_letter(byte: int) -> bool:
    return 97 <= byte <= 122 or 65 <= byte <= 90
