"""From word hashes to the distinct shingles of a document, and to the few that anchor it.

A shingle is the 32-bit hash of a window of words. A document with fewer words than a window has
one shingle, of all its words: it is compared exactly and never left out.
"""

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.dedup.tokens import FINISHER, MULTIPLIER, U29, U32, Hashes, finish

Shingles = npt.NDArray[np.uint32]

MAX_WINDOW = 16
U20 = np.uint64(20)
STAMP_SHIFT = np.uint64(32)
LOW_32 = np.uint64(0xFFFFFFFF)
ALL_64 = np.uint64(0xFFFFFFFFFFFFFFFF)
# One odd factor for each place in a window, so that the order of words counts.
PLACES = np.random.RandomState(0x5A17).randint(0, 1 << 63, MAX_WINDOW, np.uint64) * np.uint64(
    2
) + np.uint64(1)


@kernel
def hash_windows(words: Hashes, count: int, width: int, out: Hashes) -> int:
    """Write the hash of every window of `width` words (of all, where there are fewer); how many."""
    if count == 0:
        return 0
    width = min(width, count)
    windows = count - width + 1
    factor = PLACES[0]
    for k in range(windows):
        out[k] = words[k] * factor
    for place in range(1, width):
        factor = PLACES[place]
        # A slice of its own keeps negative indices out of the loop, which then becomes vectors.
        shifted = words[place : place + windows]
        for k in range(windows):
            out[k] += shifted[k] * factor
    return windows


@kernel
def keep_distinct(
    windows: Hashes, count: int, table: Hashes, stamp: np.uint64, out: Shingles
) -> int:
    """Write each shingle of the windows once, in order of first sight; how many there are.

    `table` has a power of two of slots, at least four times `count` so that few collide, and may
    hold anything from calls with other stamps.
    """
    slots = np.int64(4)
    while slots < 4 * count:
        slots *= 2
    mask = np.uint64(slots - 1)
    mark = stamp << STAMP_SHIFT
    kept = 0
    for k in range(count):
        h = windows[k]
        shingle = ((h ^ (h >> U29)) >> U20) & LOW_32
        entry = mark | shingle
        slot = shingle & mask
        while table[slot] >> STAMP_SHIFT == stamp and table[slot] != entry:
            slot = (slot + np.uint64(1)) & mask
        # Written in any case, and only counted where it is new: nothing to predict wrongly.
        out[kept] = np.uint32(shingle)
        kept += table[slot] != entry
        table[slot] = entry
    return kept


@kernel
def sample_anchors(windows: Hashes, count: int, share: int, out: Shingles) -> int:
    """Write every window whose hash says so, about one in `share`; how many, repeats included.

    What is sampled depends on the words of the window alone, so two documents that share a passage
    sample the same windows of it.
    """
    limit = ALL_64 // np.uint64(share)
    kept = 0
    for k in range(count):
        h = windows[k] * FINISHER
        if h <= limit:
            out[kept] = np.uint32(finish(h) & LOW_32)
            kept += 1
    return kept


@kernel
def chain(words: Hashes, count: int) -> np.uint64:
    """64-bit hash of the words in their order."""
    h = np.uint64(count)
    for k in range(count):
        h = (h ^ words[k]) * MULTIPLIER
        h ^= h >> U32
    return finish(h)
