"""Exact overlap: how many shingles two documents share. This decides; MinHash only proposes."""

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.dedup.sketches import ShingleSets

Rows = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint32]


@kernel
def count_shared(sets: ShingleSets, left: Rows, right: Rows) -> Counts:
    """For each pair of rows of `sets`, the number of shingles that both have."""
    shared = np.empty(left.size, np.uint32)
    shingles = sets.shingles
    for k in range(left.size):
        a, a_end = sets.starts[left[k]], sets.ends[left[k]]
        b, b_end = sets.starts[right[k]], sets.ends[right[k]]
        found = 0
        # Without a branch on which side is less: which one it is cannot be predicted.
        while a < a_end and b < b_end:
            x, y = shingles[a], shingles[b]
            found += x == y
            a += x <= y
            b += y <= x
        shared[k] = found
    return shared
