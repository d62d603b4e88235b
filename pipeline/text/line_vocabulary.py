"""What the words of a line, and the pairs they stand in, weigh: for furniture or for an article.

The weights were counted on labelled pages by tests/training/vocabulary.py. A word is known by a
bucket of its hash, so the table is small and no word of any page is kept.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_features import READ_BYTES, VOCABULARY, Bytes, Features
from pipeline.text.line_words import OFFSET, PRIME

Weights = NDArray[np.int8]

# Buckets, and the part of a log odds that one step of a weight is.
BUCKET_BITS = 15
BUCKETS = 1 << BUCKET_BITS
STEP = 1 / 16
MOST_STEPS = 127
MASK, DROPPED = np.uint64(BUCKETS - 1), np.uint64(64 - BUCKET_BITS)
# All numbers are one word.
NUMBER = np.uint64(35)
# What a pair is hashed with, and what the edges of a line are taken for.
PAIR, EDGE = np.uint64(31), np.uint64(0x9E3779B97F4A7C15)
# A line has at most this many words, and as many pairs and one more.
MOST_BUCKETS = READ_BYTES + 2
# A sum is that of a line of some length, or long lines would differ from short ones alone.
MOST_SUM = 15.0


@kernel
def weigh_lines(data: Bytes, lines: NDArray[np.int64], weights: Weights, x: Features) -> None:
    """Fill the columns of the vocabulary: mean, sum, most and least of what words weigh."""
    buckets = np.empty(MOST_BUCKETS, np.int64)
    for row in range(lines.shape[0]):
        count = list_buckets(data, lines[row, 1], lines[row, 2], buckets)
        weigh_buckets(buckets[:count], weights, x[row])


@kernel
def weigh_buckets(buckets: NDArray[np.int64], weights: Weights, x: Features) -> None:
    """Fill the columns of one line."""
    total, most, least = 0, -MOST_STEPS, MOST_STEPS
    for bucket in buckets:
        weight = int(weights[bucket])
        total += weight
        most, least = max(most, weight), min(least, weight)
    if buckets.size:
        x[VOCABULARY] = total * STEP / buckets.size
        x[VOCABULARY + 1] = min(max(total * STEP, -MOST_SUM), MOST_SUM)
        x[VOCABULARY + 2], x[VOCABULARY + 3] = most * STEP, least * STEP


@kernel
def list_buckets(data: Bytes, start: int, stop: int, buckets: NDArray[np.int64]) -> int:
    """Write the buckets of a line's words and pairs of words, and return how many there are.

    Letters count in lower case, whatever is not ASCII as part of a word, a number as any other.
    `buckets` must have room for MOST_BUCKETS.
    """
    count = words = size = 0
    value, before, in_number = OFFSET, EDGE, False
    end = min(stop, start + READ_BYTES)
    for at in range(start, end + 1):
        byte = int(data[at]) if at < end else 32
        digit, great = 48 <= byte <= 57, 65 <= byte <= 90
        if digit or great or 97 <= byte <= 122 or byte >= 0x80:
            if not (digit and in_number):
                letter = NUMBER if digit else np.uint64(byte + 32 if great else byte)
                value = (value ^ letter) * PRIME
            in_number = digit
            size += 1
        elif size:
            buckets[count] = _bucket(value)
            buckets[count + 1] = _bucket((before * PAIR ^ value) * PRIME)
            count, words, size = count + 2, words + 1, 0
            before, value, in_number = value, OFFSET, False
    if words:
        buckets[count] = _bucket((before * PAIR ^ EDGE) * PRIME)
        count += 1
    return count


@kernel
def _bucket(value: np.uint64) -> np.int64:
    return np.int64((value * EDGE) >> DROPPED)
