"""How much of a text repeats itself: the compiled parts of the repetition measures.

Sequences are compared by 64-bit hashes of what they hold, so the cost is linear in the number of
items whatever they are; a collision (about 1 in 10^11 for a long article) would only nudge a share.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel

LONGEST_TOP_GRAM = 4
LONGEST_GRAM = 10


@kernel
def mix(value: np.uint64) -> np.uint64:
    """`value` scrambled so that every bit of the input reaches every bit of the result."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@kernel
def hash_run(points: NDArray[np.int32], start: int, end: int) -> np.uint64:
    """A hash of the code points `start:end`."""
    value = np.uint64(0xCBF29CE484222325)
    for at in range(start, end):
        value = (value ^ np.uint64(points[at])) * np.uint64(0x100000001B3)
    return mix(value)


@kernel
def find_first(hashes: NDArray[np.uint64], count: int) -> NDArray[np.int32]:
    """For each of the first `count` hashes the index where the same one stood first."""
    size = 16
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int32)
    first = np.empty(count, np.int32)
    for at in range(count):
        slot = np.int64(hashes[at] & np.uint64(size - 1))
        while table[slot] >= 0 and hashes[table[slot]] != hashes[at]:
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = at
        first[at] = table[slot]
    return first


@kernel
def repeated_sizes(
    hashes: NDArray[np.uint64], sizes: NDArray[np.int32], count: int
) -> tuple[int, int]:
    """How many items repeat an earlier one, and the sum of their sizes."""
    first = find_first(hashes, count)
    repeats, size = 0, 0
    for at in range(count):
        if first[at] != at:
            repeats += 1
            size += sizes[at]
    return repeats, size


@kernel
def _top_chars(first: NDArray[np.int32], sizes: NDArray[np.int32], gram: int) -> int:
    """Characters in the most frequent n-gram; of equally frequent ones the longest counts."""
    counts = np.zeros(first.size, np.int32)
    for at in range(first.size):
        counts[first[at]] += 1
    frequency, chars = 1, 0
    for at in range(first.size):
        if counts[at] > 1 and counts[at] >= frequency:
            size = 0
            for word in range(at, at + gram):
                size += sizes[word]
            if counts[at] > frequency or size > chars:
                frequency, chars = counts[at], size
    return frequency * chars


@kernel
def _repeated_chars(
    first: NDArray[np.int32], sizes: NDArray[np.int32], gram: int
) -> tuple[int, int]:
    """How many n-grams repeat an earlier one, and the characters they cover, each once."""
    repeats, chars, covered = 0, 0, 0
    for at in range(first.size):
        if first[at] != at:
            repeats += 1
            for word in range(max(at, covered), at + gram):
                chars += sizes[word]
            covered = at + gram
    return repeats, chars


@kernel
def gram_chars(
    words: NDArray[np.uint64], sizes: NDArray[np.int32], count: int
) -> NDArray[np.int64]:
    """Characters of words in repeated n-grams, indexed by n from 0 to 10.

    For n up to 4 those of the most frequent n-gram, capped at all of the text's because an n-gram
    may overlap itself; above, those of every repeat of an earlier n-gram, each character once.
    """
    chars = np.zeros(LONGEST_GRAM + 1, np.int64)
    grams = words[:count].copy()
    for gram in range(2, min(LONGEST_GRAM, count - 1) + 1):
        n_grams = count - gram + 1
        for at in range(n_grams):
            grams[at] = mix(grams[at] * np.uint64(0x9E3779B97F4A7C15) + words[at + gram - 1])
        first = find_first(grams, n_grams)
        if gram <= LONGEST_TOP_GRAM:
            chars[gram] = min(sizes[:count].sum(), _top_chars(first, sizes, gram))
            continue
        repeats, chars[gram] = _repeated_chars(first, sizes, gram)
        if repeats == 0:  # a longer repeat would hold a shorter one
            break
    return chars
