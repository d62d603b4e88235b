"""What the words of a line, and the pairs they stand in, weigh: for furniture or for an article.

The weights were counted on labelled pages by tests/training/vocabulary.py. A word is known by a
bucket of its hash, so the table is small and no word of any page is kept.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.line_features import READ_BYTES, VOCABULARY, Bytes, Features
from pipeline.text.line_words import (
    BUCKET_BITS,
    EDGE,
    NUMBER,
    OFFSET,
    PRIME,
    KindTable,
    bucket_of,
    bucket_of_pair,
)

Weights = NDArray[np.int8]
# What is known of single words: their kinds, and what they weigh.
Words = tuple[KindTable, Weights]

# Buckets, and the part of a log odds that one step of a weight is.
BUCKETS = 1 << BUCKET_BITS
STEP = 1 / 16
MOST_STEPS = 127
# A sum is that of a line of some length, or long lines would differ from short ones alone.
MOST_SUM = 15.0


@kernel
def weigh_buckets(buckets: NDArray[np.int64], weights: Weights, x: Features) -> None:
    """Fill the columns of a line: mean, sum, most and least of what its words and pairs weigh."""
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
    `buckets` must have room for MOST_BUCKETS. `measure_line` lists the same on its way.
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
            buckets[count], buckets[count + 1] = bucket_of(value), bucket_of_pair(before, value)
            count, words, size = count + 2, words + 1, 0
            before, value, in_number = value, OFFSET, False
    if words:
        buckets[count] = bucket_of_pair(before, EDGE)
        count += 1
    return count
