"""From bucket keys to candidate pairs, in time that grows with the documents and never faster.

In every bucket each document is paired with the first `head` members only. Documents are spoken of
by their rank in canonical order, so which pairs come out depends on content alone. A pair is one
number, the lesser rank in its upper half.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel
from pipeline.dedup.tokens import ONE, U32, Hashes, finish

Ranks = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

U63 = np.uint64(63)
SIX = np.uint64(6)


@dataclass(frozen=True, slots=True)
class Entries:
    """Which document has which key; keys are those of bands (uint64) or of anchors (uint32)."""

    keys: npt.NDArray[np.unsignedinteger]
    numbers: npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Shard:
    """The entries whose keys begin alike: those that were there, and those of new documents.

    Both in runs of which each ascends by key.
    """

    stored: list[Entries]
    added: list[Entries]


@kernel
def find_shared(keys: Hashes, bits: int) -> Mask:
    """Which keys may occur more than once; all that do are among them.

    Counts to two in 2**bits slots: that most keys occur once is seen without sorting them.
    """
    words = 1 << max(bits - 6, 0)
    once = np.zeros(words, np.uint64)
    twice = np.zeros(words, np.uint64)
    shift = np.uint64(64 - max(bits, 6))
    for k in range(keys.size):
        slot = finish(keys[k]) >> shift
        word, bit = slot >> SIX, ONE << (slot & U63)
        twice[word] |= once[word] & bit
        once[word] |= bit
    shared = np.empty(keys.size, np.bool_)
    for k in range(keys.size):
        slot = finish(keys[k]) >> shift
        shared[k] = (twice[slot >> SIX] >> (slot & U63)) & ONE != 0
    return shared


@kernel
def find_equal(keys: Hashes, wanted: Hashes) -> Counts:
    """Where in `keys` those stand that are among `wanted`; both ascend, as does what is found."""
    found = np.empty(2 * wanted.size + 16, np.int64)
    used, at = 0, 0
    for key in wanted:
        step = 1
        while at + step < keys.size and keys[at + step] < key:
            at += step
            step *= 2
        end = min(at + step + 1, keys.size)
        while at < end:
            middle = (at + end) // 2
            if keys[middle] < key:
                at = middle + 1
            else:
                end = middle
        while at < keys.size and keys[at] == key:
            if used == found.size:
                grown = np.empty(2 * used, np.int64)
                grown[:used] = found
                found = grown
            found[used] = at
            used += 1
            at += 1
    return found[:used].copy()


@kernel
def find_marked(members: Ranks, marked: Mask) -> Mask:
    """Which members are marked; a mask by member."""
    found = np.empty(members.size, np.bool_)
    for k in range(members.size):
        found[k] = marked[members[k]]
    return found


@kernel
def tidy_bucket(members: Ranks) -> int:
    """Sort a bucket's members in place, each of them once; how many are left."""
    members.sort()
    kept = 0
    for k in range(members.size):
        if k == 0 or members[k] != members[kept - 1]:
            members[kept] = members[k]
            kept += 1
    return kept


@kernel
def count_compared(size: int, head: int) -> int:
    """Pairs that a bucket of `size` members gives."""
    within = min(size, head)
    return within * (within - 1) // 2 + (size - within) * head


@kernel
def pair_buckets(keys: Hashes, members: Ranks, head: int) -> tuple[Hashes, int]:
    """Pairs of members with equal keys, and how many pairs `head` left out; `keys` is sorted.

    Buckets of `members` are sorted in place. A pair comes out once for each bucket it shares.
    """
    pairs = np.empty(keys.size * 2 + 16, np.uint64)
    used, left_out, start = 0, 0, 0
    for end in range(1, keys.size + 1):
        if end < keys.size and keys[end] == keys[start]:
            continue
        bucket = members[start:end]
        start = end
        if bucket.size < 2:
            continue
        size = tidy_bucket(bucket)
        compared = count_compared(size, head)
        left_out += size * (size - 1) // 2 - compared
        if used + compared > pairs.size:
            grown = np.empty(2 * pairs.size + compared, np.uint64)
            grown[:used] = pairs[:used]
            pairs = grown
        for k in range(1, size):
            for first in range(min(k, head)):
                pairs[used] = np.uint64(bucket[first]) << U32 | np.uint64(bucket[k])
                used += 1
    return pairs[:used].copy(), left_out


def propose(keys: Hashes, members: Ranks, head: int) -> tuple[Hashes, int]:
    """Every pair that shares a key, as often as it does, and how many pairs were left out."""
    # To load kernels for another width costs more than to widen the keys.
    keys = keys.astype(np.uint64, copy=False)
    shared = find_shared(keys, slot_bits(len(keys)))
    keys, members = keys[shared], members[shared]
    order = np.argsort(keys)
    return pair_buckets(keys[order], members[order], head)


def slot_bits(count: int) -> int:
    """Bits of a table of about eight slots for each of so many keys."""
    return max(6, int(8 * count).bit_length())


def count_pairs(found: list[Hashes]) -> tuple[Hashes, Counts]:
    """The distinct pairs in ascending order, and how often each comes up."""
    together = np.concatenate(found) if found else np.zeros(0, np.uint64)
    together.sort()
    starts = np.flatnonzero(np.append(True, together[1:] != together[:-1])[: len(together)])
    return together[starts], np.diff(np.append(starts, len(together)))


def add_up(parts: list[tuple[Hashes, Counts]]) -> tuple[Hashes, Counts]:
    """The distinct pairs of all parts in ascending order with the sum of their counts, if any."""
    pairs = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    order = np.argsort(pairs)
    pairs, counts = pairs[order], counts[order]
    starts = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    if len(starts) == 0:
        return pairs, counts
    sums = np.add.reduceat(counts, starts)
    left = sums != 0
    return pairs[starts[left]], sums[left]
