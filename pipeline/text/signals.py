"""Counts over one text after another, from which the quality signals of the field are ratios.

The surprise: these are compiled passes over UTF-8 bytes as Arrow holds them, and all they return
is whole numbers, so that no batch size and no order of adding can change a signal.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.c4 import kept_sentences, refusals
from pipeline.text.characters import (
    BULLET,
    CLOSING_QUOTE,
    DASH_BULLET,
    DIGIT,
    JOINED,
    LETTER,
    LOWER,
    SPACE,
    STOP,
    UPPER,
    WORD,
    character_classes,
)
from pipeline.text.counts import COUNTS, TextCounts
from pipeline.text.repetition import gram_chars, hash_run, mix, repeated_sizes

SHORT_LINE = 30  # characters: the FineWeb paper's limit
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")  # the Gopher paper's eight

_PACKED_STOP_WORDS = np.array([int.from_bytes(word.encode()) for word in STOP_WORDS])


@kernel
def _decode(data: NDArray[np.uint8], start: int, end: int) -> NDArray[np.int32]:
    """The code points of the UTF-8 bytes `start:end`, which Arrow guarantees to be valid."""
    points = np.empty(end - start, np.int32)
    count, at = 0, start
    while at < end:
        byte = np.int32(data[at])
        length = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        point = byte if length == 1 else byte & (0x7F >> length)
        for follower in range(at + 1, at + length):
            point = (point << 6) | np.int32(data[follower] & 0x3F)
        points[count] = point
        count += 1
        at += length
    return points[:count]


@kernel
def _count_characters(
    row: TextCounts, points: NDArray[np.int32], kinds: NDArray[np.uint16]
) -> None:
    """Counts of single characters; three dots or more in a row are one ellipsis."""
    row.chars = points.size
    dots = 0
    for at in range(points.size):
        point = points[at]
        dots = dots + 1 if point == 0x2E else 0
        row.newlines += point == 0x0A
        row.digits += bool(kinds[at] & DIGIT)
        row.hash_signs += point == 0x23
        row.ellipses += dots == 3 or point == 0x2026
        row.replacement_chars += point == 0xFFFD


@kernel
def _count_word(
    row: TextCounts, points: NDArray[np.int32], kinds: NDArray[np.uint16], start: int, end: int
) -> int:
    """Counts of one word; returns the bit of the stop word that it is, else 0."""
    seen, uppers, packed = 0, 0, 0
    for at in range(start, end):
        seen |= kinds[at]
        uppers += bool(kinds[at] & UPPER)
    row.word_chars += end - start
    row.alpha_words += bool(seen & LETTER)
    row.upper_words += uppers > 1 and not seen & LOWER
    if end - start <= 4:
        for at in range(start, end):
            packed = (packed << 8) | (points[at] | 0x20 if points[at] < 0x80 else 0)
        for number in range(_PACKED_STOP_WORDS.size):
            if packed == _PACKED_STOP_WORDS[number]:
                return 1 << number
    return 0


@kernel
def _count_words(row: TextCounts, points: NDArray[np.int32], kinds: NDArray[np.uint16]) -> None:
    """Counts of words and of repeated word sequences. A word is compared as it is written."""
    hashes = np.empty(points.size // 2 + 1, np.uint64)
    sizes = np.empty(hashes.size, np.int32)
    stop_words, start = 0, 0
    while start < points.size:
        if not kinds[start] & WORD:
            start += 1
            continue
        end = start
        while end < points.size and kinds[end] & WORD:
            end += 1
        hashes[row.words] = hash_run(points, start, end)
        sizes[row.words] = end - start
        row.words += 1
        stop_words |= _count_word(row, points, kinds, start, end)
        start = end
    while stop_words:
        row.stop_words += stop_words & 1
        stop_words >>= 1
    grams = gram_chars(hashes, sizes, row.words)
    row.top_2gram_chars, row.top_3gram_chars, row.top_4gram_chars = grams[2], grams[3], grams[4]
    row.duplicate_5gram_chars, row.duplicate_6gram_chars = grams[5], grams[6]
    row.duplicate_7gram_chars, row.duplicate_8gram_chars = grams[7], grams[8]
    row.duplicate_9gram_chars, row.duplicate_10gram_chars = grams[9], grams[10]


@kernel
def _count_line(
    row: TextCounts, points: NDArray[np.int32], kinds: NDArray[np.uint16], start: int, end: int
) -> None:
    """Counts of one line, which begins and ends in something else than space."""
    last, size = points[end - 1], end - start
    row.lines += 1
    row.line_chars += size
    row.short_lines += size < SHORT_LINE
    row.stopped_lines += bool(kinds[end - 1] & (STOP | CLOSING_QUOTE))
    row.ellipsis_lines += last == 0x2026 or (
        size >= 3 and last == points[end - 2] == points[end - 3] == 0x2E
    )
    row.bullet_lines += bool(
        kinds[start] & BULLET
        or (kinds[start] & DASH_BULLET and size > 1 and kinds[start + 1] & SPACE)
    )
    row.c4_sentences += kept_sentences(points, kinds, start, end)


@kernel
def _count_lines(row: TextCounts, points: NDArray[np.int32], kinds: NDArray[np.uint16]) -> None:
    """Counts of lines that are not blank, and of paragraphs: lines with no blank one between."""
    hashes = np.empty(row.newlines + 1, np.uint64)
    sizes = np.empty(row.newlines + 1, np.int32)
    paragraphs = np.zeros(row.newlines + 1, np.uint64)
    paragraph_sizes = np.zeros(row.newlines + 1, np.int32)
    start, inside = 0, False
    while start < points.size:
        newline = start
        while newline < points.size and points[newline] != 0x0A:
            newline += 1
        end = newline
        while start < end and kinds[start] & SPACE:
            start += 1
        while end > start and kinds[end - 1] & SPACE:
            end -= 1
        if start == end:
            inside = False
        else:
            if not inside:
                row.paragraphs += 1
            inside = True
            hashes[row.lines], sizes[row.lines] = hash_run(points, start, end), end - start
            at = row.paragraphs - 1
            paragraphs[at] = mix(paragraphs[at] * np.uint64(31) + hashes[row.lines])
            paragraph_sizes[at] += end - start
            _count_line(row, points, kinds, start, end)
        start = newline + 1
    row.duplicate_lines, row.duplicate_line_chars = repeated_sizes(hashes, sizes, row.lines)
    row.duplicate_paragraphs, row.duplicate_paragraph_chars = repeated_sizes(
        paragraphs, paragraph_sizes, row.paragraphs
    )


@kernel
def _is_glued(points: NDArray[np.int32], kinds: NDArray[np.uint16], at: int) -> bool:
    """Whether a space is missing after the mark at `at`, which has a character on either side.

    "experts.This", "talks,which" and "U.S.Foreign" are; "3.5", "U.S." and "e.g." are not. Commas
    are judged in scripts that know case only: others write them without a space.
    """
    mark, more = points[at], at + 2 < points.size
    if mark == 0x2C:
        return bool(kinds[at - 1] & JOINED and kinds[at + 1] & JOINED)
    if mark not in (0x2E, 0x21, 0x3F) or not kinds[at + 1] & UPPER:
        return False
    if not more or not kinds[at + 2] & LOWER or at < 2:
        return False
    if kinds[at - 1] & LOWER:
        return bool(kinds[at - 2] & LOWER)
    initials = at >= 3 and mark == points[at - 2] == 0x2E
    return bool(
        initials
        and kinds[at - 1] & UPPER
        and kinds[at - 3] & UPPER
        and (at == 3 or not kinds[at - 4] & WORD)
    )


@kernel
def _count_glued(row: TextCounts, points: NDArray[np.int32], kinds: NDArray[np.uint16]) -> None:
    """Marks with a space missing after them, outside of web and mail addresses."""
    start = 0
    while start < points.size:
        end, hits, address = start, 0, False
        while end < points.size and not kinds[end] & SPACE:
            point = points[end]
            if start < end < points.size - 1 and point < 0x40:
                hits += _is_glued(points, kinds, end)
                address |= point == 0x3A and points[end + 1] == 0x2F
            address |= point == 0x40
            end += 1
        row.glued += 0 if address else hits
        start = end + 1


@kernel
def _count_texts(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    classes: NDArray[np.uint16],
    rows: NDArray[np.void],
) -> None:
    for number in range(offsets.size - 1):
        row = rows[number]
        points = _decode(data, offsets[number], offsets[number + 1])
        kinds = classes[points]
        _count_characters(row, points, kinds)
        _count_words(row, points, kinds)
        _count_lines(row, points, kinds)
        _count_glued(row, points, kinds)
        row.c4_refused = refusals(points, 0, points.size)[1]


def count_texts(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.void]:
    """One row of `COUNTS` for every text; text i is the UTF-8 of `data[offsets[i]:offsets[i+1]]`.

    Releases the GIL and is linear in the length of a text, whatever it holds.
    """
    rows = np.zeros(offsets.size - 1, COUNTS)
    _count_texts(data, offsets, character_classes(), rows)
    return rows
