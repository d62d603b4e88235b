"""What protections ask of a line, read off its bytes once: how long it is, how it begins and ends.

The same answers that `zones`, `structure` and `rules` give for a string; a test compares them.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel, part
from pipeline.text.line_bits import LANES, Bytes
from pipeline.text.line_lanes import count_range
from pipeline.text.line_scan import QUOTE, Rows, blank_at, blank_before
from pipeline.text.line_words import OFFSET, PRIME
from pipeline.text.rules import QUOTES
from pipeline.text.structure import ANSWER_MARKS, NAME_CHARS, QUESTION_MARKS
from pipeline.text.zones import (
    BODY_CHARS,
    CLOSERS,
    SENTENCE_ENDS,
    SHORT_BODY_CHARS,
    TAIL_CHARS,
    WIDE_BODY_CHARS,
    WIDE_RANGES,
)

# Bits of a line: it ends a sentence, begins with a small letter, with a quote; it ends with a
# colon, and with one that leads in a list; it is prose, prose of a short text, long
# whatever its end; it is the record's title, marked as question or answer.
ENDS, LOWER, QUOTED, COLON, LEADS, PROSE, SHORT_PROSE, LONG, TITLE, MARKED = (
    1 << k for k in range(10)
)

# "Ask any of these offices:" leads in a list; shorter ones ("Pros:") are headings as a rule.
LIST_INTRO_CHARS = 30
# Bytes that go on with a character, and the colon: the first of a range, and how many there are.
GOING_ON, GOING_ON_SIZE = np.uint8(0x80), np.uint8(0x40)
COLON_SIGN, ONLY = np.uint8(58), np.uint8(1)
WIDE_COLON = ord("：")

# Code points beyond have no letters.
LETTERS_END = 0x40000
SMALL, LETTER = 1, 2
Letters = NDArray[np.uint8]

_QUOTES = np.array([ord(sign) for sign in QUOTES])
_CLOSERS = np.array([ord(sign) for sign in CLOSERS])
_STOPS = np.array([ord(sign) for sign in SENTENCE_ENDS])
_WIDE = np.array(WIDE_RANGES)
_MARKS = sorted({mark.encode() for mark in (*QUESTION_MARKS, *ANSWER_MARKS)}, key=len)
_MARK_ENDS = np.cumsum([0, *map(len, _MARKS)])
_MARK_BYTES = np.frombuffer(b"".join(_MARKS), np.uint8)
_MARKED_STARTS = np.isin(np.arange(256), [mark[0] for mark in _MARKS])


class Forms(NamedTuple):
    """Of every line its characters, its bits, and a hash of who speaks: 0 for nobody."""

    chars: NDArray[np.int64]
    bits: NDArray[np.uint16]
    speakers: NDArray[np.uint64]


@cache
def letters() -> Letters:
    """What each code point is at the begin of a line: a small letter, any letter."""
    signs = [chr(point) for point in range(LETTERS_END)]
    small = np.array([sign.islower() for sign in signs])
    letter = np.array([sign.isalnum() and not sign.isdecimal() for sign in signs])
    return np.array(SMALL * small + LETTER * letter, np.uint8)


@kernel
def forms_of(data: Bytes, lines: Rows, title: Bytes, known: Letters) -> Forms:
    """The forms of lines (number, start, end); a line that is the `title` is known as such."""
    count = lines.shape[0]
    forms = Forms(np.empty(count, np.int64), np.empty(count, np.uint16), np.empty(count, np.uint64))
    for row in range(count):
        start, stop = lines[row, 1], lines[row, 2]
        chars = count_chars(data, start, stop)
        first, _ = _point_at(data, start)
        quoted = first == QUOTE or (first >= 0x80 and _holds(_QUOTES, first))
        bits = QUOTED if quoted else 0
        kind = known[first] if first < LETTERS_END else 0
        bits |= LOWER if kind & SMALL else 0
        bits |= _end_bits(data, start, stop, chars)
        bits |= TITLE if _is_title(data, start, stop, title) else 0
        bits |= MARKED if _MARKED_STARTS[data[start]] and _is_marked(data, start, stop) else 0
        forms.chars[row], forms.bits[row] = chars, bits
        forms.speakers[row] = _speaker(data, start, stop) if kind & LETTER else np.uint64(0)
    return forms


@bare_kernel
def count_chars(data: Bytes, start: int, stop: int) -> int:
    """Code points."""
    return stop - start - count_range(data, start, stop, GOING_ON, GOING_ON_SIZE)


@part
def _holds(points: NDArray[np.int64], point: int) -> bool:
    found = False
    for k in range(points.size):
        found |= points[k] == point
    return found


@part
def _point_at(data: Bytes, at: int) -> tuple[int, int]:
    """The code point that begins at a byte, and its bytes."""
    byte = int(data[at])
    if byte < 0x80:
        return byte, 1
    size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    point = byte & (0x7F >> size)
    for k in range(1, size):
        point = point << 6 | data[at + k] & 0x3F
    return point, size


@part
def _point_before(data: Bytes, start: int, stop: int) -> tuple[int, int]:
    """The code point that ends at a byte, and its bytes."""
    at = stop - 1
    while at > start and data[at] & 0xC0 == 0x80:
        at -= 1
    return _point_at(data, at)


@part
def _end_bits(data: Bytes, start: int, stop: int, chars: int) -> int:
    """The bits that say how a line ends, and whether it is prose."""
    last, _ = _point_before(data, start, stop)
    bits = COLON if last == 58 else 0
    bits |= LONG if chars >= BODY_CHARS else 0
    if last in (58, WIDE_COLON) and chars >= LIST_INTRO_CHARS:
        bits |= LEADS
    if _ends_sentence(data, start, stop):
        wide = chars >= WIDE_BODY_CHARS and chars < BODY_CHARS and _is_wide(data, start, stop)
        bits |= ENDS | (PROSE if chars >= BODY_CHARS or wide else 0)
        bits |= SHORT_PROSE if chars >= SHORT_BODY_CHARS else 0
    return bits


@bare_kernel
def _ends_sentence(data: Bytes, start: int, stop: int) -> bool:
    """`zones.ends_sentence`: a mark, then blanks, then what closes, in the last characters."""
    byte = data[stop - 1]
    if 97 <= byte <= 122 or 65 <= byte <= 90 or 48 <= byte <= 57:  # nearly all lines
        return False
    left = TAIL_CHARS
    while left > 0 and stop > start:
        point, size = _point_before(data, start, stop)
        if not _holds(_CLOSERS, point):
            break
        stop, left = stop - size, left - 1
    while left > 0 and stop > start:
        size = blank_before(data, start, stop)
        if size == 0:
            break
        stop, left = stop - size, left - 1
    return left > 0 and stop > start and _holds(_STOPS, _point_before(data, start, stop)[0])


@bare_kernel
def _is_wide(data: Bytes, start: int, stop: int) -> bool:
    """Whether a line holds a sign of a script that writes more in fewer characters."""
    at, found = start, False
    while at < stop and not found:
        point, size = _point_at(data, at)
        for k in range(_WIDE.shape[0]):
            found |= _WIDE[k, 0] <= point <= _WIDE[k, 1]
        at += size
    return found


@bare_kernel
def _is_title(data: Bytes, start: int, stop: int, title: Bytes) -> bool:
    if stop - start != title.size:
        return False
    same = True
    for k in range(title.size):
        same &= data[start + k] == title[k]
    return same


@bare_kernel
def _is_marked(data: Bytes, start: int, stop: int) -> bool:
    """Whether a line begins with the mark of a question or an answer: "Q:", "A. "."""
    for mark in range(_MARK_ENDS.size - 1):
        at, same = start, True
        for k in range(_MARK_ENDS[mark], _MARK_ENDS[mark + 1]):
            same = same and at < stop and data[at] == _MARK_BYTES[k]
            at += 1
        if same and at < stop:
            at += blank_at(data, at, stop)
            if at + 1 < stop and data[at] in (58, 46) and blank_at(data, at + 1, stop) > 0:
                return True
    return False


@bare_kernel
def _speaker(data: Bytes, start: int, stop: int) -> np.uint64:
    """A hash of the name before a line's first colon, where that may be who speaks."""
    if stop - start <= LANES and count_range(data, start, stop, COLON_SIGN, ONLY) == 0:
        return np.uint64(0)  # nearly all lines
    chars, at = 0, start
    while at < stop and chars <= NAME_CHARS + 1 and data[at] not in (33, 58, 63):
        chars += data[at] & 0xC0 != 0x80
        at += 1
    spoken = 2 <= chars <= NAME_CHARS + 1 and at + 1 < stop and data[at] == 58
    if not spoken or blank_at(data, at + 1, stop) == 0:
        return np.uint64(0)
    value = OFFSET
    for place in range(start, at):
        value = (value ^ np.uint64(data[place])) * PRIME
    return value
