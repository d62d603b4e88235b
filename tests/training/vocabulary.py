"""What words weigh: how much oftener pages have them in furniture than in the article.

Counted on the very pages that the trees learn from, the weights would look better there than they
are elsewhere; so the lines of every fold are weighed by what the other folds say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compile import kernel
from pipeline.text.line_features import MOST_BUCKETS, OWN, measure_line
from pipeline.text.line_reading import READ_BYTES, room_to_read
from pipeline.text.line_vocabulary import (
    BUCKETS,
    MOST_STEPS,
    STEP,
    weigh_buckets,
)
from pipeline.text.line_words import word_kinds

# What is added to every count, so that a word of one page tells little.
PRIOR = 1.0


@dataclass(frozen=True, slots=True)
class Listed:
    """The words of all lines as buckets: those of line k are buckets[ends[k]:ends[k + 1]]."""

    ends: np.ndarray
    buckets: np.ndarray


def list_words(data, rows) -> list[np.ndarray]:
    """The buckets of every line of a page."""
    room, found = np.empty(MOST_BUCKETS, np.int64), []
    columns, longer = np.zeros(len(OWN), np.float32), np.empty(READ_BYTES, np.uint64)
    read, table = room_to_read(), word_kinds()
    for _, start, stop in rows.tolist():
        *_, count = measure_line(data, start, stop, table, columns, longer, room, read)
        found.append(room[:count].copy())
    return found


def listed(words: Sequence[np.ndarray]) -> Listed:
    """The buckets of many lines end to end."""
    return Listed(np.cumsum([0, *map(len, words)]), np.concatenate(words))


def count_weights(words: Listed, documents, is_junk, weights, rows) -> np.ndarray:
    """The weight of every bucket, int8 in steps of STEP: log odds of pages, not of lines.

    `is_junk` is 1 for furniture, 0 for content, -1 for what counts as nothing; `weights` are what
    a page counts for; all by line. `rows` says which lines are counted.
    """
    line = np.repeat(np.arange(len(is_junk)), np.diff(words.ends))
    counts = []
    for kind in (1, 0):
        used = (rows & (is_junk == kind))[line]
        pairs = documents[line[used]] * BUCKETS + words.buckets[used]
        seen, first = np.unique(pairs, return_index=True)
        counts.append(np.bincount(seen % BUCKETS, weights[line[used]][first], BUCKETS))
    odds = np.log((counts[0] + PRIOR) / (counts[1] + PRIOR)) / STEP
    return np.clip(np.rint(odds), -MOST_STEPS, MOST_STEPS).astype(np.int8)


@kernel
def weigh_rows(x, ends, buckets, weights, rows):
    """Fill the columns of the vocabulary in some rows of x."""
    for row in range(x.shape[0]):
        if rows[row]:
            weigh_buckets(buckets[ends[row] : ends[row + 1]], weights, x[row])
