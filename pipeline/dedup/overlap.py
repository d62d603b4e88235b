"""Exact overlap: how many shingles two documents share. This decides; MinHash only proposes."""

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.dedup.sketches import ShingleSets

Rows = npt.NDArray[np.int64]


@kernel
def count_shared(some: ShingleSets, left: Rows, others: ShingleSets, right: Rows) -> Rows:
    """For each pair, set left[k] of `some` and right[k] of `others`, the shingles of both."""
    shared = np.empty(left.size, np.int64)
    for k in range(left.size):
        a, a_end = some.starts[left[k]], some.ends[left[k]]
        b, b_end = others.starts[right[k]], others.ends[right[k]]
        found = 0
        # Without a branch on which side is less: which one it is cannot be predicted.
        while a < a_end and b < b_end:
            x, y = some.shingles[a], others.shingles[b]
            found += x == y
            a += x <= y
            b += y <= x
        shared[k] = found
    return shared
