"""What the lines of a text have in common: words, and whole lines that stand there twice."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part
from pipeline.text.line_bits import Bytes, eight_at
from pipeline.text.line_features import (
    AGAIN,
    CHARS,
    COMPARED_LETTERS,
    ELSEWHERE,
    END,
    IN_BODY,
    MOST_BUCKETS,
    OWN,
    REPEATED,
    STOP,
    Features,
    measure_line,
)
from pipeline.text.line_reading import READ_BYTES, room_to_read
from pipeline.text.line_vocabulary import Words, weigh_buckets
from pipeline.text.line_words import OFFSET

# A line of prose, for the words that lines share with the body.
PROSE_CHARS = 80
# A line that is no prose, for the words that several of them begin with.
SHORT_CHARS = 120
# Words per line that are compared with other lines at most.
COMPARED = READ_BYTES // COMPARED_LETTERS
BUCKETS = 1 << 12
HASHED_BYTES = 120
# One in each of eight bytes.
EACH, HALF = np.uint64(0x0101_0101_0101_0101), np.uint64(32)
SHIFT = np.uint64(20)
SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Compared(NamedTuple):
    """What is compared of lines: hashes of their longer words, of their first, and of themselves.

    The longer words of line k are words[ends[k]:ends[k + 1]].
    """

    words: NDArray[np.uint64]
    ends: NDArray[np.int64]
    firsts: NDArray[np.uint64]
    lines: NDArray[np.uint64]


@kernel
def measure_lines(
    data: Bytes,
    lines: NDArray[np.int64],
    words: Words,
    columns: int,
) -> tuple[Features, Compared]:
    """One row per line of `lines` (number, start, end), what it is by itself filled in.

    Beside it what `share_lines` compares: neither changes where other lines go.
    """
    count = lines.shape[0]
    features = np.zeros((count, columns), np.float32)
    longer = np.empty((data.size // (COMPARED_LETTERS + 1)) + count + COMPARED, np.uint64)
    ends = np.zeros(count + 1, np.int64)
    firsts, buckets = np.zeros(count, np.uint64), np.empty(MOST_BUCKETS, np.int64)
    read = room_to_read()
    for row in range(count):
        room = longer[ends[row] : ends[row] + COMPARED]
        stored, firsts[row], listed = measure_line(
            data, lines[row, 1], lines[row, 2], words[0], features[row], room, buckets, read
        )
        ends[row + 1] = ends[row] + stored
        weigh_buckets(buckets[:listed], words[1], features[row])
    hashes = np.empty(count, np.uint64)
    _hash_lines(data, lines, hashes)
    return features, Compared(longer, ends, firsts, hashes)


@kernel
def without_lines(
    features: Features, compared: Compared, kept: NDArray[np.int64]
) -> tuple[Features, Compared]:
    """What `measure_lines` says of the lines whose rows are kept."""
    rows = np.zeros((kept.size, features.shape[1]), np.float32)
    words = np.empty(compared.ends[compared.ends.size - 1], np.uint64)
    ends = np.zeros(kept.size + 1, np.int64)
    for row in range(kept.size):
        rows[row, : len(OWN)] = features[kept[row], : len(OWN)]
        start, stop = compared.ends[kept[row]], compared.ends[kept[row] + 1]
        ends[row + 1] = ends[row] + stop - start
        words[ends[row] : ends[row + 1]] = compared.words[start:stop]
    return rows, Compared(words, ends, compared.firsts[kept], compared.lines[kept])


@kernel
def share_lines(features: Features, compared: Compared) -> None:
    """Fill in what a line has in common with the others."""
    _compare_words(features, compared.words, compared.ends)
    _count_repeats(compared.lines, features, REPEATED)
    firsts = compared.firsts.copy()
    for row in range(firsts.size):
        if features[row, CHARS] >= SHORT_CHARS or features[row, END] == STOP:
            firsts[row] = row
    _count_repeats(firsts, features, AGAIN)


@kernel
def _compare_words(features: Features, words: NDArray[np.uint64], ends: NDArray[np.int64]) -> None:
    """Shares of a line's longer words that other lines have, and that lines of prose have."""
    lines, prose = np.zeros(BUCKETS, np.uint8), np.zeros(BUCKETS, np.uint8)
    seen = np.full(BUCKETS, -1, np.int32)
    _fill_shares(features, words, ends, lines, prose, seen)


@part
def _fill_shares(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    features: Features,
    words: NDArray[np.uint64],
    ends: NDArray[np.int64],
    lines: NDArray[np.uint8],
    prose: NDArray[np.uint8],
    seen: NDArray[np.int32],
) -> None:
    for row in range(features.shape[0]):
        of_prose = _is_prose(features[row])
        for at in range(ends[row], ends[row + 1]):
            bucket = np.int64(words[at] >> SHIFT) & (BUCKETS - 1)
            if seen[bucket] != row:
                seen[bucket] = row
                lines[bucket] = min(lines[bucket] + 1, 250)
                prose[bucket] = min(prose[bucket] + of_prose, 250)
    for row in range(features.shape[0]):
        count, enough = ends[row + 1] - ends[row], 1 + _is_prose(features[row])
        elsewhere = in_body = 0
        for at in range(ends[row], ends[row + 1]):
            bucket = np.int64(words[at] >> SHIFT) & (BUCKETS - 1)
            elsewhere += lines[bucket] >= 2
            in_body += prose[bucket] >= enough
        features[row, ELSEWHERE] = elsewhere / count if count else -1
        features[row, IN_BODY] = in_body / count if count else -1


@part
def _is_prose(x: Features) -> bool:
    return bool(x[CHARS] >= PROSE_CHARS and x[END] == STOP)


@part
def _hash_lines(data: Bytes, lines: NDArray[np.int64], hashes: NDArray[np.uint64]) -> None:
    """The size of a line and its beginning, in which capitals count as small, eight at once."""
    for row in range(lines.shape[0]):
        size, at = lines[row, 2] - lines[row, 1], lines[row, 1]
        value, end = OFFSET ^ np.uint64(size), at + min(size, HASHED_BYTES)
        while at < end:
            eight = np.uint64(0)
            if at + 8 <= data.size:
                eight = eight_at(data, at)
                if end - at < 8:
                    eight &= (np.uint64(1) << np.uint64(8 * (end - at))) - np.uint64(1)
            else:
                for k in range(end - at):
                    eight |= np.uint64(data[at + k]) << np.uint64(8 * k)
            value = (value ^ _in_lower_case(eight)) * SPREAD
            value, at = value ^ (value >> HALF), at + 8
        hashes[row] = value


@kernel
def _in_lower_case(eight: np.uint64) -> np.uint64:
    """Eight bytes, of which capitals of ASCII are made small."""
    low = eight & (EACH * np.uint64(0x7F))
    from_a, beyond_z = low + EACH * np.uint64(0x80 - 65), low + EACH * np.uint64(0x80 - 91)
    return eight | ((from_a & ~beyond_z & ~eight & (EACH * np.uint64(0x80))) >> np.uint64(2))


@kernel
def _count_repeats(hashes: NDArray[np.uint64], features: Features, column: int) -> None:
    """How many rows have the same hash, at most 9."""
    bits = 2
    while 1 << bits < 2 * hashes.size:
        bits += 1
    # By open addressing: the first row of each hash.
    rows, mask = np.full(1 << bits, -1, np.int32), (1 << bits) - 1
    same, counts = np.empty(hashes.size, np.int64), np.zeros(hashes.size, np.int64)
    for row in range(hashes.size):
        at = np.int64((hashes[row] * SPREAD) >> np.uint64(64 - bits))
        while rows[at] >= 0 and hashes[rows[at]] != hashes[row]:
            at = (at + 1) & mask
        if rows[at] < 0:
            rows[at] = row
        same[row] = rows[at]
        counts[rows[at]] += 1
    for row in range(hashes.size):
        features[row, column] = min(counts[same[row]], 9)
