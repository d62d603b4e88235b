"""What the lines of a text have in common: words, and whole lines that stand there twice."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_features import (
    AGAIN,
    CHARS,
    COMPARED_LETTERS,
    ELSEWHERE,
    END,
    IN_BODY,
    READ_BYTES,
    REPEATED,
    STOP,
    Bytes,
    Features,
    measure_line,
)
from pipeline.text.line_words import OFFSET, PRIME

# A line of prose, for the words that lines share with the body.
PROSE_CHARS = 100
# A line that is no prose, for the words that several of them begin with.
SHORT_CHARS = 120
# Words per line that are compared with other lines at most.
COMPARED = READ_BYTES // COMPARED_LETTERS
BUCKETS = 1 << 12
HASHED_BYTES = 120
SHIFT = np.uint64(20)


@kernel
def measure_lines(
    data: Bytes,
    lines: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    kinds: NDArray[np.uint16],
    columns: int,
) -> Features:
    """One row per line of `lines` (number, start, end), its own columns filled."""
    count = lines.shape[0]
    features = np.zeros((count, columns), np.float32)
    words = np.empty((data.size // (COMPARED_LETTERS + 1)) + count + COMPARED, np.uint64)
    ends = np.zeros(count + 1, np.int64)
    firsts = np.zeros(count, np.uint64)
    for row in range(count):
        room = words[ends[row] : ends[row] + COMPARED]
        stored, firsts[row] = measure_line(
            data, lines[row, 1], lines[row, 2], (hashes, kinds), features[row], room
        )
        ends[row + 1] = ends[row] + stored
    _compare_words(features, words, ends)
    _count_repeats(_hash_lines(data, lines), features, REPEATED)
    for row in range(count):
        if features[row, CHARS] >= SHORT_CHARS or features[row, END] == STOP:
            firsts[row] = row
    _count_repeats(firsts, features, AGAIN)
    return features


@kernel
def _compare_words(features: Features, words: NDArray[np.uint64], ends: NDArray[np.int64]) -> None:
    """Shares of a line's longer words that other lines have, and that lines of prose have."""
    lines, prose = np.zeros(BUCKETS, np.uint8), np.zeros(BUCKETS, np.uint8)
    seen = np.full(BUCKETS, -1, np.int32)
    for row in range(features.shape[0]):
        for at in range(ends[row], ends[row + 1]):
            bucket = np.int64(words[at] >> SHIFT) & (BUCKETS - 1)
            if seen[bucket] != row:
                seen[bucket] = row
                lines[bucket] = min(lines[bucket] + 1, 250)
                prose[bucket] = min(prose[bucket] + _is_prose(features[row]), 250)
    for row in range(features.shape[0]):
        count = ends[row + 1] - ends[row]
        elsewhere = in_body = 0
        for at in range(ends[row], ends[row + 1]):
            bucket = np.int64(words[at] >> SHIFT) & (BUCKETS - 1)
            elsewhere += lines[bucket] >= 2
            in_body += prose[bucket] >= 1 + _is_prose(features[row])
        features[row, ELSEWHERE] = elsewhere / count if count else -1
        features[row, IN_BODY] = in_body / count if count else -1


@kernel
def _is_prose(x: Features) -> bool:
    return bool(x[CHARS] >= PROSE_CHARS and x[END] == STOP)


@kernel
def _hash_lines(data: Bytes, lines: NDArray[np.int64]) -> NDArray[np.uint64]:
    hashes = np.empty(lines.shape[0], np.uint64)
    for row in range(lines.shape[0]):
        value = OFFSET ^ np.uint64(lines[row, 2] - lines[row, 1])
        for at in range(lines[row, 1], min(lines[row, 2], lines[row, 1] + HASHED_BYTES)):
            byte = int(data[at])
            value = (value ^ np.uint64(byte + 32 if 65 <= byte <= 90 else byte)) * PRIME
        hashes[row] = value
    return hashes


@kernel
def _count_repeats(hashes: NDArray[np.uint64], features: Features, column: int) -> None:
    """How many rows have the same hash, at most 9."""
    order = np.argsort(hashes)
    first = 0
    while first < order.size:
        end = first
        while end < order.size and hashes[order[end]] == hashes[order[first]]:
            end += 1
        for at in range(first, end):
            features[order[at], column] = min(end - first, 9)
        first = end
