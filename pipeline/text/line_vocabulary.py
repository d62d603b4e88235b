"""What the words of a line, and the pairs they stand in, weigh: for furniture or for an article.

The weights were counted on labelled pages by tests/training/vocabulary.py. A word is known by a
bucket of its hash, so the table is small and no word of any page is kept.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import part
from pipeline.text.line_features import VOCABULARY, Features
from pipeline.text.line_words import (
    BUCKET_BITS,
    KindTable,
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


@part
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
